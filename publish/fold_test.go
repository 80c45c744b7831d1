package publish

import (
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
	"waitboard/readings"
)

// A flood of changes is folded: the first is shown at once, then the newest every 100 ms, and the last one in the end.
func TestFloodIsFolded(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		b := newPublisher(t, widget("support", metric("m")), widget("other", metric("o")))
		time.Sleep(time.Second)
		push := func(n int) {
			b.Readings().Push("hq", map[string]domain.Observation{"m": known(domain.CountOf(float64(n)))})
		}
		shown := func() string { page, _ := b.Page("support"); return page.Snapshot.Metrics[0].Text }
		push(1)
		if shown() != "1" {
			t.Errorf("%s is shown at first", shown())
		}
		before := b.Version()
		for n := range 1000 {
			push(n)
			time.Sleep(time.Millisecond)
		}
		if made := b.Version() - before; made < 9 || made > 10 {
			t.Errorf("made %d times in a second", made)
		}
		push(7)
		time.Sleep(foldEvery)
		synctest.Wait()
		if shown() != "7" {
			t.Errorf("%s is shown in the end", shown())
		}
		before = b.Version()
		time.Sleep(time.Minute / 2)
		synctest.Wait()
		if made := b.Version() - before; made != 0 {
			t.Errorf("made %d times though nothing has changed", made)
		}
	})
}

// Folding puts off nothing else: a snapshot turns when it is due, and a poll shows at once what it brings.
func TestFoldingKeepsOtherTurns(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		b := newPublisher(t, widget("support", metric("m")))
		o := known(domain.CountOf(1))
		b.Readings().Apply("hq", map[string]domain.Observation{"m": o})
		time.Sleep(45*time.Second - 52*time.Millisecond)
		for range 40 { // around the instant at which it turns stale
			b.Readings().Push("hq", map[string]domain.Observation{"m": o})
			time.Sleep(5 * time.Millisecond)
			page, _ := b.Page("support")
			if stale := time.Since(o.Confirmed) >= 45*time.Second; page.Snapshot.Stale != stale {
				t.Errorf("stale %v, %v after it was confirmed", page.Snapshot.Stale, time.Since(o.Confirmed))
			}
		}
		b.Readings().Push("hq", map[string]domain.Observation{"m": known(domain.CountOf(2))})
		b.Readings().Apply("hq", map[string]domain.Observation{"m": known(domain.CountOf(3))})
		if page, _ := b.Page("support"); page.Snapshot.Metrics[0].Text != "3" || page.Snapshot.Stale {
			t.Errorf("after a poll: %+v", page.Snapshot)
		}
	})
}

// A widget that is gone while a change of it is folded is gone.
func TestFoldedWidgetIsReplaced(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		b := newPublisher(t, widget("support", metric("m")))
		for n := range 5 {
			b.Readings().Push("hq", map[string]domain.Observation{"m": known(domain.CountOf(float64(n)))})
		}
		b.Replace([]domain.Widget{widget("other", metric("m"))})
		time.Sleep(time.Second)
		synctest.Wait()
		if _, ok := b.Page("support"); ok {
			t.Error("it is back")
		}
		if page, _ := b.Page("other"); page.Snapshot.Metrics[0].Text != "4" {
			t.Errorf("its successor shows %+v", page.Snapshot.Metrics[0])
		}
	})
}

// What a message costs, folded, beside a poll's observation of the same, which is shown at once.
func BenchmarkPush(b *testing.B) {
	for name, take := range map[string]func(*readings.Store, string, map[string]domain.Observation){"push": (*readings.Store).Push, "apply": (*readings.Store).Apply} {
		b.Run(name, func(b *testing.B) {
			publisher := New(Options{Widgets: []domain.Widget{widget("support", metric("m"))}, Now: time.Now})
			defer publisher.Close()
			var all []map[string]domain.Observation
			for n := range 100 {
				all = append(all, map[string]domain.Observation{"m": known(domain.CountOf(float64(n)))})
			}
			for n := 0; b.Loop(); n++ {
				take(publisher.Readings(), "hq", all[n%100])
			}
		})
	}
}
