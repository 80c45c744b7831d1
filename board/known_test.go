package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/wait"
)

// A board can begin with what is known already, shows it at once, and tells when there is more.
func TestBeginsWithWhatIsKnown(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		there, unused := wait.Ref{Source: "hq", Metric: "m"}, wait.Ref{Source: "hq", Metric: "unused"}
		before := known(wait.CountOf(3))
		b := New(Options{Widgets: []wait.Widget{widget("w", metric("m"), metric("n"))}, Now: time.Now,
			Known: map[wait.Ref]wait.Observation{there: before, unused: before}})
		t.Cleanup(b.Close)
		page, _ := b.Page("w")
		if got := page.Snapshot.Metrics[0].Text; page.Snapshot.State != wait.Open || got != "3" {
			t.Errorf("at once: %s, %s", page.Snapshot.State, got)
		}
		learned := func() bool {
			select {
			case <-b.Learned():
				return true
			default:
				return false
			}
		}
		if learned() {
			t.Error("what was known already is told as news")
		}
		after := known(wait.CountOf(4))
		b.Observe("hq", map[string]wait.Observation{"n": after})
		b.Push("hq", map[string]wait.Observation{"n": after})
		if !learned() || learned() {
			t.Error("news are not told, or not once")
		}
		want := map[string]map[string]wait.Observation{"hq": {"m": before, "n": after}}
		if diff := cmp.Diff(want, b.Known()); diff != "" {
			t.Error(diff)
		}
		b.Forget("hq")
		if !learned() {
			t.Error("that all is forgotten is not told")
		}
	})
}
