package poller

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"waitboard/board"
	"waitboard/locale"
	"waitboard/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// upstream is a source in memory, with the manners of the real one: a metric that it does not have, or does not give,
// turns down the whole request.
type upstream struct {
	mu           sync.Mutex
	list         []wait.MetricInfo
	listErr      error
	values       map[string]map[string]wait.Reading // by metric ID, then category
	updated      map[string]time.Time               // by "ID/category"
	initializing map[string]bool                    // "ID" or "ID/category"
	bad          map[string]wait.Cause
	err          error
	latency      time.Duration
	requests     []request
}

type request struct {
	at  time.Time
	ids []string // nil: the list
}

func (u *upstream) Metrics(ctx context.Context) ([]wait.MetricInfo, error) {
	if err := u.begin(ctx, nil); err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.list, u.listErr
}

func (u *upstream) begin(ctx context.Context, ids []string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests = append(u.requests, request{time.Now(), ids})
	if u.latency > 0 {
		u.mu.Unlock()
		select {
		case <-time.After(u.latency):
		case <-ctx.Done():
		}
		u.mu.Lock()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return u.err
}

func (u *upstream) Values(ctx context.Context, ids []string) []wait.Batch {
	b := wait.Batch{IDs: ids, Asked: time.Now()}
	if b.Err = u.begin(ctx, ids); b.Err != nil {
		return []wait.Batch{b}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, id := range ids {
		if cause := u.bad[id]; cause != "" {
			b.Err = &wait.Failure{Cause: cause}
			return []wait.Batch{b}
		}
		if u.initializing[id] {
			b.Initializing = append(b.Initializing, wait.Key{Metric: id})
			continue
		}
		for category, r := range u.values[id] {
			key := wait.Key{Metric: id, Category: category}
			if u.initializing[id+"/"+category] {
				b.Initializing = append(b.Initializing, key)
			} else {
				b.Readings = append(b.Readings, wait.KeyedReading{Key: key, Reading: r, Updated: u.updated[id+"/"+category]})
			}
		}
	}
	b.Readings = append(b.Readings, wait.KeyedReading{Key: wait.Key{Metric: "never asked for"}, Reading: wait.CountOf(1)})
	return []wait.Batch{b}
}

// change alters the upstream while the poller runs.
func (u *upstream) change(f func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	f()
}

// since counts the requests after a time, of any kind and for the list.
func (u *upstream) since(t time.Time) (all, lists int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, r := range u.requests {
		if r.at.After(t) {
			all++
			if r.ids == nil {
				lists++
			}
		}
	}
	return all, lists
}

// counts is an upstream whose metrics M0, M1, … are calls in queues 0, 1, …
func counts(n int) *upstream {
	u := &upstream{values: map[string]map[string]wait.Reading{}, initializing: map[string]bool{}, bad: map[string]wait.Cause{}}
	for i := range n {
		id := fmt.Sprint("M", i)
		u.list = append(u.list, wait.MetricInfo{ID: id, Name: fmt.Sprint("Calls in queue ", i), CategoryType: "NONE"})
		u.values[id] = map[string]wait.Reading{"": wait.CountOf(float64(i))}
	}
	return u
}

// A rig is a poller at work on an upstream, for one widget "w" that shows each wanted metric.
type rig struct {
	*Poller
	up    *upstream
	board *board.Board
	log   *bytes.Buffer
	start time.Time
}

const interval = 10 * time.Second

// run starts a poller in a synctest bubble, and stops it when the test is over.
func run(t *testing.T, up *upstream, metrics ...wait.Metric) *rig {
	return runWith(t, up, Options{Source: up}, metrics...)
}

func runWith(t *testing.T, up *upstream, o Options, metrics ...wait.Metric) *rig {
	w := wait.Widget{ID: "w", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: interval}
	var wants []Want
	for _, m := range metrics {
		m.ID, m.Ref.Source = fmt.Sprint("m", len(wants)), "hq"
		w.Metrics = append(w.Metrics, m)
		wants = append(wants, Want{Metric: m.Ref.Metric, Categories: m.Categories, UsedBy: []string{"w." + m.ID}, StaleAfter: w.StaleAfter})
	}
	known := map[wait.Ref]wait.Observation{}
	for metric, observation := range o.Known {
		known[wait.Ref{Source: "hq", Metric: metric}] = observation
	}
	r := &rig{up: up, board: board.New(board.Options{Widgets: []wait.Widget{w}, Known: known, Now: time.Now}), log: &bytes.Buffer{}, start: time.Now()}
	o.Name, o.Wants, o.Interval, o.Board, o.Now = "hq", wants, interval, r.board, time.Now
	o.Metrics, o.Log = NewMetrics(prometheus.NewRegistry()), slog.New(slog.NewTextHandler(r.log, nil))
	r.Poller = New(o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done; r.board.Close() })
	synctest.Wait()
	return r
}

func ref(metric string, categories ...string) wait.Metric {
	return wait.Metric{Ref: wait.Ref{Metric: metric}, Categories: categories, Combine: wait.Max}
}

// texts is what the widget shows.
func (r *rig) texts() (texts []string) {
	page, _ := r.board.Page("w")
	for _, m := range page.Snapshot.Metrics {
		texts = append(texts, m.Text)
	}
	return texts
}

func (r *rig) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) wantTexts(t *testing.T, when string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.texts()); diff != "" {
		t.Errorf("%s: shown (-want +got):\n%s", when, diff)
	}
}

func (r *rig) wantLogged(t *testing.T, times int, text string) {
	t.Helper()
	if n := strings.Count(r.log.String(), text); n != times {
		t.Errorf("logged %d times, want %d: %s\n%s", n, times, text, r.log)
	}
}

const na = "Not available"

func TestPollsAtOnceThenOncePerInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, counts(3), ref("M2"), ref("Calls in queue 1"), ref("M1"))
		r.wantTexts(t, "at once", "2", "1", "1")
		if !r.Tried() {
			t.Error("not tried after the first poll")
		}
		if diff := cmp.Diff([]string{"M2", "M1"}, r.up.requests[1].ids); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
		r.up.change(func() { r.up.values["M2"][""] = wait.CountOf(7) })
		r.pass(interval + interval/20)
		r.wantTexts(t, "an interval later", "7", "1", "1")
		r.pass(10 * time.Minute)
		if all, lists := r.up.since(r.start); all-lists < 58 || all-lists > 63 || lists > 2 {
			t.Errorf("%d requests, %d of them for the list, in ten minutes", all, lists)
		}
	})
}

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(3)
		up.list = append(up.list, wait.MetricInfo{ID: "M7", Name: "Calls in queue 2"}, wait.MetricInfo{ID: "Calls in queue 0", Name: "Trap"})
		up.values["Calls in queue 0"] = map[string]wait.Reading{"": wait.CountOf(99)}
		r := run(t, up, ref("Calls in queue 0"), ref("Calls in queue 2"), ref("calls in queue"), ref("M1"))
		r.wantTexts(t, "an ID goes before a name, and nothing is guessed", "99", na, na, "1")
		report := r.Report().Metrics
		if report[1].Problem != string(ambiguous) || len(report[1].Near) != 2 {
			t.Errorf("ambiguous: %+v", report[1])
		}
		if report[2].Problem != string(missing) || len(report[2].Near) == 0 {
			t.Errorf("missing: %+v", report[2])
		}
		r.pass(30 * time.Minute)
		r.wantLogged(t, 2, "metric not found")
		for _, private := range []string{"M1", "M7", "alls in queue", "Trap"} {
			r.wantLogged(t, 0, private)
		}

		up.change(func() {
			up.list = slices.DeleteFunc(slices.Clone(up.list), func(i wait.MetricInfo) bool { return i.ID == "M7" })
			up.list = append(up.list, wait.MetricInfo{ID: "M8", Name: "calls in queue"})
			up.values["M8"] = map[string]wait.Reading{"": wait.CountOf(8)}
		})
		r.pass(2 * time.Minute)
		r.wantTexts(t, "after the list has changed", "99", "2", "8", "1")
	})
}

// The metric behind a name was made anew upstream, with another ID.
func TestNameMovesToAnotherID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("Calls in queue 0"), ref("M1"))
		r.pass(time.Minute)
		up.change(func() {
			up.bad["M0"], up.list[0].ID = wait.NotFound, "NEW"
			up.values["NEW"] = map[string]wait.Reading{"": wait.CountOf(5)}
		})
		r.pass(2 * (interval + interval/20))
		r.wantTexts(t, "two polls later", "5", "1")
	})
}

func TestBadMetricsAreIsolated(t *testing.T) {
	for _, listed := range []bool{true, false} {
		t.Run(fmt.Sprint("listed=", listed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(43)
				var metrics []wait.Metric
				var want []string
				for i := range 43 {
					metrics, want = append(metrics, ref(fmt.Sprint("M", i))), append(want, fmt.Sprint(i))
				}
				for i, id := range []string{"M3", "M20", "M42"} {
					up.bad[id] = []wait.Cause{wait.Forbidden, wait.NotFound, wait.BadRequest}[i]
					want[slices.Index(want, id[1:])] = na
					if !listed {
						up.list = slices.DeleteFunc(up.list, func(m wait.MetricInfo) bool { return m.ID == id })
					}
				}
				r := run(t, up, metrics...)
				r.pass(time.Second)
				if all, _ := up.since(r.start.Add(-1)); all > 2+isolationBudget {
					t.Errorf("%d requests in the first poll", all)
				}
				r.pass(4 * interval)
				r.wantTexts(t, "after five polls", want...)
				page, _ := r.board.Page("w")
				if page.Snapshot.Stale {
					t.Error("good metrics are stale because of bad ones")
				}
				settled := time.Now()
				r.pass(50 * interval)
				if all, _ := up.since(settled); all > 70 {
					t.Errorf("%d requests in 50 intervals", all)
				}
				r.wantLogged(t, 3, "turns a metric down")

				up.change(func() { up.bad = map[string]wait.Cause{} })
				r.pass(8 * time.Minute)
				if slices.Contains(r.texts(), na) {
					t.Errorf("not tried again: %v", r.texts())
				}
				r.wantLogged(t, 3, "accepts the metric again")
			})
		})
	}
}

// A metric that turns bad while all is well must not make the others stale.
func TestMetricTurnsBad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(3)
		r := run(t, up, ref("M0"), ref("M1"), ref("M2"))
		r.pass(time.Minute)
		up.change(func() { up.bad["M1"], up.list = wait.NotFound, slices.Delete(up.list, 1, 2) })
		for range 60 {
			r.pass(interval)
			page, _ := r.board.Page("w")
			for _, i := range []int{0, 2} {
				if m := page.Snapshot.Metrics[i]; m.Stale || m.Text == na {
					t.Fatalf("M%d: %+v", i, m)
				}
			}
		}
		r.wantTexts(t, "after ten minutes", "0", na, "2")
	})
}

func TestWarmUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		up.values["M0"] = map[string]wait.Reading{"Sales": wait.CountOf(4), "Support": wait.CountOf(6)}
		up.initializing["M0/Support"], up.initializing["M1"] = true, true
		r := run(t, up, ref("M0"), ref("M1"))
		r.wantTexts(t, "half a maximum is none", na, na)

		r.pass(1200 * time.Millisecond)
		if n := len(up.requests); n != 3 { // list, values, first warm-up
			t.Errorf("%d requests after a second", n)
		}
		up.change(func() { up.initializing = map[string]bool{} })
		r.pass(2500 * time.Millisecond)
		r.wantTexts(t, "soon after they are ready", "6", "1")

		up.change(func() { up.initializing["M1"] = true }) // dropped after long disuse, or a restart
		r.pass(interval)
		r.wantTexts(t, "what was known stays for now", "6", "1")
		r.pass(time.Minute)
		page, _ := r.board.Page("w")
		if m := page.Snapshot.Metrics; m[0].Stale || !m[1].Stale {
			t.Errorf("after a minute: %+v", m)
		}
		settled := time.Now()
		r.pass(10 * interval)
		if all, _ := up.since(settled); all > 25 {
			t.Errorf("%d requests in ten intervals while one value does not warm up", all)
		}
	})
}

func TestCategoryThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(1)
		up.values["M0"] = map[string]wait.Reading{"John Doe(481)": wait.CountOf(4)}
		r := run(t, up, ref("M0", "Jon Doe(481)"))
		r.wantTexts(t, "no value", na)
		r.pass(time.Hour)
		r.wantLogged(t, 1, "category value")
		r.wantLogged(t, 0, "Doe")
		if m := r.Report().Metrics[0]; !slices.Equal(m.Missing, []string{"Jon Doe(481)"}) || !slices.Equal(m.Known, []string{"John Doe(481)"}) {
			t.Errorf("report: %+v", m)
		}
	})
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name       string
		failure    wait.Failure
		most       int // requests in ten minutes of it
		recovers   time.Duration
		shown, log string
	}{
		{"server error", wait.Failure{Cause: wait.ServerError}, 61, interval, na, "cause=server_error"},
		{"timeout", wait.Failure{Cause: wait.Timeout}, 61, interval, na, "cause=timeout"},
		{"asked too much", wait.Failure{Cause: wait.RateLimited}, 25, 4 * interval, na, "cause=rate_limited"},
		{"bad key", wait.Failure{Cause: wait.Unauthorized}, 11, time.Minute, na, "DOES NOT ACCEPT THE KEY"},
		{"told to wait", wait.Failure{Cause: wait.RateLimited, RetryAfter: 4 * time.Minute}, 3, 4 * time.Minute, na, "cause=rate_limited"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(1)
				r := run(t, up, ref("M0"))
				r.pass(interval)
				up.change(func() { up.err = &test.failure })
				r.pass(interval + interval/20)
				began := time.Now()
				r.pass(10 * time.Minute)
				if all, _ := up.since(began); all < 2 || all > test.most {
					t.Errorf("%d requests in ten minutes", all)
				}
				r.wantTexts(t, "after ten minutes", test.shown)
				r.wantLogged(t, 1, test.log)
				if got := r.Report().Failure; got == nil || got.Cause != test.failure.Cause {
					t.Errorf("reported %v", got)
				}
				up.change(func() { up.err = nil })
				r.pass(test.recovers)
				r.wantTexts(t, "after recovery", "0")
				r.wantLogged(t, 1, "answers again")
				healthy := time.Now()
				r.pass(10 * interval)
				if all, _ := up.since(healthy); all < 9 || all > 12 {
					t.Errorf("%d requests in ten intervals after recovery", all)
				}
			})
		})
	}
}

// A server that turns everything down is out of order; none of its metrics is bad. It must not be asked much, and all
// must be back soon after.
func TestEverythingIsTurnedDown(t *testing.T) {
	for _, list := range []bool{true, false} {
		t.Run(fmt.Sprint("list=", list), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(40)
				var metrics []wait.Metric
				for i := range 40 {
					metrics = append(metrics, ref(fmt.Sprint("M", i)))
				}
				r := run(t, up, metrics...)
				up.change(func() {
					for i := range 40 {
						up.bad[fmt.Sprint("M", i)] = wait.NotFound
					}
					if !list {
						up.listErr = &wait.Failure{Cause: wait.NotFound}
					}
				})
				fell := time.Now()
				r.pass(2 * interval)
				if all, _ := up.since(fell); all > 2*vainBudget {
					t.Errorf("%d requests in the first two intervals", all)
				}
				r.pass(2*time.Minute - 2*interval)
				began := time.Now()
				r.pass(10 * time.Minute)
				if all, _ := up.since(began); all > 61+2*61/thoroughEvery {
					t.Errorf("%d requests in ten minutes", all)
				}
				r.wantLogged(t, 0, "turns a metric down")
				r.wantLogged(t, 1, "cause=not_found")
				up.change(func() { up.bad, up.listErr = map[string]wait.Cause{"M7": wait.Forbidden}, nil })
				r.pass(thoroughEvery * interval)
				texts := r.texts()
				if texts[7] != na || slices.Contains(slices.Delete(slices.Clone(texts), 7, 8), na) {
					t.Errorf("after it is back: %v", texts)
				}
			})
		})
	}
}

// A source that does not answer at first is told of once when it does.
func TestLogOfAFirstAnswerThatComesLate(t *testing.T) {
	for name, failure := range map[string]error{"at once": nil, "late": &wait.Failure{Cause: wait.Unreachable}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(1)
				up.err = failure
				r := run(t, up, ref("M0"))
				r.pass(interval)
				up.change(func() { up.err = nil })
				r.pass(10 * interval)
				r.wantLogged(t, 1, "the source answers")
			})
		})
	}
}

// A source with one metric turns it down for a moment, in a poll or while it warms up: that is the source's trouble.
func TestOnlyMetricIsTurnedDownForAMoment(t *testing.T) {
	for _, warming := range []bool{false, true} {
		t.Run(fmt.Sprint("warming=", warming), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(1)
				up.initializing["M0"] = warming
				r := run(t, up, ref("M0"))
				up.change(func() { up.bad["M0"] = wait.NotFound })
				r.pass(15 * time.Second)
				r.wantLogged(t, 1, "cause=not_found")
				up.change(func() { up.bad, up.initializing = nil, nil })
				r.pass(interval)
				r.wantTexts(t, "with the next poll", "0")
				r.wantLogged(t, 1, "answers again")
			})
		})
	}
}

// A metric that is turned down for a moment only is back within a few intervals, not minutes.
func TestBriefRejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("M0"), ref("M1"))
		up.change(func() { up.bad["M1"] = wait.NotFound })
		r.pass(interval + interval/20) // one poll finds it bad
		up.change(func() { up.bad = nil })
		for range 10 {
			r.pass(interval)
			if page, _ := r.board.Page("w"); page.Snapshot.Stale {
				t.Fatalf("stale %v after the start", time.Since(r.start))
			}
		}
		r.wantTexts(t, "two minutes later", "0", "1")
	})
}

// A slow source with a bad metric shows what is in order as soon as that is known.
func TestSlowIsolation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(16)
		up.latency, up.bad["M15"] = 3*time.Second, wait.Forbidden
		var metrics []wait.Metric
		for i := range 16 {
			metrics = append(metrics, ref(fmt.Sprint("M", i)))
		}
		r := run(t, up, metrics...)
		r.pass(25 * time.Second)
		if !r.Tried() {
			t.Error("not tried though it has answered")
		}
		r.pass(time.Minute)
		if texts := r.texts(); slices.Contains(texts[:15], na) || texts[15] != na {
			t.Errorf("after a minute: %v", texts)
		}
	})
}

// Of several requests in one poll, the longest Retry-After counts.
func TestLongestRetryAfterCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := []error{&wait.Failure{Cause: wait.RateLimited, RetryAfter: time.Minute}, &wait.Failure{Cause: wait.ServerError}}
		p := New(Options{Source: batches(failures), Wants: []Want{{Metric: "M0"}}, Interval: interval, Now: time.Now,
			Metrics: NewMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler)})
		if sleep := p.Step(t.Context()); sleep < time.Minute {
			t.Errorf("asks again after %v", sleep)
		}
	})
}

// batches is a source whose every question takes several requests, with these outcomes.
type batches []error

func (b batches) Metrics(context.Context) ([]wait.MetricInfo, error) {
	return []wait.MetricInfo{{ID: "M0"}}, nil
}

func (b batches) Values(_ context.Context, ids []string) (all []wait.Batch) {
	for _, err := range b {
		all = append(all, wait.Batch{IDs: ids, Err: err})
	}
	return all
}

// Without a list, bad metrics are hunted for all the same.
func TestBadMetricWithoutList(t *testing.T) {
	for _, cause := range []wait.Cause{wait.NotFound, wait.ServerError, wait.Malformed} {
		t.Run(string(cause), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(3)
				r := run(t, up, ref("M0"), ref("M1"), ref("M2"))
				up.change(func() { up.bad["M1"], up.listErr = wait.NotFound, &wait.Failure{Cause: cause} })
				r.pass(20 * time.Minute)
				r.wantTexts(t, "after twenty minutes", "0", na, "2")
			})
		})
	}
}

// A server that answers 404 to everything, its list too, while it starts is back soon after.
func TestRestartAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		up.listErr, up.bad = &wait.Failure{Cause: wait.NotFound}, map[string]wait.Cause{"M1": wait.NotFound}
		r := run(t, up, ref("Calls in queue 0"), ref("M1"))
		r.pass(15 * time.Second)
		if r.Report().Failure == nil {
			t.Error("a source that turns everything down is reported to be in order")
		}
		up.change(func() { up.listErr, up.bad = nil, nil })
		r.pass(interval)
		r.wantTexts(t, "with the next poll", "0", "1")
	})
}

func TestDownAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(1)
		up.err = &wait.Failure{Cause: wait.Unreachable}
		r := run(t, up, ref("Calls in queue 0"))
		if page, _ := r.board.Page("w"); page.Snapshot.State != wait.Initializing || !r.Tried() {
			t.Errorf("state %v, tried %v", page.Snapshot.State, r.Tried())
		}
		r.pass(10 * time.Minute)
		up.change(func() { up.err = nil })
		r.pass(interval)
		r.wantTexts(t, "with the next poll after it came up", "0")
	})
}

func TestNoList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		up.listErr = &wait.Failure{Cause: wait.NotFound}
		r := run(t, up, ref("M0"), ref("Calls in queue 1"), ref("M1"))
		r.wantTexts(t, "IDs do without", "0", na, "1")
	})
}

func TestStopsInTheMiddleOfARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(1)
		up.latency = time.Hour
		run(t, up, ref("M0")) // its cleanup waits for the poller's end, and the bubble would find it hanging
	})
}

// What is wanted changes while the poller runs: what is new is asked for at once, what is dropped no longer, and what
// stays keeps its time.
func TestSetWants(t *testing.T) {
	want := func(metrics ...string) (wants []Want) {
		for _, m := range metrics {
			wants = append(wants, Want{Metric: m, UsedBy: []string{"w." + m}})
		}
		return wants
	}
	synctest.Test(t, func(t *testing.T) {
		up := counts(6)
		r := run(t, up, ref("M0"), ref("M1"), ref("M2"), ref("Calls in queue 3"), ref("M4"))
		r.pass(interval + interval/10)
		up.change(func() {
			up.list = append(up.list, wait.MetricInfo{ID: "M7", Name: "New"})
			up.values["M7"] = map[string]wait.Reading{"": wait.CountOf(7)}
		})
		changed := time.Now()
		r.SetWants(want("M0", "Calls in queue 3", "M4", "M2", "New"))
		synctest.Wait()
		if all, lists := up.since(changed.Add(-1)); all != 2 || lists != 1 {
			t.Errorf("%d requests at once, %d of them for the list", all, lists)
		}
		var metrics []string
		for _, m := range r.Report().Metrics {
			metrics = append(metrics, m.Want.Metric+" "+m.Info.ID)
		}
		if diff := cmp.Diff([]string{"M0 M0", "Calls in queue 3 M3", "M4 M4", "M2 M2", "New M7"}, metrics); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		r.pass(2 * interval)
		last := up.requests[len(up.requests)-1].ids
		if diff := cmp.Diff([]string{"M0", "M3", "M4", "M2", "M7"}, last); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}

		changed = time.Now()
		r.SetWants(want("M0"))
		synctest.Wait()
		if all, _ := up.since(changed.Add(-1)); all != 0 {
			t.Errorf("%d requests though nothing is new", all)
		}
		up.change(func() { up.err = &wait.Failure{Cause: wait.Unreachable} })
		r.pass(2 * interval)
		changed = time.Now()
		r.SetWants(want("M0", "M5"))
		synctest.Wait()
		if all, _ := up.since(changed.Add(-1)); all != 0 {
			t.Errorf("%d requests at once of a source in trouble", all)
		}
		up.change(func() { up.err = nil })
		r.pass(5 * interval)
		if diff := cmp.Diff([]string{"M0", "M5"}, up.requests[len(up.requests)-1].ids); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
	})
}

// Wants may change before the first poll is over, and often.
func TestSetWantsEarlyAndOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(20)
		up.latency = time.Second
		r := run(t, up, ref("M0"))
		for i := range 20 {
			r.SetWants([]Want{{Metric: fmt.Sprint("Calls in queue ", i)}})
			r.pass(time.Duration(i) * 100 * time.Millisecond)
		}
		r.pass(2 * interval)
		if diff := cmp.Diff([]string{"M19"}, up.requests[len(up.requests)-1].ids); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
	})
}
