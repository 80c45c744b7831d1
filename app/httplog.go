package app

import (
	"bytes"
	"log/slog"
	"regexp"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/internal/floodlog"
)

// An httpLog takes the messages of net/http. Strangers cause most of them, at any rate: it counts them by kind, and logs at most one a minute
// of each. It removes the addresses of visitors, which are never logged.
type httpLog struct {
	total *prometheus.CounterVec
	log   *floodlog.Log
}

// newHTTPLog registers the counter of messages.
func newHTTPLog(log *slog.Logger, metrics prometheus.Registerer) *httpLog {
	l := &httpLog{log: floodlog.New(log, time.Now, "connection error"), total: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waitboard_connection_errors_total",
		Help: "Errors of connections to the listeners, by kind: tls (failed handshakes), http2 (invalid frames), accept (no file descriptor left), panic, or other.",
	}, []string{"kind"})}
	metrics.MustRegister(l.total)
	return l
}

// httpErrors are the kinds of messages, by the text that they contain. Scanners cause failed handshakes all the time.
var httpErrors = []struct {
	text, kind string
	level      slog.Level
}{
	{"TLS handshake error", "tls", slog.LevelDebug},
	{"panic serving", "panic", slog.LevelError},
	{"http2:", "http2", slog.LevelWarn},
	{"Accept error", "accept", slog.LevelWarn},
	{"", "other", slog.LevelWarn},
}

var visitorAddress = regexp.MustCompile(`(\[[0-9a-fA-F:.%\w]+\]|\d+\.\d+\.\d+\.\d+):\d+`)

// Write takes one message.
func (l *httpLog) Write(line []byte) (int, error) {
	for _, each := range httpErrors {
		if bytes.Contains(line, []byte(each.text)) {
			l.total.WithLabelValues(each.kind).Inc()
			l.log.Add(each.level, each.kind, slog.String("last", string(visitorAddress.ReplaceAll(bytes.TrimSpace(line), []byte("[address]")))))
			break
		}
	}
	return len(line), nil
}
