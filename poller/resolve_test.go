package poller

import (
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
)

// A metric was created again upstream, with another ID.
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

// During an outage, a source may have been set up again, with the same IDs for other metrics.
func TestNamesSwapIDs(t *testing.T) {
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
		up.change(func() { // without an outage
			up.list[0].ID, up.list[1].ID = "M0", "M1"
		})
		r.pass(listEvery + interval)
		r.wantTexts(t, "once the list is read again", "11", "10")
	})
}

// If an ID becomes another metric's during an outage, none of that metric's values is shown under the name.
func TestNamesLoseTheirIDs(t *testing.T) {
	const nothing = "Not available"
	before := []string{"0", "1"}
	for name, test := range map[string]struct {
		setUp func(up *upstream)
		after []string
	}{
		"to one that nobody requests": {func(up *upstream) {
			up.list[0].ID, up.list[2].ID = "M2", "M0"
			up.values["M0"][""], up.values["M2"][""] = domain.CountOf(12), domain.CountOf(10)
		}, []string{"10", "1"}},
		"to none": {func(up *upstream) {
			up.list = up.list[1:]
			up.list[1].ID, up.values["M0"][""] = "M0", domain.CountOf(12)
		}, []string{nothing, "1"}},
		"to one that is initializing": {func(up *upstream) {
			up.list[0].ID, up.list[1].ID = "M1", "M0"
			up.initializing = map[string]bool{"M0": true, "M1": true}
		}, []string{nothing, nothing}},
		"to one with an initializing part": {func(up *upstream) {
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

// A source that limits the rate of list requests does not get one with every poll.
func TestListIsRateLimited(t *testing.T) {
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
			t.Errorf("failed: %v", failure)
		}
	})
}
