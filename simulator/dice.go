package simulator

import (
	"math"
	"math/rand/v2"
	"time"
)

// dice is the random source of the call center. The draws depend only on the
// seed and their order.
type dice struct {
	*rand.Rand
	speed float64
}

func newDice(seed uint64, speed float64) dice {
	return dice{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), speed}
}

// exponential draws a duration with about the given mean, between least and most
// in life, and returns it at the center's speed.
func (d dice) exponential(mean, least, most time.Duration) time.Duration {
	t := least + time.Duration(d.ExpFloat64()*float64(mean-least))
	return d.scale(min(t, most))
}

// scale converts a duration in life into one at the center's speed: whole
// milliseconds, the resolution of the vendor's API, and at least one.
func (d dice) scale(t time.Duration) time.Duration {
	t = time.Duration(float64(t) / d.speed).Round(time.Millisecond)
	return max(t, time.Millisecond)
}

// The busiest and the quietest rate of arrivals, as shares of the day's mean.
const (
	peakRate  = 1.3
	nightRate = 0.85
)

// rateAt returns the arrival rate at an instant as a share of the day's mean: a
// peak in the morning, a lower one in the afternoon, and some calls at night.
func rateAt(t time.Time) float64 {
	t = t.In(zone)
	hour := float64(t.Hour()) + float64(t.Minute())/60
	bump := func(middle, width float64) float64 {
		x := (hour - middle) / width
		return math.Exp(-x * x)
	}
	rate := nightRate + (peakRate-nightRate)*bump(10.5, 2.5) + 0.8*(peakRate-nightRate)*bump(15, 2.5)
	return min(rate, peakRate)
}

// dayRate returns the arrival rate of a weekday as a share of the busiest one's.
func dayRate(t time.Time) float64 {
	switch t.In(zone).Weekday() {
	case time.Monday:
		return 1
	case time.Saturday, time.Sunday:
		return 0.6
	}
	return 0.85
}
