package board

import (
	"testing"
	"time"

	"waitboard/readings"
	"waitboard/wait"
)

// A board shows at once what the store holds already.
func TestBeginsWithTheStoresReadings(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		store := readings.New(map[wait.Ref]wait.Observation{{Source: "hq", Metric: "m"}: known(wait.CountOf(3))})
		b := New(Options{Widgets: []wait.Widget{widget("w", metric("m"), metric("n"))}, Readings: store, Now: time.Now})
		t.Cleanup(b.Close)
		page, _ := b.Page("w")
		if got := page.Snapshot.Metrics[0].Text; page.Snapshot.State != wait.Open || got != "3" {
			t.Errorf("at once: %s, %s", page.Snapshot.State, got)
		}
		store.Apply("hq", map[string]wait.Observation{"m": known(wait.CountOf(4))})
		if page, _ := b.Page("w"); page.Snapshot.Metrics[0].Text != "4" {
			t.Errorf("after a change: %+v", page.Snapshot.Metrics[0])
		}
	})
}
