package typical

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/history"
	"waitboard/locale"
	"waitboard/readings"
)

func TestMain(m *testing.M) {
	if folder, from, ok := strings.Cut(os.Getenv(childVariable), "="); ok {
		seconds, err := strconv.ParseInt(from, 10, 64)
		if err == nil {
			err = collect(folder, time.Unix(seconds, 0))
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

const testID = "support"

var (
	placement = domain.Placement{Widget: testID, Metric: "wait"}
	ref       = domain.Ref{Source: "hq", Metric: "Current Wait Time"}
)

// A world is a collector in fake time, which begins at midnight of a Saturday in UTC.
type world struct {
	t      *testing.T
	dir    string
	widget domain.Widget
	store  *readings.Store
	logs   *lines
	offset atomic.Int64 // of its clock

	mu        sync.Mutex // guards published
	published *domain.TypicalWeek
	*Collector
	stop     func()
	replicas Replicas
}

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	english, err := locale.New("en", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "data"), logs: &lines{}, widget: domain.Widget{
		ID: testID, Locale: english, StaleAfter: 2 * time.Minute, HideAfter: 5 * time.Minute, Zone: time.UTC,
		Metrics: []domain.WidgetMetric{{ID: "wait", Ref: ref, History: domain.History{Keep: 8 * 7 * 24 * time.Hour, MinWeeks: 3, Low: 0.25, High: 0.8}}},
	}}
	w.store = readings.New(w.now)
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

// start starts the collector, and returns what ends it.
func (w *world) start() {
	w.t.Helper()
	dir, err := datadir.Open(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Collector = New(Options{
		Dir: dir, Readings: w.store, Now: w.now, Log: slog.New(slog.NewTextHandler(w.logs, nil)),
		Replicas: w.replicas,
		Notice:   func(string) domain.Notice { return domain.Notice{} },
		Publish: func(_ domain.Placement, week *domain.TypicalWeek) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.published = week
		},
	})
	w.Replace([]domain.Widget{w.widget})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	w.stop = func() { cancel(); <-ended; dir.Close() }
}

// observe writes a wait that stands still.
func (w *world) observe(seconds float64) { w.observeAt(w.now(), seconds) }

func (w *world) observeAt(now time.Time, seconds float64) {
	w.store.Apply(ref.Source, map[string]domain.Observation{ref.Metric: {
		Confirmed: now, Complete: now, Kind: domain.Duration,
		Samples: map[string]domain.Sample{"": {Reading: domain.Line(time.Duration(seconds*float64(time.Second)), 0, now), Confirmed: now}},
	}})
}

// poll observes every minute.
func (w *world) poll(during time.Duration, seconds func(now time.Time) float64) {
	for end := time.Now().Add(during); time.Now().Before(end); {
		w.observe(seconds(time.Now()))
		time.Sleep(time.Minute)
	}
}

func (w *world) hour(n int) domain.TypicalHour {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.published.Hours[n]
}

func near(got, want float64) bool { return math.Abs(got-want) <= 0.05*want }

func always(seconds float64) func(time.Time) float64 {
	return func(time.Time) float64 { return seconds }
}

func TestCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		w.poll(25*time.Hour, func(now time.Time) float64 { return 100 * float64(1+now.Hour()) })
		w.stop()
		for n := range 24 {
			want := 100_000 * float64(1+n)
			if got := w.hour(6*24 + n); got.Weeks != 1 || !near(got.Low, want) || !near(got.High, want) {
				t.Errorf("hour %d of Saturday: %+v, want about %v", n, got, want)
			}
		}
		if got := w.hour(24); got.Weeks != 0 {
			t.Errorf("Monday: %+v", got)
		}
	})
}

func TestCollectorCounts(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(w *world)
		live  func(w *world) // one hour
		want  time.Duration
	}{
		{"all of it", nil, func(w *world) { w.poll(time.Hour, always(60)) }, time.Hour},
		{"until it is stale", nil, func(w *world) { w.poll(30*time.Minute, always(60)); time.Sleep(30 * time.Minute) }, 31 * time.Minute},
		{"nothing without readings", nil, func(*world) { time.Sleep(time.Hour) }, 0},
		{"open hours", func(w *world) {
			w.widget.Hours = &domain.Hours{Zone: time.UTC}
			w.widget.Hours.Weekly[time.Saturday] = []domain.Span{{From: 15, To: 45}}
		}, func(w *world) { w.poll(time.Hour, always(60)) }, 30 * time.Minute},
		{"no day with exceptional hours", func(w *world) {
			w.widget.Hours = &domain.Hours{Zone: time.UTC, Open: []domain.OpenDay{{Date: domain.Date{Year: 2000, Month: 1, Day: 1}, Spans: []domain.Span{{From: 0, To: 1440}}}}}
		}, func(w *world) { w.poll(time.Hour, always(60)) }, 0},
		{"over a restart", nil, func(w *world) {
			w.poll(20*time.Minute, always(60))
			w.stop()
			w.start()
			w.poll(40*time.Minute, always(60))
		}, time.Hour},
		{"over a reload", nil, func(w *world) {
			w.poll(20*time.Minute, always(60))
			w.widget.Title = "changed"
			w.Replace([]domain.Widget{w.widget})
			w.poll(40*time.Minute, always(60))
		}, time.Hour},
		{"over the removal of the widget", nil, func(w *world) {
			w.poll(20*time.Minute, always(60))
			w.Replace(nil)
			w.poll(10*time.Minute, always(60))
			w.Replace([]domain.Widget{w.widget})
			w.poll(30*time.Minute, always(60))
		}, 30 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if c.setup != nil {
					c.setup(w)
				}
				w.start()
				c.live(w)
				time.Sleep(2 * time.Minute)
				archive := w.files.read(placement)
				w.stop()
				total := time.Duration(0)
				if hours := archive.Hours(); len(hours) > 0 {
					total = hours[0].Total()
				}
				if diff := (total - c.want).Abs(); diff > time.Minute {
					t.Errorf("%v were counted, want %v", total, c.want)
				}
			})
		})
	}
}

// A crash loses at most five minutes.
func TestCollectorCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		w.poll(33*time.Minute, always(60))
		saved, err := os.ReadFile(filepath.Join(w.dir, currentFile))
		if err != nil {
			t.Fatal(err)
		}
		w.stop()
		if err := os.WriteFile(filepath.Join(w.dir, currentFile), saved, 0o600); err != nil { // as it was at the crash
			t.Fatal(err)
		}
		w.start()
		w.poll(29*time.Minute, always(60))
		archive := w.files.read(placement)
		w.stop()
		if got := archive.Hours()[0].Total(); got < 54*time.Minute || got > time.Hour {
			t.Errorf("%v of the hour are left", got)
		}
	})
}

func TestCollectorFiles(t *testing.T) {
	good := func() []byte {
		a := history.Archive{Kind: domain.Duration}
		a.Add(history.Hour{Start: time.Date(1999, 12, 31, 9, 0, 0, 0, time.UTC), Times: map[history.Level]time.Duration{40: time.Hour}})
		return a.Encode()
	}()
	future := append([]byte{}, good...)
	future[len("waitboard history ")]++
	for _, c := range []struct {
		name, file string
		content    []byte
		aside      bool
	}{
		{"a good archive", FileName(placement), good, false},
		{"a damaged archive", FileName(placement), good[:len(good)-2], true},
		{"an archive of the future", FileName(placement), future, true},
		{"not an archive", FileName(placement), []byte("hello"), true},
		{"damaged hours", currentFile, []byte(`{"version":1,"hours":[`), true},
		{"hours of the future", currentFile, []byte(`{"version":9}`), true},
		{"hours with odd levels", currentFile, []byte(`{"version":1,"hours":[{"widget":"support","metric":"wait","start":"2000-01-01T00:00:00Z","millis":{"200":5,"3":-1}}]}`), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if err := os.Mkdir(w.dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(w.dir, c.file), c.content, 0o600); err != nil {
					t.Fatal(err)
				}
				w.start()
				w.poll(62*time.Minute, always(60))
				weeks := w.hour(6 * 24).Weeks
				w.stop()
				_, err := os.Stat(filepath.Join(w.dir, c.file+".set-aside-1"))
				if aside := err == nil; aside != c.aside || weeks != 1 {
					t.Errorf("set aside: %v, weeks: %d\n%s", aside, weeks, w.logs)
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
		w.poll(3*time.Hour, always(60))
		synctest.Wait() // for the attempt of this minute
		if n := strings.Count(w.logs.String(), "history not saved"); n == 0 || n > 40 {
			t.Errorf("%d lines in the log", n)
		}
		if err := os.RemoveAll(filepath.Dir(obstacle)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		archive := w.files.read(placement)
		w.stop()
		if n := len(archive.Hours()); n != 3 {
			t.Errorf("%d hours are saved", n)
		}
	})
}

// While the clock is wrong, no hour counts for more than an hour, and collecting goes on when it is right again.
func TestCollectorClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		w.poll(90*time.Minute, always(60))
		w.offset.Store(int64(-time.Hour))
		w.poll(2*time.Hour, always(60))
		archive := w.files.read(placement)
		w.stop()
		for _, hour := range archive.Hours() {
			if total := hour.Total(); total > time.Hour || total < 55*time.Minute && hour.Start.Hour() < 2 {
				t.Errorf("%v of the hour at %v", total, hour.Start)
			}
		}
		if len(archive.Hours()) != 2 {
			t.Errorf("%d hours", len(archive.Hours()))
		}
	})
}
