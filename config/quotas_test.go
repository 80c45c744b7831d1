package config

import (
	"testing"
	"time"
)

// The default limit allows an office of 500 open pages, whatever the interval of the sources.
func TestDefaultRateLimit(t *testing.T) {
	tests := []struct {
		sources string
		want    int
	}{
		{"a: {url: http://a.example.com, key_env: KEY}", 3000},
		{"a: {url: http://a.example.com, key_env: KEY, interval: 1m}", 3000},
		{"a: {url: http://a.example.com, key_env: KEY, interval: 5s}\n  b: {url: http://b.example.com, key_env: KEY}", 6000},
		{"a: {url: http://a.example.com, key_env: KEY, interval: 100ms}", 10_000},
	}
	for _, test := range tests {
		c, err := Parse("waitboard.yaml", []byte("sources:\n  "+test.sources+"\nwidgets: {w: {metrics: {m: {source: a, metric: x}}}}\n"), func(string) (string, bool) { return "a-key", true })
		if err != nil {
			t.Fatal(err)
		}
		if want := (RateLimit{Requests: test.want, Per: time.Minute, SparePrivate: true}); c.RateLimit != want {
			t.Errorf("%s: %+v", test.sources, c.RateLimit)
		}
	}
}
