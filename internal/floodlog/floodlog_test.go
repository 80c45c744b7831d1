package floodlog

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestLog(t *testing.T) {
	var out strings.Builder
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	drop := func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	l := New(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: drop})), func() time.Time { return now }, "rejected")
	for range 1000 {
		l.Add(slog.LevelWarn, "token", slog.String("from", "a"))
	}
	now = now.Add(30 * time.Second)
	l.Add(slog.LevelWarn, "http2")
	now = now.Add(30 * time.Second)
	l.Add(slog.LevelWarn, "token", slog.String("from", "b"))
	l.Add(slog.LevelWarn, "token", slog.String("from", "c"))
	want := `level=WARN msg=rejected kind=token count=1 from=a
level=WARN msg=rejected kind=http2 count=1
level=WARN msg=rejected kind=token count=1000 from=b
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s", got)
	}
}
