package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A client that comes from another replica never sees less than it has seen there.
func TestCatchUp(t *testing.T) {
	const one, list, events = "/v1/widgets/support", "/v1/widgets?id=support&id=partner", "/v1/widgets/support/events"
	other := newFixture(t)
	other.clock.advance(time.Second)
	other.observe("support", 4)
	seen := func(path string) string { return other.do(http.MethodGet, path).Header.Get("Etag") }
	own := newFixture(t)
	for _, test := range []struct {
		name, path, header, value string
		want                      []string
	}{
		{"one", one, "If-None-Match", seen(one), []string{"support"}},
		{"one, unconditional", one, "", "", nil},
		{"one, its own", one, "If-None-Match", own.do(http.MethodGet, one).Header.Get("Etag"), nil},
		{"list", list, "If-None-Match", seen(list), []string{"support", "partner"}},
		{"list, compressed", list, "If-None-Match", `W/` + seen(list)[:len(seen(list))-1] + `-gzip"`, []string{"support", "partner"}},
		{"list, its own", list, "If-None-Match", own.do(http.MethodGet, list).Header.Get("Etag"), nil},
		{"list, of something else", list, "If-None-Match", `"x"`, nil},
		{"stream", events, "Last-Event-ID", "x", []string{"support"}},
		{"new stream", events, "", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStreaming(t, EventLimits{Total: 10})
			asked := make(chan []string, 1)
			s.o.CatchUp = func(_ context.Context, widgets []string) {
				asked <- widgets
				s.clock.ns.Store(other.clock.ns.Load() - int64(time.Millisecond))
				s.observe("support", 4)
			}
			s.swap(New(s.o))
			headers := []string{test.header, test.value}
			if test.header == "" {
				headers = nil
			}
			if test.path == events {
				s.follow(test.path, headers...)
			} else if resp := s.do(http.MethodGet, test.path, headers...); test.want != nil && strings.Replace(resp.Header.Get("Etag"), "-gzip", "", 1) != seen(test.path) {
				t.Errorf("the answer is %s, want %s", resp.Header.Get("Etag"), seen(test.path))
			}
			var got []string
			select {
			case got = <-asked:
			default:
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("caught up with %v, want %v", got, test.want)
			}
		})
	}
}
