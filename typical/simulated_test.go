package typical

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/chronicall"
	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/internal/memnet"
	"waitboard/internal/testlevel"
	"waitboard/locale"
	"waitboard/poller"
	"waitboard/readings"
	"waitboard/simulator"
)

// simulated lists metrics of the simulator: one that runs, one that stands still between calls, and a count. step is that of their display: a
// minute, or one.
var simulated = []struct {
	id, metric string
	step       float64
}{{"wait", "K0W4ITGD", 60}, {"answer", "K1S4GDUR", 60}, {"waiting", "K1M8TZQ4", 1}}

const simulatedGroup = "Support"

// A simulatedKey is a phone system's.
type simulatedKey string

func (k simulatedKey) Reveal() string { return string(k) }

// pollSimulator polls a phone system into the store until stop is called.
func pollSimulator(t *testing.T, sim *simulator.Simulator, network *memnet.Network, store *readings.Store) (stop func()) {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	client, err := chronicall.New(chronicall.Options{URL: sim.URL(), Key: simulatedKey(sim.Key()), Now: time.Now, Log: silent, Dial: network.Dial})
	if err != nil {
		t.Fatal(err)
	}
	o := poller.Options{
		Name: ref.Source, Source: client, Interval: 30 * time.Second, Store: store, Metrics: poller.NewPrometheusMetrics(prometheus.NewRegistry()),
		Now: time.Now, Log: silent,
	}
	for _, m := range simulated {
		o.Wants = append(o.Wants, poller.Want{Metric: m.metric, Categories: []string{simulatedGroup}, StaleAfter: 2 * time.Minute})
	}
	ctx, cancel := context.WithCancel(t.Context())
	var polling sync.WaitGroup
	polling.Go(func() { poller.New(o).Run(ctx) })
	return func() { cancel(); polling.Wait(); client.Close() }
}

// simulatedWidget is open before noon, in which callers first get more and then fewer, and closed on Sundays and on a holiday.
func simulatedWidget(zone *time.Location) domain.Widget {
	w := domain.Widget{
		ID: testID, Locale: locale.English(), StaleAfter: 2 * time.Minute, HideAfter: 5 * time.Minute,
		Hours: &domain.Hours{Zone: zone, Closed: []domain.DateRange{{First: domain.Date{Year: 2000, Month: 10, Day: 9}, Last: domain.Date{Year: 2000, Month: 10, Day: 9}}}},
	}
	for day := time.Monday; day <= time.Saturday; day++ {
		w.Hours.Weekly[day] = []domain.Span{{From: 9 * 60, To: 12 * 60}}
	}
	for _, m := range simulated {
		w.Metrics = append(w.Metrics, domain.WidgetMetric{
			ID: m.id, Ref: domain.Ref{Source: ref.Source, Metric: m.metric}, Categories: []string{simulatedGroup},
			History: domain.History{Keep: 8 * 7 * 24 * time.Hour, MinWeeks: 3, Low: 0.25, High: 0.8},
		})
	}
	return w
}

// truths are the true values of the metrics by hour of the week.
type truths [3]map[int][]weighed

// note notes the present values.
func (all *truths) note(sim *simulator.Simulator, now time.Time, weight float64) {
	for i, m := range simulated {
		v, ok := sim.Truth(m.metric, simulatedGroup, now)
		if !ok {
			continue
		}
		value := v.Duration.Seconds()
		if v.Kind == simulator.KindCount {
			value = float64(v.Count)
		}
		slot := domain.HourOfWeek(now)
		all[i][slot] = append(all[i][slot], weighed{value, weight})
	}
}

// Eight weeks of a phone system with patterns of the day and the week, a holiday and the end of summer time give what the phone system itself
// knows. Calls take five times as long as in life, so that a poll each half minute is as good as one each six seconds. The polls begin five
// minutes before it opens, and end five minutes after it closes.
func TestEightWeeksOfTheSimulator(t *testing.T) {
	testlevel.Full(t)
	synctest.Test(t, func(t *testing.T) {
		denver, err := time.LoadLocation("America/Denver")
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Date(2000, 9, 18, 8, 55, 0, 0, denver) // a Monday; summer time ends on October 29
		time.Sleep(time.Until(begin))
		network, store := memnet.New(), readings.New(time.Now)
		sim, err := simulator.Start(simulator.Options{Seed: 18, Speed: 0.2, Weekly: true, Listen: network.Listen})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = sim.Close() }()
		dir, err := datadir.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Close()
		weeks := map[domain.Placement]*domain.TypicalWeek{}
		collector := New(Options{
			Dir: dir, Readings: store, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Notice:  func(string) domain.Notice { return domain.Notice{} },
			Publish: func(at domain.Placement, week *domain.TypicalWeek) { weeks[at] = week },
		})
		widget := simulatedWidget(denver)
		collector.Replace([]domain.Widget{widget})
		changes := store.Subscribe()
		defer changes.Close()
		exact, newest := truths{{}, {}, {}}, begin.AddDate(0, 0, 55)
		for day := range 56 {
			morning := begin.AddDate(0, 0, day)
			if morning.Weekday() == time.Sunday {
				continue
			}
			time.Sleep(time.Until(morning))
			stop := pollSimulator(t, sim, network, store)
			for now := time.Now(); now.Before(morning.Add(3*time.Hour + 10*time.Minute)); now = time.Now() {
				if open, _ := widget.Hours.At(now); open {
					exact.note(sim, now.In(denver), math.Exp2(now.Sub(newest).Hours()/(4*7*24)))
				}
				select {
				case <-changes.Changed():
					collector.take(changes.Take())
				case <-time.After(10 * time.Second):
				}
			}
			stop()
			collector.advance()
			for collector.addOne() {
			}
		}
		for i, m := range simulated {
			checkWeek(t, m.id, weeks[domain.Placement{Widget: testID, Metric: m.id}], exact[i], m.step)
		}
	})
}
