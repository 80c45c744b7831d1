package poller

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
)

func alias(category string) string {
	if category == "" {
		return ""
	}
	return "alias of " + category
}

// left is an observation from the checkpoint.
func left(at time.Time, counts map[string]float64) domain.Observation {
	o := domain.Observation{Confirmed: at, Complete: at, Kind: domain.Count, Samples: map[string]domain.Sample{}, Alias: alias}
	for category, n := range counts {
		o.Samples[alias(category)] = domain.Sample{Reading: domain.CountOf(n), Confirmed: at}
	}
	return o
}

// Restored values stay, with their age, until an answer includes them.
func TestInitialValues(t *testing.T) {
	const age = 20 * time.Second
	tests := []struct {
		name   string
		change func(u *upstream)
		metric domain.WidgetMetric
		want   string
		young  bool // confirmed by an answer
	}{
		{"no connection", func(u *upstream) { u.err = &domain.Failure{Cause: domain.Unreachable} }, ref("M7"), "70", false},
		{"rejected key", func(u *upstream) { u.err = &domain.Failure{Cause: domain.Unauthorized} }, ref("M7"), "70", false},
		{"the metric is rejected", func(u *upstream) { u.bad["M7"] = domain.Forbidden }, ref("M7"), "70", false},
		{"the metric is unlisted and rejected", func(u *upstream) { u.bad["M7"], u.list = domain.NotFound, u.list[:7] }, ref("M7"), "70", false},
		{"its name is not listed", func(u *upstream) { u.list = u.list[:7] }, ref("Calls in queue 7"), "70", false},
		{"an answer without it", func(u *upstream) { u.values["M7"] = nil }, ref("M7"), "70", false},
		{"it is initializing", func(u *upstream) { u.initializing["M7"] = true }, ref("M7"), "70", false},
		{"its one value is initializing", func(u *upstream) { u.initializing["M7/"] = true }, ref("M7"), "70", false},
		{"an answer", func(u *upstream) {}, ref("M7"), "7", true},
		{"an answer that it has none", func(u *upstream) { u.values["M7"] = map[string]domain.Reading{"": {}} }, ref("M7"), na, true},

		{"names: no connection", func(u *upstream) { u.err = &domain.Failure{Cause: domain.Unreachable} }, ref("M8"), "90", false},
		{"a chosen one", func(u *upstream) { u.initializing["M8"] = true }, ref("M8", "Ada"), "80", false},
		{"one that it never had", func(u *upstream) { u.initializing["M8"] = true }, ref("M8", "Grace"), na, false},
		{"all of them are initializing", func(u *upstream) { u.initializing["M8/Ada"], u.initializing["M8/Alan"] = true, true }, ref("M8"), "90", false},
		{"one of them is initializing", func(u *upstream) { u.initializing["M8/Alan"] = true }, ref("M8"), "90", false},
		{"the other is initializing", func(u *upstream) { u.initializing["M8/Ada"] = true }, ref("M8"), "80", false},
		{"one of them is gone", func(u *upstream) { delete(u.values["M8"], "Alan") }, ref("M8"), "8", true},
		{"all of them are answered", func(u *upstream) {}, ref("M8"), "9", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up := counts(9)
				up.values["M8"] = map[string]domain.Reading{"Ada": domain.CountOf(8), "Alan": domain.CountOf(9)}
				test.change(up)
				before := time.Now().Add(-age)
				r := runWith(t, up, Options{Source: up, Initial: map[string]domain.Observation{
					"M7": left(before, map[string]float64{"": 70}), "Calls in queue 7": left(before, map[string]float64{"": 70}),
					"M8": left(before, map[string]float64{"Ada": 80, "Alan": 90}),
				}}, test.metric)
				r.wantTexts(t, "after the first poll", test.want)
				confirmed := before
				if test.young {
					confirmed = r.start
				}
				page, _ := r.publisher.Page("w")
				if !page.Snapshot.ObservedAt.Equal(confirmed) {
					t.Errorf("observed at %v, want %v", page.Snapshot.ObservedAt, confirmed)
				}
				r.wantLogged(t, 0, "category value not found")
				if test.young {
					return
				}
				r.pass(time.Until(before.Add(45*time.Second + time.Millisecond)))
				r.wantTexts(t, "stale", test.want)
				if page, _ := r.publisher.Page("w"); !page.Snapshot.Stale {
					t.Error("not stale in time")
				}
				r.pass(time.Until(before.Add(5*time.Minute - 1)))
				r.wantTexts(t, "at last", test.want)
				r.pass(1 + time.Millisecond)
				r.wantTexts(t, "hidden", na)
			})
		})
	}
}

// Restored values don't count as answers in reports and metrics.
func TestInitialValuesAreNoAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		up.list, up.latency = nil, time.Second
		up.bad["M1"] = domain.NotFound
		known := map[string]domain.Observation{"M1": left(time.Now(), map[string]float64{"Ada": 3})}
		r := runWith(t, up, Options{Source: up, Initial: known}, ref("M1", "Grace"))
		if r.Tried() {
			t.Error("tried before the first answer")
		}
		r.pass(time.Minute)
		report := r.Report()
		if report.Answered || !math.IsInf(r.state.age(), 1) {
			t.Errorf("answered: %v, age %v", report.Answered, r.state.age())
		}
		if m := report.Metrics[0]; m.Problem == "" || len(m.Categories) > 0 || len(m.Missing) > 0 {
			t.Errorf("reported as %+v", m)
		}
	})
}

// A poller may start with the values of another one, as after a reload.
func TestInitialValuesOfAnotherPoller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(2)
		first := run(t, up, ref("M1"))
		up.change(func() { up.initializing["M1"] = true })
		second := runWith(t, up, Options{Source: up, Initial: first.publisher.Readings().Of("hq")}, ref("M1"), ref("M0"))
		second.wantTexts(t, "before an answer with M1", "1", "0")
		up.change(func() { up.initializing, up.values["M1"][""] = nil, domain.CountOf(5) })
		second.pass(interval)
		second.wantTexts(t, "after it", "5", "0")
	})
}

// A push changes a restored value. If the checkpoint has its category by an alias only, it is a reason to poll.
func TestPushOfAnInitialValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := counts(9)
		up.initializing["M7"], up.initializing["M8"] = true, true
		before := time.Now().Add(-time.Minute)
		r := runWith(t, up, Options{Source: up, Initial: map[string]domain.Observation{
			"M7": left(before, map[string]float64{"": 70}), "M8": left(before, map[string]float64{"Ada": 80, "Alan": 90}),
		}}, ref("M7"), ref("M8"))
		push := func(metric, category string, n float64) {
			now := time.Now()
			r.state.receive(domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: metric, Category: category}, Reading: domain.CountOf(n), Updated: now}, At: now})
		}
		r.pass(time.Second)
		push("M7", "", 71)
		push("M8", "Alan", 91)
		r.pass(time.Second)
		r.wantTexts(t, "pushed", "71", "90")
		page, _ := r.publisher.Page("w")
		if m := page.Snapshot.Metrics; m[0].Stale || !m[1].Stale {
			t.Errorf("stale: %v, %v", m[0].Stale, m[1].Stale)
		}
		up.change(func() {
			up.initializing = nil
			up.values["M7"], up.values["M8"] = map[string]domain.Reading{"": domain.CountOf(72)}, map[string]domain.Reading{"Ada": domain.CountOf(1), "Alan": domain.CountOf(92)}
		})
		r.pass(2 * interval)
		r.wantTexts(t, "answered", "72", "92")
	})
}
