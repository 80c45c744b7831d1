package publish

import (
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/readings"
)

// A new publisher shows the readings that the store already has.
func TestPublisherStartsWithStoredReadings(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		store := readings.New(time.Now)
		store.Set(map[domain.Ref]domain.Observation{{Source: "hq", Metric: "m"}: confirmed(domain.CountOf(3))})
		p := New(Options{Widgets: []domain.Widget{widget("w", metric("m"), metric("n"))}, Readings: store, Now: time.Now})
		t.Cleanup(p.Close)
		page, _ := p.Page("w")
		if got := page.Snapshot.Metrics[0].Text; page.Snapshot.State != domain.Open || got != "3" {
			t.Errorf("at the start: %s, %s", page.Snapshot.State, got)
		}
		store.Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(4))})
		if page, _ := p.Page("w"); page.Snapshot.Metrics[0].Text != "4" {
			t.Errorf("after a change: %+v", page.Snapshot.Metrics[0])
		}
	})
}
