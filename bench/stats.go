package main

import (
	"fmt"
	"slices"
)

// tooWide is the largest distance of the quartiles of a meaningful ratio, as a share of the median.
const tooWide = 0.15

// A spread is the middle half of measured values.
type spread struct{ low, median, high float64 }

// spreadOf returns the quartiles of values, interpolated between neighbors. It needs at least one value.
func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	at := func(share float64) float64 {
		position := share * float64(len(sorted)-1)
		below := int(position)
		above := min(below+1, len(sorted)-1)
		return sorted[below] + (position-float64(below))*(sorted[above]-sorted[below])
	}
	return spread{at(0.25), at(0.5), at(0.75)}
}

// paired divides the values of two servers round by round, because the machine's speed differs between rounds.
func paired(of, to []float64) []float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / to[i]
	}
	return ratios
}

func (s spread) noisy() bool { return s.high-s.low > tooWide*s.median }

// ratio formats the spread of ratios, or "too noisy".
func (s spread) ratio() string {
	if s.noisy() {
		return fmt.Sprintf("too noisy (%.2f to %.2f)", s.low, s.high)
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", s.median, s.low, s.high)
}

// amount formats the spread of absolute values: the median and the quartiles.
func (s spread) amount() string {
	digits := 0
	if s.median < 100 {
		digits = 1
	}
	return fmt.Sprintf("%.*f (%.*f to %.*f)", digits, s.median, digits, s.low, digits, s.high)
}
