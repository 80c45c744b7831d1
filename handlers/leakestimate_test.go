package handlers

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/internal/testlevel"
)

// randomEstimate draws an estimate and two lines of callers close together, of which different waits were learned.
func randomEstimate(r *rand.Rand) trial {
	t := trial{metric: domain.WidgetMetric{ID: "m", Label: "Expected", Ref: domain.Ref{Source: "hq", Metric: "m"}, Estimate: &domain.Estimate{
		Wait: domain.Input{Ref: domain.Ref{Source: "hq", Metric: "m"}}, Queue: domain.Input{Ref: domain.Ref{Source: "hq", Metric: "queue"}, Combine: domain.Sum},
		Low: 0.1, High: 0.8,
	}}}
	amount := func(most int) float64 { return float64(1+r.IntN(most)) * 1000 * ms }
	d := &t.metric.Display
	switch d.Kind = domain.Duration; r.IntN(4) {
	case 0:
		d.Round, d.Rounding = 100_000*ms+amount(100), domain.Rounding(r.IntN(3))
	case 1:
		d.Below = amount(200)
		d.Above = d.Below + amount(100)
	case 2:
		d.Below, d.Round = 50_000*ms+amount(50), 100_000*ms
	case 3:
		for edge := 0.; len(d.Buckets) < 1+r.IntN(3); d.Buckets = append(d.Buckets, edge) {
			edge += 100_000*ms + amount(120)
		}
	}
	if r.IntN(3) == 0 {
		t.metric.Levels = domain.Levels{Kind: domain.Duration, Moderate: amount(100), High: 100_000*ms + amount(100)}
		t.metric.Link = domain.Link{When: domain.High, Label: "Callback", URL: "https://www.example.com/"}
	}
	low, high := amount(200), amount(100)
	for i := range t.learnt {
		waits := make([]domain.WaitRange, 3)
		for ahead := range waits {
			from := max(0, low+r.NormFloat64()*8_000)
			waits[ahead] = domain.WaitRange{Low: time.Duration(from) * time.Millisecond, High: time.Duration(from+high+r.Float64()*8_000) * time.Millisecond}
		}
		t.learnt[i] = &domain.Expectation{Waits: waits, Score: domain.Score{Samples: 300, Covered: 200, Longer: 10}}
	}
	for range polls {
		t.other = append(t.other, r.IntN(2))
		queue := r.IntN(4)
		for i := range t.course {
			rate := float64(min(queue, 1))
			t.queue[i] = append(t.queue[i], queue*(1+r.IntN(2)))
			t.course[i] = append(t.course[i], domain.Line(time.Duration(rate*amount(150))*time.Millisecond, rate, time.Now()))
		}
	}
	return t
}

// looksOfEstimate returns what the policy shows of both ends, by the documentation and without package domain.
func (t *trial) looksOfEstimate(i, poll int, at time.Time) string {
	queue, head := t.queue[i][poll], t.course[i][poll]
	learned := t.learnt[i].Waits[min(queue, len(t.learnt[i].Waits)-1)]
	low := float64(learned.Low.Milliseconds())
	if queue == 0 {
		low = 0
	}
	high := max(float64(learned.High.Milliseconds()), math.Round(head.Base+head.Rate*float64(at.Sub(head.Instant).Milliseconds())))
	down, up := t.metric.Display, t.metric.Display
	if down.Round == 0 {
		down.Round, up.Round = 60_000, 60_000
	}
	down.Rounding, up.Rounding = domain.Down, domain.Up
	return look(&down, &domain.Levels{}, low) + " to " + look(&up, &t.metric.Levels, high)
}

// Two lines of callers whose estimates are equal under the policy are indistinguishable.
func TestEqualEstimatesAreIndistinguishable(t *testing.T) {
	checkEqual(t, randomEstimate, 1_000, 8, func(tried map[string]int, kind string) bool { return tried[kind] == 0 })
}

func TestEqualEstimatesAreIndistinguishableInManyTrials(t *testing.T) {
	testlevel.Full(t)
	checkEqual(t, randomEstimate, 300, 20, func(map[string]int, string) bool { return true })
}
