package publish

import (
	"testing"
	"time"

	"waitboard/domain"
)

// In a process that was suspended, requests may come before late timers.
func TestCurrentAfterSuspension(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		suspended := time.Duration(0)
		p := New(Options{Widgets: []domain.Widget{widget("w", metric("m"))}, Now: func() time.Time { return time.Now().Add(suspended) }})
		defer p.Close()
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(1))})
		for _, test := range []struct {
			suspended time.Duration
			state     domain.State
			stale     bool
		}{
			{0, domain.Open, false},
			{44 * time.Second, domain.Open, false},
			{46 * time.Second, domain.Open, true},
			{6 * time.Minute, domain.Unavailable, false},
		} {
			suspended = test.suspended
			page, ok := p.Current("w")
			if !ok || page.Snapshot.State != test.state || page.Snapshot.Stale != test.stale {
				t.Errorf("after %v: %v, stale %v", suspended, page.Snapshot.State, page.Snapshot.Stale)
			}
		}
		if _, ok := p.Current("nosuch"); ok {
			t.Error("there is a page of no widget")
		}
	})
}
