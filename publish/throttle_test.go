package publish

import (
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
	"waitboard/readings"
)

// A flood of pushes is folded: the first appears at once, then the newest every 100 ms, and the last one in the end.
func TestFloodIsFolded(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("support", metric("m")), widget("other", metric("o")))
		time.Sleep(time.Second)
		push := func(n int) {
			p.Readings().Push("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(float64(n)))})
		}
		shown := func() string { page, _ := p.Page("support"); return page.Snapshot.Metrics[0].Text }
		push(1)
		if shown() != "1" {
			t.Errorf("%s is shown at first", shown())
		}
		before := p.Version()
		for n := range 1000 {
			push(n)
			time.Sleep(time.Millisecond)
		}
		if rendered := p.Version() - before; rendered < 9 || rendered > 10 {
			t.Errorf("rendered %d times in a second", rendered)
		}
		push(7)
		time.Sleep(foldEvery)
		synctest.Wait()
		if shown() != "7" {
			t.Errorf("%s is shown in the end", shown())
		}
		before = p.Version()
		time.Sleep(time.Minute / 2)
		synctest.Wait()
		if rendered := p.Version() - before; rendered != 0 {
			t.Errorf("rendered %d times without a change", rendered)
		}
	})
}

// Folding delays nothing else: a snapshot turns stale on time, and the readings of a poll appear at once.
func TestFoldingDelaysNothingElse(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("support", metric("m")))
		o := confirmed(domain.CountOf(1))
		p.Readings().Apply("hq", map[string]domain.Observation{"m": o})
		time.Sleep(45*time.Second - 52*time.Millisecond)
		for range 40 { // around the instant at which the snapshot turns stale
			p.Readings().Push("hq", map[string]domain.Observation{"m": o})
			time.Sleep(5 * time.Millisecond)
			page, _ := p.Page("support")
			if stale := time.Since(o.Confirmed) >= 45*time.Second; page.Snapshot.Stale != stale {
				t.Errorf("stale %v, %v after it was confirmed", page.Snapshot.Stale, time.Since(o.Confirmed))
			}
		}
		p.Readings().Push("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(2))})
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(3))})
		if page, _ := p.Page("support"); page.Snapshot.Metrics[0].Text != "3" || page.Snapshot.Stale {
			t.Errorf("after a poll: %+v", page.Snapshot)
		}
	})
}

// A widget that is removed during a fold does not come back.
func TestRemovedDuringFold(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("support", metric("m")))
		for n := range 5 {
			p.Readings().Push("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(float64(n)))})
		}
		p.Replace([]domain.Widget{widget("other", metric("m"))})
		time.Sleep(time.Second)
		synctest.Wait()
		if _, ok := p.Page("support"); ok {
			t.Error("the removed widget is back")
		}
		if page, _ := p.Page("other"); page.Snapshot.Metrics[0].Text != "4" {
			t.Errorf("the new widget with the ID shows %+v", page.Snapshot.Metrics[0])
		}
	})
}

// BenchmarkPush compares a push, which is folded, with a poll of the same reading, which appears at once.
func BenchmarkPush(b *testing.B) {
	for name, take := range map[string]func(*readings.Store, string, map[string]domain.Observation){"push": (*readings.Store).Push, "apply": (*readings.Store).Apply} {
		b.Run(name, func(b *testing.B) {
			publisher := New(Options{Widgets: []domain.Widget{widget("support", metric("m"))}, Now: time.Now})
			defer publisher.Close()
			var all []map[string]domain.Observation
			for n := range 100 {
				all = append(all, map[string]domain.Observation{"m": confirmed(domain.CountOf(float64(n)))})
			}
			for n := 0; b.Loop(); n++ {
				take(publisher.Readings(), "hq", all[n%100])
			}
		})
	}
}
