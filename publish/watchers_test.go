package publish

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// The publisher calls watchers after a change of a snapshot, when its page is available, and at no other time.
func TestWatch(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("a", metric("m")), widget("b", metric("n")))
		var mu sync.Mutex
		var calls []string
		others := 0
		stop := p.Watch(func(string) { others++ })
		p.Watch(func(id string) {
			mu.Lock()
			defer mu.Unlock()
			shown := "gone"
			if page, ok := p.Page(id); ok {
				shown = page.Snapshot.Metrics[0].Text
			}
			calls = append(calls, id+" "+shown)
		})
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if diff := cmp.Diff(want, calls); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			calls = nil
		}
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(3))})
		expect("a 3")
		time.Sleep(10 * time.Second)
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(3))}) // confirmed again
		expect()
		time.Sleep(46 * time.Second) // it turns stale
		expect("a 3")
		p.SetNotice("b", domain.Notice{Text: "Hello"})
		expect("b Not available")
		other := widget("a", metric("m"))
		other.Title = "Other"
		p.Replace([]domain.Widget{other})
		expect("a 3", "b gone")
		if others != 5 {
			t.Errorf("the other watcher was called %d times", others)
		}
		stop()
		p.Replace([]domain.Widget{widget("a", metric("m"))})
		expect("a 3")
		if others != 5 {
			t.Error("the other watcher was called after it was stopped")
		}
	})
}

// A running duration whose line jitters from poll to poll changes only with its text. Each poll confirms it.
func TestJitterCallsNoWatcher(t *testing.T) {
	const minutes, pollsAMinute = 60, 6
	const restarts = 6 // every ten minutes
	for _, test := range []struct {
		name  string
		later func(poll int) time.Duration // how much later than at first the call began
		least int                          // calls of the watcher
		most  int
	}{
		{"jitter", func(int) time.Duration { return time.Duration(rand.IntN(100)) * time.Millisecond }, minutes + 1, minutes + 1 + restarts},
		{"drift", func(poll int) time.Duration { return time.Duration(poll) * 100 * time.Millisecond }, minutes * pollsAMinute / 3, minutes*pollsAMinute/3 + minutes + 1 + restarts},
	} {
		t.Run(test.name, func(t *testing.T) {
			atNoon(t, func(t *testing.T) {
				p := newPublisher(t, widget("a", metric("m")))
				calls := 0
				p.Watch(func(string) { calls++ })
				began := time.Now()
				for poll := range minutes * pollsAMinute {
					later := test.later(poll)
					p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.Line(20*time.Second, 1, began.Add(later)))})
					page, _ := p.Page("a")
					var sent struct {
						ObservedAt time.Time `json:"observed_at"`
						Metrics    []struct {
							Value float64
							AsOf  time.Time `json:"as_of"`
						}
					}
					if err := json.Unmarshal(page.Plain.Body, &sent); err != nil {
						t.Fatal(err)
					}
					if !page.Snapshot.ObservedAt.Equal(time.Now()) || !sent.ObservedAt.Equal(time.Now().Truncate(time.Millisecond)) {
						t.Fatalf("poll %d: not confirmed: %s", poll, page.Plain.Body)
					}
					shown := time.Duration(sent.Metrics[0].Value*float64(time.Second)) + time.Since(sent.Metrics[0].AsOf)
					if off := (shown - 20*time.Second - time.Since(began) + later).Abs(); off > 252*time.Millisecond { // including the rounding of two instants
						t.Fatalf("poll %d: off by %v", poll, off)
					}
					time.Sleep(time.Minute / pollsAMinute)
					synctest.Wait()
				}
				if calls < test.least || calls > test.most {
					t.Errorf("%d calls, want %d to %d", calls, test.least, test.most)
				}
			})
		})
	}
}

func TestEvents(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := newPublisher(t, widget("a", metric("m")))
		page, _ := p.Page("a")
		if got, want := string(page.Heartbeat(time.Now())), "event: heartbeat\ndata: {\"id\":\"a\",\"now\":\"2026-11-23T12:00:00.250Z\",\"stale\":false}\n\n"; got != want {
			t.Errorf("got %q", got)
		}
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.TextOf("two\nlines\r\n\u2028and more"))})
		page, _ = p.Page("a")
		event := string(page.Event())
		if want := "event: snapshot\ndata: " + string(page.Plain.Body) + "\n"; event != want || strings.Count(event, "\n") != 3 || strings.Contains(event, "\r") {
			t.Errorf("got %q", event)
		}
		if again := page.Event(); &again[0] != &page.Event()[0] {
			t.Error("rendered twice")
		}
		time.Sleep(time.Second)
		if got, want := string(page.Heartbeat(time.Now())), "event: heartbeat\ndata: {\"id\":\"a\",\"now\":\"2026-11-23T12:00:01.250Z\",\"observed_at\":\"2026-11-23T12:00:00.250Z\",\"stale\":false}\n\n"; got != want {
			t.Errorf("got %q", got)
		}
	})
}
