package expected

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/estimate"
	"waitboard/locale"
	"waitboard/readings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	placement = domain.Placement{Widget: "support", Metric: "expected"}
	waitRef   = domain.Ref{Source: "hq", Metric: "Current Wait Time"}
	queueRef  = domain.Ref{Source: "hq", Metric: "Calls in Queue"}
)

const interval = 10 * time.Second // of polls

// A world is a collector in fake time, next to a line of callers.
type world struct {
	t        *testing.T
	dir      string
	widget   domain.Widget
	store    *readings.Store
	logs     *lines
	offset   atomic.Int64 // of its clock
	replicas Replicas
	random   *rand.Rand
	waiting  []time.Time // when callers arrived, the longest waiting first
	next     time.Time   // when an agent is free

	mu        sync.Mutex // guards published
	published *domain.Expectation
	*Collector
	stop func()
}

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "data"), logs: &lines{}, random: rand.New(rand.NewPCG(1, 2)), widget: domain.Widget{
		ID: placement.Widget, Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, Zone: time.UTC,
		Metrics: []domain.WidgetMetric{{ID: placement.Metric, Ref: waitRef, Estimate: &domain.Estimate{
			Wait: domain.Input{Ref: waitRef}, Queue: domain.Input{Ref: queueRef}, Low: 0.1, High: 0.8,
		}}},
	}}
	w.store = readings.New(w.now)
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

func (w *world) start() {
	w.t.Helper()
	dir, err := datadir.Open(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Collector = New(Options{
		Dir: dir, Readings: w.store, Now: w.now, Log: slog.New(slog.NewTextHandler(w.logs, nil)), Replicas: w.replicas,
		Notice: func(string) domain.Notice { return domain.Notice{} },
		Publish: func(_ domain.Placement, e *domain.Expectation) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.published = e
		},
	})
	w.Replace([]domain.Widget{w.widget})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	w.stop = func() { cancel(); <-ended; dir.Close() }
}

// poll lets callers come and agents answer, and observes the line at each interval.
func (w *world) poll(during time.Duration) {
	for end := time.Now().Add(during); time.Now().Before(end); time.Sleep(interval) {
		w.live(time.Now())
		w.observe(w.store)
	}
}

// live moves the line on: in each interval a caller comes with a chance of 1/3, and an agent needs about 25 s for each.
func (w *world) live(now time.Time) {
	if w.random.IntN(3) == 0 {
		w.waiting = append(w.waiting, now.Add(-time.Duration(w.random.IntN(int(interval)))))
	}
	for len(w.waiting) > 0 && !w.next.After(now) {
		w.waiting = w.waiting[1:]
		w.next = now.Add(time.Duration(w.random.ExpFloat64() * float64(25*time.Second)))
	}
}

// observe writes what a poll finds.
func (w *world) observe(store *readings.Store) {
	now, wait := w.now(), domain.Line(0, 0, w.now())
	if len(w.waiting) > 0 {
		wait = domain.Line(time.Since(w.waiting[0]), 1, now)
	}
	observation := func(kind domain.Kind, r domain.Reading) domain.Observation {
		return domain.Observation{Confirmed: now, Complete: now, Kind: kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: now}}}
	}
	store.Apply("hq", map[string]domain.Observation{
		waitRef.Metric: observation(domain.Duration, wait), queueRef.Metric: observation(domain.Count, domain.CountOf(float64(len(w.waiting)))),
	})
}

func (w *world) expectation() domain.Expectation {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.published == nil {
		return domain.Expectation{}
	}
	return *w.published
}

// saved returns how many waits are saved in the folder.
func (w *world) saved() int { return w.read(placement, newTracker(&w.widget, 0).lineID()).Len() }

func TestCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		w.poll(4 * time.Minute)
		if e := w.expectation(); e.Waits != nil {
			t.Errorf("expected at once: %+v", e)
		}
		w.poll(8 * time.Hour)
		before := w.expectation()
		if len(before.Waits) == 0 || before.Waits[0].High < 20*time.Second || before.Waits[0].High > 3*time.Minute {
			t.Fatalf("expected: %+v", before)
		}
		if before.Score.Samples == 0 {
			t.Error("nothing was scored")
		}
		w.stop()
		saved := w.saved()
		w.start()
		if after := w.expectation(); len(after.Waits) != len(before.Waits) || w.saved() != saved {
			t.Errorf("after a restart: %+v", after)
		}
		w.Replace(nil)
		if w.published != nil {
			t.Error("published without the widget")
		}
		w.Replace([]domain.Widget{w.widget})
		if len(w.expectation().Waits) == 0 {
			t.Error("not published after the widget came back")
		}
		w.stop()
	})
}

// Waits count only while the line is known.
func TestCollectorCounts(t *testing.T) {
	count := func(t *testing.T, live func(w *world)) (n int) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.start()
			live(w)
			w.stop()
			n = w.saved()
		})
		return n
	}
	all := count(t, func(w *world) { w.poll(2 * time.Hour) })
	if all < 80 {
		t.Fatalf("%d waits in two hours", all)
	}
	for _, c := range []struct {
		name        string
		live        func(w *world)
		least, most int
	}{
		{"nothing without readings", func(*world) { time.Sleep(2 * time.Hour) }, 0, 0},
		{"nothing while it is closed", func(w *world) {
			w.widget.Hours = &domain.Hours{Zone: time.UTC}
			w.Replace([]domain.Widget{w.widget})
			w.poll(2 * time.Hour)
		}, 0, 0},
		{"nothing when each poll is after an outage", func(w *world) {
			for range 120 {
				w.live(time.Now())
				w.observe(w.store)
				time.Sleep(time.Minute)
			}
		}, 0, 0},
		{"one line over a reload of something else", func(w *world) {
			for range 120 {
				w.poll(time.Minute)
				w.Replace([]domain.Widget{w.widget})
			}
		}, all, all},
		{"all but those who waited when the clock was set back", func(w *world) {
			w.poll(time.Hour)
			w.offset.Store(int64(-30 * time.Minute))
			w.poll(time.Hour)
		}, all - 20, all - 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if n := count(t, c.live); n < c.least || n > c.most {
				t.Errorf("%d waits, want %d to %d", n, c.least, c.most)
			}
		})
	}
}

// A crash loses at most five minutes.
func TestCollectorCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		w.poll(58 * time.Minute)
		after := w.saved()
		w.poll(5*time.Minute + interval)
		w.stop()
		if at58, all := after, w.saved(); at58 == 0 || all-at58 > 10*60/25 {
			t.Errorf("%d of %d were saved within eight minutes of the end", at58, all)
		}
	})
}

func TestCollectorFiles(t *testing.T) {
	good := estimate.Imported([]estimate.Row{{Time: time.Date(1999, 12, 31, 9, 0, 0, 0, time.UTC), Wait: 60}}).Encode()
	future := bytes.Clone(good)
	future[len("waitboard estimate ")]++
	for _, c := range []struct {
		name    string
		content []byte
		aside   bool
	}{
		{"a good archive", good, false},
		{"a damaged archive", good[:len(good)-2], true},
		{"an archive of the future", future, true},
		{"not an archive", []byte("hello"), true},
		{"nothing", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if err := os.Mkdir(w.dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(w.dir, FileName(placement)), c.content, 0o600); err != nil {
					t.Fatal(err)
				}
				w.start()
				w.poll(30 * time.Minute)
				w.stop()
				_, err := os.Stat(filepath.Join(w.dir, FileName(placement)+".set-aside-1"))
				if aside := err == nil; aside != c.aside || w.saved() < 10 {
					t.Errorf("set aside: %v, saved: %d", aside, w.saved())
				}
			})
		})
	}
}

// While the folder can't be written, nothing is lost.
func TestCollectorFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		obstacle := filepath.Join(w.dir, FileName(placement)+".tmp", "in the way")
		if err := os.MkdirAll(obstacle, 0o700); err != nil {
			t.Fatal(err)
		}
		w.poll(time.Hour)
		if n := w.logs.count("learned waits not saved"); n != 1 || w.saved() != 0 {
			t.Errorf("%d lines in the log, %d saved", n, w.saved())
		}
		synctest.Wait() // for the save of the hour
		if err := os.RemoveAll(filepath.Dir(obstacle)); err != nil {
			t.Fatal(err)
		}
		w.poll(6 * time.Minute)
		if n := w.logs.count("learned waits saved again"); n != 1 || w.saved() < 40 {
			t.Errorf("%d lines in the log, %d saved", n, w.saved())
		}
		w.stop()
	})
}

func TestImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		var rows []estimate.Row
		for n := range 300 {
			rows = append(rows, estimate.Row{Time: w.now().AddDate(0, 0, -1-n%20), Wait: float64(60 * (1 + n%3)), Ahead: n % 3})
		}
		for _, want := range []int{300, 0} { // the second time changes nothing
			if added, err := w.Import(placement, rows); err != nil || added != want {
				t.Errorf("%d added, want %d: %v", added, want, err)
			}
		}
		if e := w.expectation(); len(e.Waits) != 3 || e.Waits[0].High >= e.Waits[2].High {
			t.Errorf("expected: %+v", e)
		}
		if exported, err := w.Export(placement); err != nil || len(exported) != 300 {
			t.Errorf("%d exported: %v", len(exported), err)
		}
		rows[7].Time = w.now().Add(time.Minute) // today, which an import leaves alone
		if added, err := w.Import(placement, rows); err != nil || added != 0 {
			t.Errorf("%d added with a row of today: %v", added, err)
		}
		rows[7].Time = w.now().AddDate(0, 0, 1)
		if _, err := w.Import(placement, rows); err == nil || !strings.HasPrefix(err.Error(), "row 8 is in the future") {
			t.Errorf("a row of the future: %v", err)
		}
		if _, err := w.Export(domain.Placement{Widget: "support", Metric: "other"}); err == nil {
			t.Error("another metric was exported")
		}
		w.stop()
		if n := w.saved(); n != 300 {
			t.Errorf("%d saved", n)
		}
	})
}

// What is exported makes the same estimate elsewhere, at once.
func TestImportOfAnExport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, other := newWorld(t), newWorld(t)
		w.start()
		w.poll(33 * time.Hour)
		rows, err := w.Export(placement)
		if err != nil {
			t.Fatal(err)
		}
		before := w.expectation()
		w.stop()
		other.start()
		added, err := other.Import(placement, rows)
		if after := other.expectation(); err != nil || len(after.Waits) == 0 || len(after.Waits) > len(before.Waits) {
			t.Errorf("%d added: %v; expected %+v, before %+v", added, err, after.Waits, before.Waits)
		}
		other.stop()
	})
}

// A report of all waits replaces those that were inferred, but neither the scores, nor days of which less is imported.
func TestImportKeepsScores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		w.poll(25 * time.Hour)
		before, inferred := w.expectation().Score.Samples, w.saved()
		var rows []estimate.Row
		for n := range 10_000 {
			rows = append(rows, estimate.Row{Time: w.now().Add(-2*time.Hour - time.Duration(n)*time.Second), Wait: 40})
		}
		for _, some := range [][]estimate.Row{rows[:10], rows} {
			added, err := w.Import(placement, some)
			if after := w.expectation().Score.Samples; err != nil || after < before { // what was published is up to five minutes old
				t.Errorf("%d of %d rows added: %v; %d waits are scored, %d were", added, len(some), err, after, before)
			}
		}
		w.stop()
		if n := w.saved(); before == 0 || n <= inferred {
			t.Errorf("%d saved, %d before the import, %d of them scored", n, inferred, before)
		}
	})
}

// What was learned of one line says nothing of another, whether the configuration changes by a reload or before a restart.
func TestAnotherLine(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(e *domain.Estimate)
		stays  bool
	}{
		{"another queue", func(e *domain.Estimate) { e.Queue.Categories = []string{""} }, false},
		{"another wait", func(e *domain.Estimate) { e.Wait.Categories = []string{""} }, false},
		{"another range", func(e *domain.Estimate) { e.High = 0.9 }, true},
		{"agents", func(e *domain.Estimate) {
			e.Agents = domain.Input{Ref: domain.Ref{Source: "hq", Metric: "Agents Ready"}}
		}, true},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart: %v", c.name, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.start()
					w.poll(8 * time.Hour)
					changed := *w.widget.Metrics[0].Estimate
					c.change(&changed)
					w.widget.Metrics = []domain.WidgetMetric{{ID: placement.Metric, Ref: waitRef, Estimate: &changed}}
					if restart {
						w.stop()
						w.start()
					} else {
						w.Replace([]domain.Widget{w.widget})
					}
					if stays := len(w.expectation().Waits) > 0; stays != c.stays {
						t.Errorf("the estimate stays: %v", stays)
					}
					_, err := os.Stat(filepath.Join(w.dir, FileName(placement)+".set-aside-1"))
					if aside := err == nil; aside == c.stays {
						t.Errorf("set aside: %v", aside)
					}
					w.stop()
				})
			})
		}
	}
}

// A reload is safe while the collector learns.
func TestReplaceWhileLearning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		for range 100 {
			w.live(time.Now())
			w.observe(w.store)
			w.Replace([]domain.Widget{w.widget})
			time.Sleep(interval)
		}
		w.stop()
	})
}

// A sum of waits runs like the wait of the first in line while one caller waits. Once it was seen to be a sum, nothing of it counts for a day.
func TestSumOfWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		w.poll(8 * time.Hour)
		w.store.Apply("hq", map[string]domain.Observation{waitRef.Metric: {
			Confirmed: w.now(), Complete: w.now(), Kind: domain.Duration, Samples: map[string]domain.Sample{"": {Reading: domain.Line(time.Minute, 2, w.now()), Confirmed: w.now()}},
		}})
		synctest.Wait()
		if e := w.expectation(); len(e.Waits) > 0 {
			t.Error("announced at once")
		}
		before := w.archived()
		w.poll(8 * time.Hour)
		if e := w.expectation(); len(e.Waits) > 0 || w.archived() != before || w.logs.count("is a sum or an average") != 1 {
			t.Errorf("the same day: announced: %v, %d waits, %d before, %d lines in the log", len(e.Waits) > 0, w.archived(), before, w.logs.count("is a sum or an average"))
		}
		w.poll(17 * time.Hour)
		if e := w.expectation(); len(e.Waits) == 0 || w.archived() <= before {
			t.Errorf("the next day: %d waits, %d before", w.archived(), before)
		}
		w.stop()
	})
}

// archived returns how many waits are learned.
func (w *world) archived() int {
	rows, err := w.Export(placement)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(rows)
}
