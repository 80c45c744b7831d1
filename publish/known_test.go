package publish

import (
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/readings"
)

// A publisher shows at once what the store holds already.
func TestBeginsWithTheStoresReadings(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		store := readings.New(time.Now)
		store.Set(map[domain.Ref]domain.Observation{{Source: "hq", Metric: "m"}: known(domain.CountOf(3))})
		b := New(Options{Widgets: []domain.Widget{widget("w", metric("m"), metric("n"))}, Readings: store, Now: time.Now})
		t.Cleanup(b.Close)
		page, _ := b.Page("w")
		if got := page.Snapshot.Metrics[0].Text; page.Snapshot.State != domain.Open || got != "3" {
			t.Errorf("at once: %s, %s", page.Snapshot.State, got)
		}
		store.Apply("hq", map[string]domain.Observation{"m": known(domain.CountOf(4))})
		if page, _ := b.Page("w"); page.Snapshot.Metrics[0].Text != "4" {
			t.Errorf("after a change: %+v", page.Snapshot.Metrics[0])
		}
	})
}
