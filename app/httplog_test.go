package app

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// Strangers can't fill the log, however many connections they break.
func TestHTTPLog(t *testing.T) {
	var out strings.Builder
	l := newHTTPLog(slog.New(slog.NewTextHandler(&out, nil)), prometheus.NewRegistry())
	for i := range 1000 {
		_, _ = fmt.Fprintf(l, "http: TLS handshake error from 203.0.113.9:%d: EOF\n", i)
		_, _ = fmt.Fprintf(l, "http2: server connection error from [2001:db8::1]:%d: PROTOCOL_ERROR\n", i)
	}
	_, _ = fmt.Fprint(l, "http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 5ms\n")
	_, _ = fmt.Fprint(l, "http: panic serving 203.0.113.9:1: CANARY\n")
	_, _ = fmt.Fprint(l, "http: something else\n")
	got := out.String()
	for _, part := range []string{
		`level=WARN msg="connection error" kind=http2 count=1 last="http2: server connection error from [address]: PROTOCOL_ERROR"`,
		"kind=accept count=1", "level=ERROR msg=\"connection error\" kind=panic count=1", "kind=other count=1",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("no %s in\n%s", part, got)
		}
	}
	if strings.Count(got, "\n") != 4 || strings.Contains(got, "203.0.113.9") || strings.Contains(got, "2001:db8") {
		t.Errorf("the log is\n%s", got)
	}
	for kind, want := range map[string]float64{"tls": 1000, "http2": 1000, "accept": 1, "panic": 1, "other": 1} {
		if n := testutil.ToFloat64(l.total.WithLabelValues(kind)); n != want {
			t.Errorf("%s: %v", kind, n)
		}
	}
}
