package poller

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
)

// The metric behind a name was made anew upstream, with another ID.
func TestNameMovesToAnotherID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("Calls in queue 0"), ref("M1"))
		r.pass(time.Minute)
		up.change(func() {
			up.bad["M0"], up.list[0].ID = domain.NotFound, "NEW"
			up.values["NEW"] = map[string]domain.Reading{"": domain.CountOf(5)}
		})
		r.pass(2 * (interval + interval/20))
		r.wantTexts(t, "two polls later", "5", "1")
	})
}

// A source that was away may have been set up anew, with the same IDs for other metrics.
func TestNamesChangePlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("Calls in queue 0"), ref("Calls in queue 1"))
		r.pass(time.Minute)
		r.wantTexts(t, "before", "0", "1")
		up.change(func() { up.err = &domain.Failure{Cause: domain.Unreachable} })
		r.pass(20 * time.Second)
		up.change(func() {
			up.err = nil
			up.list[0].ID, up.list[1].ID = "M1", "M0"
			up.values["M0"][""], up.values["M1"][""] = domain.CountOf(11), domain.CountOf(10)
		})
		r.pass(interval)
		r.wantTexts(t, "when it is back", "10", "11")
		r.pass(10 * time.Minute)
		r.wantTexts(t, "later", "10", "11")
		up.change(func() { // and without having been away
			up.list[0].ID, up.list[1].ID = "M0", "M1"
		})
		r.pass(listEvery + interval)
		r.wantTexts(t, "once the list is read again", "11", "10")
	})
}

// Under a name nothing is shown of an ID that has become another metric's while the source was away: neither what it says now nor what it said before.
func TestNamesLoseTheirIDs(t *testing.T) {
	const nothing = "Not available"
	before := []string{"0", "1"}
	for name, test := range map[string]struct {
		setUp func(up *upstream) // anew
		after []string
	}{
		"for one that nobody has asked for": {func(up *upstream) {
			up.list[0].ID, up.list[2].ID = "M2", "M0"
			up.values["M0"][""], up.values["M2"][""] = domain.CountOf(12), domain.CountOf(10)
		}, []string{"10", "1"}},
		"and there is none for it": {func(up *upstream) {
			up.list = up.list[1:]
			up.list[1].ID, up.values["M0"][""] = "M0", domain.CountOf(12)
		}, []string{nothing, "1"}},
		"for one that is initializing": {func(up *upstream) {
			up.list[0].ID, up.list[1].ID = "M1", "M0"
			up.initializing = map[string]bool{"M0": true, "M1": true}
		}, []string{nothing, nothing}},
		"for one of which a part is initializing": {func(up *upstream) {
			up.list[0].ID, up.list[1].ID = "M1", "M0"
			up.initializing = map[string]bool{"M0/": true, "M1/": true}
		}, []string{nothing, nothing}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(3)
				r := run(t, up, ref("Calls in queue 0"), ref("Calls in queue 1"))
				r.pass(time.Minute)
				r.wantTexts(t, "before", before...)
				up.change(func() { up.err = &domain.Failure{Cause: domain.Unreachable} })
				r.pass(20 * time.Second)
				up.change(func() {
					up.err = nil
					test.setUp(up)
				})
				for range 2 * (interval + interval/20) / time.Second {
					r.pass(time.Second)
					for i, text := range r.texts() {
						if text != nothing && text != before[i] && text != test.after[i] {
							t.Errorf("metric %d: %q is shown", i, text)
						}
					}
				}
				r.wantTexts(t, "two intervals later", test.after...)
			})
		})
	}
}

// A source that gives values and is asked too much for its list is not asked for that with every poll.
func TestListIsTooMuchForASourceThatIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("Calls in queue 0"), ref("Calls in queue 1"))
		r.pass(time.Minute)
		up.change(func() { up.err = &domain.Failure{Cause: domain.Unreachable} })
		r.pass(20 * time.Second)
		up.change(func() {
			up.err, up.listErr = nil, &domain.Failure{Cause: domain.RateLimited, RetryAfter: interval}
		})
		back := time.Now()
		r.pass(50 * time.Second)
		if all, lists := up.since(back); lists != 1 || all < 4 {
			t.Errorf("%d requests, %d of them for the list", all, lists)
		}
		if failure := r.Report().Failure; failure != nil {
			t.Errorf("in trouble: %v", failure)
		}
	})
}

func TestBadMetricsAreIsolated(t *testing.T) {
	for _, listed := range []bool{true, false} {
		t.Run(fmt.Sprint("listed=", listed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(43)
				var metrics []domain.Metric
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
				page, _ := r.board.Page("w")
				if page.Snapshot.Stale {
					t.Error("good metrics are stale because of bad ones")
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
					t.Errorf("not tried again: %v", r.texts())
				}
				r.wantLogged(t, 3, "metric accepted again")
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
		up.change(func() { up.bad["M1"], up.list = domain.NotFound, slices.Delete(up.list, 1, 2) })
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

// A server that turns everything down is out of order; none of its metrics is bad. It must not be asked much, and all
// must be back soon after.
func TestEverythingIsTurnedDown(t *testing.T) {
	for _, list := range []bool{true, false} {
		t.Run(fmt.Sprint("list=", list), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(40)
				var metrics []domain.Metric
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
					t.Errorf("after it is back: %v", texts)
				}
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

// A metric that is turned down for a moment only is back within a few intervals, not minutes.
func TestBriefRejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("M0"), ref("M1"))
		up.change(func() { up.bad["M1"] = domain.NotFound })
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
		up.latency, up.bad["M15"] = 3*time.Second, domain.Forbidden
		var metrics []domain.Metric
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

// Without a list, bad metrics are hunted for all the same.
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
