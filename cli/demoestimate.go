package cli

import (
	"time"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/estimate"
	"waitboard/simulator"
)

// learningDays is how many days of calls the demo has learned from when it starts, for its estimate. Slow calls take more days.
const learningDays = 7

// learn returns what the estimate of a metric has learned when the demo starts: from calls like those of the simulated phone system, as the
// service learns while it runs. The result is the same for each process.
func (c *demoCommand) learn(m *config.WidgetMetric, now time.Time) (*estimate.Archive, error) {
	span := min(time.Duration(float64(learningDays*24*time.Hour)/c.Speed), 4*learningDays*24*time.Hour)
	line, archive := estimate.NewLine(), &estimate.Archive{}
	var last simulator.Line
	var at, learned time.Time
	var expected *domain.Expectation
	err := simulator.Replay(simulator.Options{Seed: c.Seed + 1, Speed: c.Speed, Busy: true}, m.Estimate.Wait.Categories[0], now.Add(-span), now, func(t time.Time, l simulator.Line) {
		if t.Sub(learned) >= span/learningDays {
			expected, learned = archive.Expectation(t, m.Estimate.Low, m.Estimate.High), t
		}
		line.Queue(t, l.Queue)
		archive.Add(line.Wait(t, last.Wait+t.Sub(at), last.Waiting)...) // it was true until the event
		archive.Add(line.Wait(t, l.Wait, l.Waiting)...)
		if r, ok := expected.Expect(l.Queue, l.Wait, l.Ready); ok {
			line.Said(t, new(domain.Display).Outwards(r))
		}
		last, at = l, t
	})
	return archive, err
}
