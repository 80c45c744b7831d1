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

// Watchers are called after a change of what is shown, once its page can be read, and never otherwise.
func TestWatch(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		b := newPublisher(t, widget("a", metric("m")), widget("b", metric("n")))
		var mu sync.Mutex
		var told []string
		others := 0
		stop := b.Watch(func(string) { others++ })
		b.Watch(func(id string) {
			mu.Lock()
			defer mu.Unlock()
			shown := "gone"
			if page, ok := b.Page(id); ok {
				shown = page.Snapshot.Metrics[0].Text
			}
			told = append(told, id+" "+shown)
		})
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			told = nil
		}
		b.Readings().Apply("hq", map[string]domain.Observation{"m": known(domain.CountOf(3))})
		expect("a 3")
		time.Sleep(10 * time.Second)
		b.Readings().Apply("hq", map[string]domain.Observation{"m": known(domain.CountOf(3))}) // confirmed again
		expect()
		time.Sleep(46 * time.Second) // it turns stale by itself
		expect("a 3")
		b.SetNotice("b", domain.Notice{Text: "Hello"})
		expect("b Not available")
		other := widget("a", metric("m"))
		other.Title = "Other"
		b.Replace([]domain.Widget{other})
		expect("a 3", "b gone")
		if others != 5 {
			t.Errorf("the other watcher was called %d times", others)
		}
		stop()
		b.Replace([]domain.Widget{widget("a", metric("m"))})
		expect("a 3")
		if others != 5 {
			t.Error("the other watcher was called after it was stopped")
		}
	})
}

// A running duration whose line trembles from one poll to the next is told of when its words change, and confirmed all the while.
func TestJitterIsNotToldOf(t *testing.T) {
	const minutes, pollsAMinute = 60, 6
	const restarts = 6 // every ten minutes
	for _, test := range []struct {
		name  string
		later func(poll int) time.Duration // than at first, the call has begun
		least int                          // times that it is told of
		most  int
	}{
		{"it trembles", func(int) time.Duration { return time.Duration(rand.IntN(100)) * time.Millisecond }, minutes + 1, minutes + 1 + restarts},
		{"it wanders", func(poll int) time.Duration { return time.Duration(poll) * 100 * time.Millisecond }, minutes * pollsAMinute / 3, minutes*pollsAMinute/3 + minutes + 1 + restarts},
	} {
		t.Run(test.name, func(t *testing.T) {
			atNoon(t, func(t *testing.T) {
				b := newPublisher(t, widget("a", metric("m")))
				told := 0
				b.Watch(func(string) { told++ })
				began := time.Now()
				for poll := range minutes * pollsAMinute {
					later := test.later(poll)
					b.Readings().Apply("hq", map[string]domain.Observation{"m": known(domain.Line(20*time.Second, 1, began.Add(later)))})
					page, _ := b.Page("a")
					var said struct {
						ObservedAt time.Time `json:"observed_at"`
						Metrics    []struct {
							Value float64
							AsOf  time.Time `json:"as_of"`
						}
					}
					if err := json.Unmarshal(page.Plain.Body, &said); err != nil {
						t.Fatal(err)
					}
					if !page.Snapshot.ObservedAt.Equal(time.Now()) || !said.ObservedAt.Equal(time.Now().Truncate(time.Millisecond)) {
						t.Fatalf("poll %d: not confirmed: %s", poll, page.Plain.Body)
					}
					shown := time.Duration(said.Metrics[0].Value*float64(time.Second)) + time.Since(said.Metrics[0].AsOf)
					if off := (shown - 20*time.Second - time.Since(began) + later).Abs(); off > 252*time.Millisecond { // with the rounding of two instants
						t.Fatalf("poll %d: it is off by %v", poll, off)
					}
					time.Sleep(time.Minute / pollsAMinute)
					synctest.Wait()
				}
				if told < test.least || told > test.most {
					t.Errorf("told %d times, want %d to %d", told, test.least, test.most)
				}
			})
		})
	}
}

func TestEvents(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		b := newPublisher(t, widget("a", metric("m")))
		page, _ := b.Page("a")
		if got, want := string(page.Heartbeat(time.Now())), "event: heartbeat\ndata: {\"id\":\"a\",\"now\":\"2026-11-23T12:00:00.250Z\",\"stale\":false}\n\n"; got != want {
			t.Errorf("got %q", got)
		}
		b.Readings().Apply("hq", map[string]domain.Observation{"m": known(domain.TextOf("two\nlines\r\n\u2028and more"))})
		page, _ = b.Page("a")
		event := string(page.Event())
		if want := "event: snapshot\ndata: " + string(page.Plain.Body) + "\n"; event != want || strings.Count(event, "\n") != 3 || strings.Contains(event, "\r") {
			t.Errorf("got %q", event)
		}
		if again := page.Event(); &again[0] != &page.Event()[0] {
			t.Error("it is made twice")
		}
		time.Sleep(time.Second)
		if got, want := string(page.Heartbeat(time.Now())), "event: heartbeat\ndata: {\"id\":\"a\",\"now\":\"2026-11-23T12:00:01.250Z\",\"observed_at\":\"2026-11-23T12:00:00.250Z\",\"stale\":false}\n\n"; got != want {
			t.Errorf("got %q", got)
		}
	})
}
