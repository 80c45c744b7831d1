package poller

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
)

func TestBadMetricsAreQuarantined(t *testing.T) {
	for _, listed := range []bool{true, false} {
		t.Run(fmt.Sprint("listed=", listed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(43)
				var metrics []domain.WidgetMetric
				var want []string
				for i := range 43 {
					metrics, want = append(metrics, ref(fmt.Sprint("M", i))), append(want, fmt.Sprint(i))
				}
				for i, id := range []string{"M3", "M20", "M42"} {
					up.bad[id] = []domain.Cause{domain.Forbidden, domain.NotFound, domain.BadRequest}[i]
					want[slices.Index(want, id[1:])] = na
					if !listed {
						up.list = slices.DeleteFunc(up.list, func(m domain.MetricInfo) bool { return m.ID == id })
					}
				}
				r := run(t, up, metrics...)
				r.pass(time.Second)
				if all, _ := up.since(r.start.Add(-1)); all > 2+bisectBudget {
					t.Errorf("%d requests in the first poll", all)
				}
				r.pass(4 * interval)
				r.wantTexts(t, "after five polls", want...)
				page, _ := r.publisher.Page("w")
				if page.Snapshot.Stale {
					t.Error("good metrics are stale because of bad ones")
				}
				reasons := map[Reason]int{}
				for _, m := range r.Report().Metrics {
					reasons[m.Reason()]++
				}
				if reason := map[bool]Reason{true: Quarantined, false: NotFound}[listed]; reasons[reason] != 3 || reasons[""] != 40 {
					t.Errorf("reasons %v", reasons)
				}
				settled := time.Now()
				r.pass(50 * interval)
				if all, _ := up.since(settled); all > 70 {
					t.Errorf("%d requests in 50 intervals", all)
				}
				r.wantLogged(t, 3, "metric rejected, quarantining it")

				up.change(func() { up.bad = map[string]domain.Cause{} })
				r.pass(8 * time.Minute)
				if slices.Contains(r.texts(), na) {
					t.Errorf("not requested again: %v", r.texts())
				}
				r.wantLogged(t, 3, "metric accepted again")
			})
		})
	}
}

// A metric that turns bad does not make the others stale.
func TestMetricTurnsBad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(3)
		r := run(t, up, ref("M0"), ref("M1"), ref("M2"))
		r.pass(time.Minute)
		up.change(func() { up.bad["M1"], up.list = domain.NotFound, slices.Delete(up.list, 1, 2) })
		for range 60 {
			r.pass(interval)
			page, _ := r.publisher.Page("w")
			for _, i := range []int{0, 2} {
				if m := page.Snapshot.Metrics[i]; m.Stale || m.Text == na {
					t.Fatalf("M%d: %+v", i, m)
				}
			}
		}
		r.wantTexts(t, "after ten minutes", "0", na, "2")
	})
}

// A server that rejects everything is down: no metric is quarantined. It gets few requests, and all values are back soon after.
func TestEverythingIsRejected(t *testing.T) {
	for _, list := range []bool{true, false} {
		t.Run(fmt.Sprint("list=", list), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(40)
				var metrics []domain.WidgetMetric
				for i := range 40 {
					metrics = append(metrics, ref(fmt.Sprint("M", i)))
				}
				r := run(t, up, metrics...)
				up.change(func() {
					for i := range 40 {
						up.bad[fmt.Sprint("M", i)] = domain.NotFound
					}
					if !list {
						up.listErr = &domain.Failure{Cause: domain.NotFound}
					}
				})
				fell := time.Now()
				r.pass(2 * interval)
				if all, _ := up.since(fell); all > 2*rejectBudget {
					t.Errorf("%d requests in the first two intervals", all)
				}
				r.pass(2*time.Minute - 2*interval)
				began := time.Now()
				r.pass(10 * time.Minute)
				if all, _ := up.since(began); all > 61+2*61/thoroughEvery {
					t.Errorf("%d requests in ten minutes", all)
				}
				r.wantLogged(t, 0, "metric rejected, quarantining it")
				r.wantLogged(t, 1, "cause=not_found")
				up.change(func() { up.bad, up.listErr = map[string]domain.Cause{"M7": domain.Forbidden}, nil })
				r.pass(thoroughEvery * interval)
				texts := r.texts()
				if texts[7] != na || slices.Contains(slices.Delete(slices.Clone(texts), 7, 8), na) {
					t.Errorf("after it recovered: %v", texts)
				}
			})
		})
	}
}

// A source that rejects its only metric for a moment, in a poll or a warm-up, has failed: the metric isn't quarantined.
func TestOnlyMetricIsRejectedForAMoment(t *testing.T) {
	for _, warming := range []bool{false, true} {
		t.Run(fmt.Sprint("warming=", warming), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(1)
				up.initializing["M0"] = warming
				r := run(t, up, ref("M0"))
				up.change(func() { up.bad["M0"] = domain.NotFound })
				r.pass(15 * time.Second)
				r.wantLogged(t, 1, "cause=not_found")
				up.change(func() { up.bad, up.initializing = nil, nil })
				r.pass(interval)
				r.wantTexts(t, "with the next poll", "0")
				r.wantLogged(t, 1, "poll succeeded again")
			})
		})
	}
}

// A metric that is rejected for a moment is back within a few intervals.
func TestBriefRejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("M0"), ref("M1"))
		up.change(func() { up.bad["M1"] = domain.NotFound })
		r.pass(interval + interval/20) // one poll quarantines it
		up.change(func() { up.bad = nil })
		for range 10 {
			r.pass(interval)
			if page, _ := r.publisher.Page("w"); page.Snapshot.Stale {
				t.Fatalf("stale %v after the start", time.Since(r.start))
			}
		}
		r.wantTexts(t, "two minutes later", "0", "1")
	})
}

// Bisecting at a slow source does not delay the good metrics.
func TestSlowBisecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(16)
		up.latency, up.bad["M15"] = 3*time.Second, domain.Forbidden
		var metrics []domain.WidgetMetric
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

// Bad metrics are found without a list as well.
func TestBadMetricWithoutList(t *testing.T) {
	for _, cause := range []domain.Cause{domain.NotFound, domain.ServerError, domain.Malformed} {
		t.Run(string(cause), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(3)
				r := run(t, up, ref("M0"), ref("M1"), ref("M2"))
				up.change(func() { up.bad["M1"], up.listErr = domain.NotFound, &domain.Failure{Cause: cause} })
				r.pass(20 * time.Minute)
				r.wantTexts(t, "after twenty minutes", "0", na, "2")
			})
		})
	}
}
