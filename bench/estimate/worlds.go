package estimate

import (
	"cmp"
	"math"
	"math/rand/v2"
)

// A world is a kind of call center. Its callers are served in the order of their arrivals, and give up.
type world struct {
	name     string
	calls    func(day int, hour float64) float64      // an hour, in each line
	agents   func(day int, hour float64) [3]int       // who serve the first line, the second one, and both
	call     func(random *rand.Rand, day int) float64 // how long a call takes, in seconds
	patience float64                                  // after how many seconds a caller gives up, on average
	lines    int
	changes  bool    // in week nine
	bar      float64 // the share of callers who may wait over a minute longer than announced
	off      float64 // by how much what the product reports about itself may differ from the truth
}

const (
	callLasts = 300. // on average, so that ten agents answer up to 120 calls an hour
	patience  = 600.
	learned   = 8 * 7 // days
	measured  = 2 * 7 // days after them
)

// worlds returns all of them.
func worlds() []world {
	all := []world{
		{name: "steady"},
		{name: "two peaks a day", calls: peaks},
		{name: "an agent missing on random days", calls: steadily(116), agents: missing},
		{name: "heavy abandonment", calls: steadily(156), patience: patience / 3},
		{name: "lognormal calls", call: lognormal},
		{name: "two skills that share agents", calls: steadily(88), agents: shared, lines: 2, bar: 0.1},
		{name: "two agents", calls: steadily(24), agents: two, bar: 0.2, off: 0.06},
		{name: "calls double in week nine", calls: doubled, changes: true, bar: 0.2},
		{name: "calls take twice as long from week nine", calls: halved, call: longer, patience: 2 * patience, changes: true, bar: 0.2},
	}
	for i := range all {
		w := &all[i]
		if w.calls == nil {
			w.calls = steadily(120)
		}
		if w.agents == nil {
			w.agents = func(int, float64) [3]int { return [3]int{10} }
		}
		if w.call == nil {
			w.call = exponential
		}
		w.patience = cmp.Or(w.patience, patience)
		w.lines = cmp.Or(w.lines, 1)
		w.bar = cmp.Or(w.bar, 0.09)
		w.off = cmp.Or(w.off, 0.05)
	}
	return all
}

func steadily(calls float64) func(int, float64) float64 {
	return func(int, float64) float64 { return calls }
}

// peaks is highest at half past ten and at three.
func peaks(_ int, hour float64) float64 {
	peak := func(at float64) float64 { return math.Exp(-(hour - at) * (hour - at) / 2) }
	return 88 + 48*(peak(10.5)+peak(15))
}

func doubled(day int, _ float64) float64 {
	if day >= learned {
		return 210
	}
	return 105
}

func halved(day int, _ float64) float64 {
	if day >= learned {
		return 55
	}
	return 110
}

// missing takes an agent away on three days of ten.
func missing(day int, _ float64) [3]int {
	if rand.New(rand.NewPCG(7, uint64(day))).IntN(10) < 3 { //nolint:gosec // the same days each time
		return [3]int{9}
	}
	return [3]int{10}
}

func two(int, float64) [3]int { return [3]int{2} }

func shared(int, float64) [3]int { return [3]int{5, 5, 5} }

func exponential(random *rand.Rand, _ int) float64 { return random.ExpFloat64() * callLasts }

// lognormal varies as lengths of calls do: the standard deviation is 1.3 times the mean.
func lognormal(random *rand.Rand, _ int) float64 {
	const sigma = 1.
	return callLasts * math.Exp(sigma*random.NormFloat64()-sigma*sigma/2)
}

func longer(random *rand.Rand, day int) float64 {
	if day >= learned {
		return 2 * exponential(random, day)
	}
	return exponential(random, day)
}
