package typical

import (
	"cmp"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/internal/testlevel"
	"waitboard/locale"
	"waitboard/readings"
)

// A company has waits with a pattern of the day and the week. Each minute has its own wait.
type company struct {
	hours *domain.Hours
	waits map[int64]float64 // seconds, by minutes since 1970
	rng   *rand.Rand
}

func newCompany(zone *time.Location) *company {
	c := &company{hours: &domain.Hours{Zone: zone}, waits: map[int64]float64{}, rng: rand.New(rand.NewPCG(5, 6))}
	for day := time.Monday; day <= time.Saturday; day++ {
		c.hours.Weekly[day] = []domain.Span{{From: 8 * 60, To: 18 * 60}}
	}
	c.hours.Closed = []domain.DateRange{{First: domain.Date{Year: 2026, Month: 10, Day: 12}, Last: domain.Date{Year: 2026, Month: 10, Day: 12}}}
	return c
}

// wait returns the wait at t, in seconds.
func (c *company) wait(t time.Time) float64 {
	minute := t.Unix() / 60
	if _, known := c.waits[minute]; !known {
		local := t.In(c.hours.Zone)
		busy := 60 + 500*math.Pow(math.Sin(math.Pi*float64(local.Hour()-6)/14), 2)*(1+0.4*float64(local.Weekday()%3))
		c.waits[minute] = busy * (0.3 + c.rng.Float64()*c.rng.Float64()*3)
	}
	return c.waits[minute]
}

// A weighed value is one of a perfect observer.
type weighed struct{ value, weight float64 }

// percentile returns the value below which that part of the weight is.
func percentile(all []weighed, part float64) float64 {
	slices.SortFunc(all, func(a, b weighed) int { return cmp.Compare(a.value, b.value) })
	total, sum := 0., 0.
	for _, each := range all {
		total += each.weight
	}
	for _, each := range all {
		if sum += each.weight; sum >= total*part {
			return each.value
		}
	}
	return 0
}

// Eight weeks of irregular polls, outages and restarts, with a holiday and the end of summer time, give what a perfect observer knows.
func TestEightWeeks(t *testing.T) {
	testlevel.Full(t)
	denver, err := time.LoadLocation("America/Denver")
	if err != nil {
		t.Fatal(err)
	}
	c := newCompany(denver)
	begin := time.Date(2026, 9, 21, 0, 0, 0, 0, denver)
	end := begin.AddDate(0, 0, 56)
	now := begin
	clock := func() time.Time { return now }
	store := readings.New(clock)
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	widget := domain.Widget{
		ID: testID, Locale: locale.English(), StaleAfter: 2 * time.Minute, HideAfter: 5 * time.Minute, Hours: c.hours,
		Metrics: []domain.WidgetMetric{{ID: "wait", Ref: ref, History: domain.History{Keep: 8 * 7 * 24 * time.Hour, MinWeeks: 3, Low: 0.25, High: 0.8}}},
	}
	var week *domain.TypicalWeek
	start := func() *Collector {
		collector := New(Options{
			Dir: dir, Readings: store, Now: clock, Log: slog.New(slog.DiscardHandler),
			Notice:  func(string) domain.Notice { return domain.Notice{} },
			Publish: func(_ domain.Placement, w *domain.TypicalWeek) { week = w },
		})
		collector.Replace([]domain.Widget{widget})
		return collector
	}
	collector := start()
	changes := store.Subscribe()
	defer changes.Close()
	outage := begin
	for polls := 1; now.Before(end); polls++ {
		if now.After(outage) {
			w := &world{store: store}
			w.observeAt(now, c.wait(now))
			collector.take(changes.Take())
			if c.rng.IntN(3_000) == 0 {
				outage = now.Add(time.Duration(c.rng.IntN(20)) * time.Minute)
			}
		}
		if polls%4 == 0 {
			collector.advance()
			for collector.addOne() {
			}
		}
		if polls%40_000 == 0 {
			collector.save()
			collector = start()
		}
		now = now.Add(time.Duration(5_000+c.rng.IntN(25_000)) * time.Millisecond)
	}
	collector.advance()
	for collector.addOne() {
	}

	exact := map[int][]weighed{}
	for minute, value := range c.waits {
		at := time.Unix(minute*60, 0).In(denver)
		open, _ := c.hours.At(at)
		if open {
			slot := domain.HourOfWeek(at)
			exact[slot] = append(exact[slot], weighed{value, math.Exp2(at.Sub(end).Hours() / (4 * 7 * 24))})
		}
	}
	checkWeek(t, "wait", week, exact, 0)
	t.Logf("the file has %d bytes", len(collector.files.read(placement).Encode()))
}

// checkWeek compares the percentiles of each hour with exact ones, in seconds or numbers. They are within 5 %, or else the next step of the
// display.
func checkWeek(t *testing.T, metric string, week *domain.TypicalWeek, exact map[int][]weighed, step float64) {
	t.Helper()
	unit := 1.
	if week.Kind == domain.Duration {
		unit = 1000
	}
	worst, percentiles, near := 0., 0, 0
	for slot, hour := range week.Hours {
		if len(exact[slot]) == 0 {
			if hour.Weeks != 0 {
				t.Errorf("%s: hour %d, in which it is closed: %+v", metric, slot, hour)
			}
			continue
		}
		weeks := 8
		if slot/24 == int(time.Monday) {
			weeks = 7 // the holiday
		}
		if hour.Weeks != weeks {
			t.Errorf("%s: hour %d was seen in %d weeks, want %d", metric, slot, hour.Weeks, weeks)
		}
		for part, got := range map[float64]float64{0.25: hour.Low / unit, 0.8: hour.High / unit} {
			want := percentile(exact[slot], part)
			off := math.Abs(got-want) / max(want, 1)
			worst = max(worst, off)
			if percentiles++; off <= 0.05 {
				near++
			} else if step == 0 || math.Abs(math.Round(got/step)-math.Round(want/step)) > 1 {
				t.Errorf("%s: the percentile %v of hour %d is %v, want %v", metric, part, slot, got, want)
			}
		}
	}
	t.Logf("%s: %d of %d percentiles are within 5 %%, the worst is off by %.1f %%", metric, near, percentiles, worst*100)
}
