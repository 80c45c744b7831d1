package poller

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(3)
		up.list = append(up.list, domain.MetricInfo{ID: "M7", Name: "Calls in queue 2"}, domain.MetricInfo{ID: "Calls in queue 0", Name: "Trap"})
		up.values["Calls in queue 0"] = map[string]domain.Reading{"": domain.CountOf(99)}
		r := run(t, up, ref("Calls in queue 0"), ref("Calls in queue 2"), ref("calls in queue"), ref("M1"))
		r.wantTexts(t, "an ID goes before a name, and nothing is guessed", "99", na, na, "1")
		report := r.Report().Metrics
		if report[1].Problem != string(ambiguous) || len(report[1].Near()) != 2 {
			t.Errorf("ambiguous: %+v", report[1])
		}
		if report[2].Problem != string(missing) || len(report[2].Near()) == 0 {
			t.Errorf("missing: %+v", report[2])
		}
		r.pass(30 * time.Minute)
		r.wantLogged(t, 2, "metric not found")
		for _, private := range []string{"M1", "M7", "alls in queue", "Trap"} {
			r.wantLogged(t, 0, private)
		}

		up.change(func() {
			up.list = slices.DeleteFunc(slices.Clone(up.list), func(i domain.MetricInfo) bool { return i.ID == "M7" })
			up.list = append(up.list, domain.MetricInfo{ID: "M8", Name: "calls in queue"})
			up.values["M8"] = map[string]domain.Reading{"": domain.CountOf(8)}
		})
		r.pass(2 * time.Minute)
		r.wantTexts(t, "after the list has changed", "99", "2", "8", "1")
	})
}

// A metric in use stays in use while it is listed, even if its name changes or becomes ambiguous.
func TestNameInUse(t *testing.T) {
	const used = "Calls in queue 0"
	tests := map[string]struct {
		change func(u *upstream)
		logged []string // in one warning; nil: none
	}{
		"a second metric has it": {func(u *upstream) {
			u.list = append(u.list, domain.MetricInfo{ID: "M7", Name: used})
		}, []string{"id=M0", `ids="[M0 M7]"`}},
		"a second metric has it, listed first": {func(u *upstream) {
			u.list = append([]domain.MetricInfo{{ID: "M7", Name: used}}, u.list...)
		}, []string{"id=M0", `ids="[M7 M0]"`}},
		"the metric is renamed":      {func(u *upstream) { u.list[0].Name = "Callers" }, []string{"id=M0", `configured="` + used + `"`, "listed=Callers"}},
		"the metric is listed twice": {func(u *upstream) { u.list = append(u.list, u.list[0]) }, nil},
	}
	for name, test := range tests {
		for _, away := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/away=%t", name, away), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					up := counts(3)
					r := run(t, up, ref(used))
					r.pass(time.Minute)
					if away {
						up.change(func() { up.err = &domain.Failure{Cause: domain.Unreachable} })
						r.pass(20 * time.Second)
					}
					up.change(func() {
						up.err = nil
						up.list = slices.Clone(up.list)
						test.change(up)
						up.values["M0"][""] = domain.CountOf(10)
					})
					for range 30 {
						r.pass(time.Minute)
						r.wantTexts(t, "after the change", "10")
						if page, _ := r.publisher.Page("w"); page.Snapshot.State != domain.Open || page.Snapshot.Stale {
							t.Fatalf("state %s, stale %t", page.Snapshot.State, page.Snapshot.Stale)
						}
					}
					r.wantLogged(t, min(len(test.logged), 1), "still using it")
					for _, text := range test.logged {
						r.wantLogged(t, 1, text)
					}
				})
			})
		}
	}
}

// A name that moves to an initializing metric has no value, but its widget is not initializing.
func TestNameMovesToAnInitializingMetric(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		up.values["M1"][""] = domain.CountOf(7)
		r := run(t, up, ref("Calls in queue 0"))
		r.pass(time.Minute)
		up.change(func() {
			up.list = slices.Clone(up.list)
			up.list[0].ID, up.list[1].ID = "M1", "M0"
			up.initializing["M1"] = true
		})
		for range 2 * listEvery / interval {
			r.pass(interval)
			if page, _ := r.publisher.Page("w"); page.Snapshot.State == domain.Initializing {
				t.Fatalf("initializing, at %v", time.Since(r.start))
			}
		}
		r.wantTexts(t, "while its metric is initializing", na)
	})
}

// While the list can't be read, the log names the cause and no metric.
func TestNoList(t *testing.T) {
	for _, test := range []struct {
		name    string
		cause   domain.Cause
		metrics []domain.WidgetMetric
		want    []string // while there is no list
		logged  string
	}{
		{"IDs and a name, no list", domain.NotFound, []domain.WidgetMetric{ref("M0"), ref("Calls in queue 1"), ref("M1")}, []string{"0", na, "1"}, "list of metrics unavailable, metrics configured by name have no value\" cause=not_found"},
		{"IDs and a name, a broken list", domain.ServerError, []domain.WidgetMetric{ref("M0"), ref("Calls in queue 1")}, []string{"0", na}, "list of metrics unavailable, metrics configured by name have no value\" cause=server_error"},
		{"a name, a broken list", domain.ServerError, []domain.WidgetMetric{ref("Calls in queue 1")}, []string{na}, "poll failed, retrying\" cause=server_error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(2)
				up.listErr = &domain.Failure{Cause: test.cause}
				r := run(t, up, test.metrics...)
				r.pass(time.Minute)
				r.SetWants(append(slices.Clone(r.o.Wants), Want{Metric: "Calls in queue 0", UsedBy: []string{"w.added"}}))
				r.pass(5 * time.Minute)
				r.wantTexts(t, "without a list", test.want...)
				r.wantLogged(t, 1, test.logged)
				r.wantLogged(t, 1, "level=WARN")
				r.wantLogged(t, 0, "not found")
				for _, m := range r.Report().Metrics {
					if m.Info.ID == "" && strings.Contains(m.Want.Metric, " ") && test.want[0] == "0" && !strings.Contains(m.Problem, "list of metrics can't be read ("+string(test.cause)) {
						t.Errorf("%s: %q", m.Want.Metric, m.Problem)
					}
				}

				up.change(func() { up.listErr = nil })
				r.pass(10 * time.Minute)
				if got := r.texts(); slices.Contains(got, na) {
					t.Errorf("with a list: %q", got)
				}
			})
		})
	}
}

// Names that look like the configured one are taken for it, unless there are several.
func TestNamesByTheirLook(t *testing.T) {
	const configured = "Würzburg Calls"
	for _, test := range []struct {
		name   string
		listed []string // the names of M0, M1, …
		want   string
		logged string
	}{
		{"decomposed", []string{"Wu\u0308rzburg Calls"}, "0", "matched by the look"},
		{"no-break space", []string{"other", "Würzburg\u00a0Calls"}, "1", "matched by the look"},
		{"space at the end", []string{"Würzburg Calls "}, "0", "matched by the look"},
		{"exact goes first", []string{"Würzburg\u00a0Calls", "Würzburg Calls"}, "1", ""},
		{"several", []string{"Würzburg\u00a0Calls", "Würzburg  Calls"}, na, "other spaces or encodings of accents"},
		{"another case", []string{"würzburg calls"}, na, "no metric with this ID or exact name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(len(test.listed))
				for i, name := range test.listed {
					up.list[i].Name = name
				}
				r := run(t, up, ref(configured))
				r.pass(20 * time.Minute)
				r.wantTexts(t, test.name, test.want)
				if test.logged != "" {
					r.wantLogged(t, 1, test.logged)
				}
				if report := r.Report().Metrics[0]; test.name == "several" && len(report.Near()) != 2 {
					t.Errorf("near: %+v", report.Near())
				}
			})
		})
	}
}

// A metric in use stays in use when its name is gone and that of another looks like it.
func TestNameInUseGoesBeforeItsLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		r := run(t, up, ref("Calls in queue 0"))
		up.change(func() { up.list[0].Name, up.list[1].Name = "Renamed", "Calls in\u00a0queue 0" })
		r.pass(10 * time.Minute)
		r.wantTexts(t, "renamed", "0")
		r.wantLogged(t, 1, "metric renamed")
		up.change(func() { up.list[0].Name, up.list[1].Name = "Calls in\u00a0queue 0", "Other" })
		r.pass(10 * time.Minute)
		r.wantTexts(t, "in another encoding", "0")
	})
}

// A duration that counts up by more than a second each second is a sum, which operators may have taken for one wait.
func TestSumsOfWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		for id, rate := range map[string]float64{"M0": 1, "M1": 3} {
			up.values[id] = map[string]domain.Reading{"": domain.Line(time.Minute, rate, time.Now())}
		}
		r := run(t, up, ref("M0"), ref("M1"))
		r.pass(time.Minute)
		r.wantLogged(t, 1, "duration counts up faster than time")
		r.wantLogged(t, 1, "used_by=[w.m1]")
		if report := r.Report().Metrics; report[0].Rate != 1 || report[1].Rate != 3 {
			t.Errorf("rates %v and %v", report[0].Rate, report[1].Rate)
		}
	})
}

func TestCategoriesByTheirLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(1)
		up.values["M0"] = map[string]domain.Reading{"Bu\u0308ro": domain.CountOf(5), "other": domain.CountOf(6)}
		r := run(t, up, ref("M0", "Büro"))
		r.pass(time.Minute)
		r.wantTexts(t, "decomposed", "5")
		r.wantLogged(t, 0, "not found")
		r.wantLogged(t, 1, "category value matched by its look")
		if missing := r.Report().Metrics[0].Missing; missing != nil {
			t.Errorf("missing: %q", missing)
		}
	})
}

// New wants are requested at once, dropped ones no longer. Those that stay keep their schedule.
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
			up.list = append(up.list, domain.MetricInfo{ID: "M7", Name: "New"})
			up.values["M7"] = map[string]domain.Reading{"": domain.CountOf(7)}
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
			t.Errorf("requested (-want +got):\n%s", diff)
		}

		changed = time.Now()
		r.SetWants(want("M0"))
		synctest.Wait()
		if all, _ := up.since(changed.Add(-1)); all != 0 {
			t.Errorf("%d requests though nothing is new", all)
		}
		up.change(func() { up.err = &domain.Failure{Cause: domain.Unreachable} })
		r.pass(2 * interval)
		changed = time.Now()
		r.SetWants(want("M0", "M5"))
		synctest.Wait()
		if all, _ := up.since(changed.Add(-1)); all != 0 {
			t.Errorf("%d requests at once though the last poll failed", all)
		}
		up.change(func() { up.err = nil })
		r.pass(5 * interval)
		if diff := cmp.Diff([]string{"M0", "M5"}, up.requests[len(up.requests)-1].ids); diff != "" {
			t.Errorf("requested (-want +got):\n%s", diff)
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
			t.Errorf("requested (-want +got):\n%s", diff)
		}
	})
}
