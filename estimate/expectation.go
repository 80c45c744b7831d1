package estimate

import (
	"maps"
	"math"
	"slices"
	"time"

	"waitboard/domain"
	"waitboard/history"
)

const (
	halfLife = 28  // days after which a sample weighs half as much
	scored   = 28  // days that count in a score, and for enough
	enough   = 200 // samples in that time, before anything is announced
	pooled   = 50  // samples by which a range is known

	// When the world has changed, less of the newest waits than expected is in the range from one quantile to the other. These don't depend
	// on the configuration, because a narrow range shows too little.
	lowest, highest, changed = 0.1, 0.8, 0.15
)

// levels is how many waits were at each level.
type levels [history.LastLevel + 1]float64

// Expectation returns what callers wait, from the quantile low to the quantile high, and how true that was. An older day weighs less: half
// as much after four weeks. There are no ranges while too little is known, or while the newest waits differ from what was learned.
func (a *Archive) Expectation(now time.Time, low, high float64) *domain.Expectation {
	today := dayOf(now)
	days := slices.DeleteFunc(slices.Sorted(maps.Keys(a.days)), func(at int64) bool { return at > today }) // the clock was wrong then
	if len(days) == 0 {
		return &domain.Expectation{}
	}
	latest := slices.DeleteFunc(slices.Clone(days), func(at int64) bool { return at <= today-scored })
	waits := a.weights(days)
	e := &domain.Expectation{Score: a.score(latest, len(waits))}
	if a.samples(latest) < enough {
		return e
	}
	if a.outside(waits.expectation(lowest, highest), now) <= 1-(highest-lowest)+changed {
		e.Waits = waits.expectation(low, high).Waits
	}
	return e
}

// samples returns how many samples days have.
func (a *Archive) samples(days []int64) (n int) {
	for _, at := range days {
		n += a.days[at].total()
	}
	return n
}

// byAhead is how many waits of each level there were, by the number of callers ahead. The last one also counts for more.
type byAhead []levels

// weights returns all waits, faded by their age on the newest day, so that the same archive gives the same result at any time.
func (a *Archive) weights(days []int64) byAhead {
	size := 1
	for _, at := range days {
		for c := range a.days[at].waits {
			size = max(size, c.ahead+1)
		}
	}
	waits := make(byAhead, size)
	newest := days[len(days)-1]
	for _, at := range days {
		fade := math.Exp2(-float64(newest-at) / halfLife)
		for c, n := range a.days[at].waits {
			waits[c.ahead][c.level] += fade * float64(n)
		}
	}
	return waits.cut()
}

// expectation returns the ranges from one quantile to another.
func (b byAhead) expectation(low, high float64) *domain.Expectation {
	e := &domain.Expectation{}
	for ahead := range b {
		pool := b.pool(ahead)
		r := domain.WaitRange{Low: pool.quantile(low), High: pool.quantile(high)}
		if ahead > 0 { // more callers never mean a shorter wait
			r.Low, r.High = max(r.Low, e.Waits[ahead-1].Low), max(r.High, e.Waits[ahead-1].High)
		}
		e.Waits = append(e.Waits, r)
	}
	return e
}

// cut ends the list where samples thin out.
func (b byAhead) cut() byAhead {
	last := len(b) - 1
	for ; last > 0 && b[last].total() < pooled; last-- {
		b[last-1].add(&b[last])
	}
	return b[:last+1]
}

// pool returns the waits at a number of callers ahead, and at as many neighbors on both sides as are needed.
func (b byAhead) pool(ahead int) (sum levels) {
	sum = b[ahead]
	for n := 1; sum.total() < pooled && n < len(b); n++ {
		for _, neighbor := range []int{ahead - n, ahead + n} {
			if neighbor >= 0 && neighbor < len(b) {
				sum.add(&b[neighbor])
			}
		}
	}
	return sum
}

func (l *levels) add(other *levels) {
	for i, n := range other {
		l[i] += n
	}
}

func (l *levels) total() (sum float64) {
	for _, n := range l {
		sum += n
	}
	return sum
}

// quantile returns the wait that is not shorter than that part of all.
func (l *levels) quantile(part float64) time.Duration {
	limit, sum := l.total()*part*(1-1e-12), 0.
	for level, n := range l {
		if sum += n; n > 0 && sum >= limit {
			return seconds(history.Level(level))
		}
	}
	return 0
}

// seconds returns the wait that stands for a level.
func seconds(level history.Level) time.Duration {
	return time.Duration(level.Value() * float64(time.Second)).Round(time.Millisecond)
}

// outside returns the share of the newest waits that are not in their ranges.
func (a *Archive) outside(e *domain.Expectation, now time.Time) float64 {
	all, outside := 0., 0.
	for _, o := range a.newest {
		if o.arrived.After(now) {
			break // the clock was wrong
		}
		all++
		wait := seconds(o.level)
		if r, _ := e.Expect(o.ahead, 0, -1); wait < r.Low || wait > r.High {
			outside++
		}
	}
	return outside / max(all, 1)
}

// score sums up the scores of days, for the numbers of callers ahead below size.
func (a *Archive) score(days []int64, size int) (sum domain.Score) {
	sum.Ahead = make([]domain.AheadScore, size)
	waits := make(byAhead, size)
	for _, at := range days {
		for ahead, c := range a.days[at].scores {
			s := &sum.Ahead[min(ahead, size-1)]
			s.Samples, s.Covered, s.Longer = s.Samples+c.samples, s.Covered+c.covered, s.Longer+c.longer
			sum.Samples, sum.Covered, sum.Longer = sum.Samples+c.samples, sum.Covered+c.covered, sum.Longer+c.longer
		}
		for c, n := range a.days[at].waits {
			waits[min(c.ahead, size-1)][c.level] += float64(n)
		}
	}
	for ahead := range waits {
		sum.Ahead[ahead].Median = waits[ahead].quantile(0.5)
	}
	return sum
}
