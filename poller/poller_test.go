package poller

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"waitboard/domain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPollsAtOnceThenOncePerInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, counts(3), ref("M2"), ref("Calls in queue 1"), ref("M1"))
		r.wantTexts(t, "at once", "2", "1", "1")
		if !r.Tried() {
			t.Error("not tried after the first poll")
		}
		if diff := cmp.Diff([]string{"M2", "M1"}, r.up.requests[1].ids); diff != "" {
			t.Errorf("requested (-want +got):\n%s", diff)
		}
		r.up.change(func() { r.up.values["M2"][""] = domain.CountOf(7) })
		r.pass(interval + interval/20)
		r.wantTexts(t, "an interval later", "7", "1", "1")
		r.pass(10 * time.Minute)
		if all, lists := r.up.since(r.start); all-lists < 58 || all-lists > 63 || lists > 2 {
			t.Errorf("%d requests, %d of them for the list, in ten minutes", all, lists)
		}
	})
}

func TestWarmUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		up.values["M0"] = map[string]domain.Reading{"Sales": domain.CountOf(4), "Support": domain.CountOf(6)}
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

		up.change(func() { up.initializing["M1"] = true }) // as after a restart
		r.pass(interval)
		r.wantTexts(t, "what was known stays for now", "6", "1")
		r.pass(time.Minute)
		page, _ := r.publisher.Page("w")
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
		up.values["M0"] = map[string]domain.Reading{"John Doe(481)": domain.CountOf(4)}
		r := run(t, up, ref("M0", "Jon Doe(481)"))
		r.wantTexts(t, "no value", na)
		r.pass(time.Hour)
		r.wantLogged(t, 1, "category value")
		r.wantLogged(t, 0, "Doe")
		if m := r.Report().Metrics[0]; !slices.Equal(m.Missing, []string{"Jon Doe(481)"}) || !slices.Equal(m.Categories, []string{"John Doe(481)"}) {
			t.Errorf("report: %+v", m)
		}
	})
}

// Only those who choose a missing category value are blamed, in the log and in reports.
func TestCategoryMissesForSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(1)
		up.values["M0"] = map[string]domain.Reading{"Sales": domain.CountOf(4)}
		r := run(t, up)
		r.SetWants([]Want{{
			Metric: "M0", Categories: []string{"Sales", "Sles"}, UsedBy: []string{"w.all", "w.good", "w.bad"}, StaleAfter: time.Minute,
			ChosenBy: map[string][]string{"Sales": {"w.good"}, "Sles": {"w.bad"}},
		}})
		r.pass(time.Minute)
		r.wantLogged(t, 1, "used_by=[w.bad]")
		parts := r.Report().Metrics[0].Split()
		if len(parts) != 2 || parts[0].Reason() != NoCategory || !slices.Equal(parts[0].Want.UsedBy, []string{"w.bad"}) || parts[1].Reason() != "" || !slices.Equal(parts[1].Want.UsedBy, []string{"w.all", "w.good"}) {
			t.Errorf("%+v", parts)
		}
	})
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name       string
		failure    domain.Failure
		most       int // requests in ten minutes of it
		recovers   time.Duration
		shown, log string
	}{
		{"server error", domain.Failure{Cause: domain.ServerError}, 61, interval, na, "cause=server_error"},
		{"timeout", domain.Failure{Cause: domain.Timeout}, 61, interval, na, "cause=timeout"},
		{"rate limited", domain.Failure{Cause: domain.RateLimited}, 25, 4 * interval, na, "cause=rate_limited"},
		{"rejected key", domain.Failure{Cause: domain.Unauthorized}, 11, time.Minute, na, "key rejected"},
		{"Retry-After", domain.Failure{Cause: domain.RateLimited, RetryAfter: 4 * time.Minute}, 3, 4 * time.Minute, na, "cause=rate_limited"},
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
				r.wantLogged(t, 1, "poll succeeded again")
				healthy := time.Now()
				r.pass(10 * interval)
				if all, _ := up.since(healthy); all < 9 || all > 12 {
					t.Errorf("%d requests in ten intervals after recovery", all)
				}
			})
		})
	}
}

// The first successful poll is logged once, even after failures.
func TestLogOfTheFirstSuccess(t *testing.T) {
	for name, failure := range map[string]error{"at once": nil, "late": &domain.Failure{Cause: domain.Unreachable}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(1)
				up.err = failure
				r := run(t, up, ref("M0"))
				r.pass(interval)
				up.change(func() { up.err = nil })
				r.pass(10 * interval)
				r.wantLogged(t, 1, "poll succeeded")
			})
		})
	}
}

// Of several requests in one poll, the longest Retry-After counts.
func TestLongestRetryAfterCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := []error{&domain.Failure{Cause: domain.RateLimited, RetryAfter: time.Minute}, &domain.Failure{Cause: domain.ServerError}}
		p := New(Options{Source: batches(failures), Wants: []Want{{Metric: "M0"}}, Interval: interval, Now: time.Now,
			Metrics: NewPrometheusMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler)})
		if sleep := p.Step(t.Context()); sleep < time.Minute {
			t.Errorf("polls again after %v", sleep)
		}
	})
}

// batches is a source whose polls take several requests, with these outcomes.
type batches []error

func (b batches) Metrics(context.Context) ([]domain.MetricInfo, error) {
	return []domain.MetricInfo{{ID: "M0"}}, nil
}

func (b batches) Values(_ context.Context, ids []string) (all []domain.Batch) {
	for _, err := range b {
		all = append(all, domain.Batch{IDs: ids, Err: err})
	}
	return all
}

// A server that answers everything with 404 while it starts recovers within an interval.
func TestRestartAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		up.listErr, up.bad = &domain.Failure{Cause: domain.NotFound}, map[string]domain.Cause{"M1": domain.NotFound}
		r := run(t, up, ref("Calls in queue 0"), ref("M1"))
		r.pass(15 * time.Second)
		if r.Report().Failure == nil {
			t.Error("a source that rejects everything is reported as healthy")
		}
		up.change(func() { up.listErr, up.bad = nil, nil })
		r.pass(interval)
		r.wantTexts(t, "with the next poll", "0", "1")
	})
}

func TestDownAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(1)
		up.err = &domain.Failure{Cause: domain.Unreachable}
		r := run(t, up, ref("Calls in queue 0"))
		if page, _ := r.publisher.Page("w"); page.Snapshot.State != domain.Initializing || !r.Tried() {
			t.Errorf("state %v, tried %v", page.Snapshot.State, r.Tried())
		}
		r.pass(10 * time.Minute)
		up.change(func() { up.err = nil })
		r.pass(interval)
		r.wantTexts(t, "with the next poll after it came up", "0")
	})
}

func TestStopsInTheMiddleOfARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(1)
		up.latency = time.Hour
		run(t, up, ref("M0")) // its cleanup joins the poller
	})
}
