package estimate

import (
	"cmp"
	"math"
	"slices"

	"waitboard/domain"
)

// A tally sums up how callers fared with what was announced to them.
type tally struct {
	callers, announced, longer, covered int
	errors                              float64 // seconds, from the middle of what was announced
}

func (t *tally) add(low, high, lasts float64) {
	t.announced++
	if lasts > high+60 {
		t.longer++
	}
	if low <= lasts && lasts <= high {
		t.covered++
	}
	t.errors += math.Abs(lasts - (low+high)/2)
}

// misled is the share of all callers who waited over a minute longer than announced.
func (t *tally) misled() float64 { return share(t.longer, t.callers) }

func (t *tally) coverage() float64 { return share(t.covered, t.announced) }

func share(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }

// A result is what a world showed.
type result struct {
	world                 *world
	head, average, byHour tally
	byQueue               []estimated
}

// estimated is how callers fared with the estimate, and what it reports about itself.
type estimated struct {
	view
	tally
	score domain.Score
}

// measure measures a world by views. Other ways to announce a wait are measured with the first of them.
func (w *world) measure(seed uint64, views ...view) *result {
	r := &result{world: w}
	recorded := w.record(seed, learned+measured)
	usual := hourly(recorded.answered)
	for n, v := range views {
		e := estimated{view: v}
		average, answered := 0., recorded.answered
		o := watch(recorded, v, func(o *observer, truth wait) {
			for ; len(answered) > 0 && answered[0].arrived+answered[0].lasts <= truth.arrived; answered = answered[1:] {
				average += (answered[0].lasts - average) / 4
			}
			if truth.arrived < learned*day {
				return
			}
			e.callers++
			if o.speaks {
				e.add(o.says.Low.Seconds(), o.says.High.Seconds(), truth.lasts)
			}
			if n == 0 {
				waited := 0.
				if o.seen.queue > 0 {
					waited = truth.arrived - o.seen.arrived
				}
				hour := usual[hourOfWeek(truth.arrived)]
				r.head.add(waited, waited, truth.lasts)
				r.average.add(average, average, truth.lasts)
				r.byHour.add(hour[0], hour[1], truth.lasts)
			}
		})
		e.score = o.score(learned)
		r.byQueue = append(r.byQueue, e)
	}
	for _, t := range []*tally{&r.head, &r.average, &r.byHour} {
		t.callers = t.announced
	}
	return r
}

// hourly returns the range of the learned waits that were not zero, by hour of the week.
func hourly(answered []wait) (ranges [7 * 24][2]float64) {
	var waits [7 * 24][]float64
	for _, a := range answered {
		if a.arrived < learned*day && a.lasts > 0 {
			hour := hourOfWeek(a.arrived)
			waits[hour] = append(waits[hour], a.lasts)
		}
	}
	for hour, all := range waits {
		if n := float64(len(all)); n > 0 {
			slices.SortFunc(all, cmp.Compare)
			ranges[hour] = [2]float64{all[int(low*n)], all[int(high*n)]}
		}
	}
	return ranges
}

func hourOfWeek(t float64) int { return int(t/3600) % (7 * 24) }
