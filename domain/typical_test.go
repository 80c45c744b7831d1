package domain

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// weekOf returns a week whose hours are all the same.
func weekOf(kind Kind, low, high float64) *TypicalWeek {
	week := &TypicalWeek{Kind: kind}
	for i := range week.Hours {
		week.Hours[i] = TypicalHour{low, high, 3}
	}
	return week
}

func TestTypical(t *testing.T) {
	const minute = 60_000.
	duration, count := Display{Kind: Duration}, Display{Kind: Count}
	round, under, over, spans, tens, few := duration, duration, duration, duration, count, count
	round.Round, under.Below, over.Above, spans.Buckets = 5*minute, 5*minute, 10*minute, []float64{5 * minute, 15 * minute}
	tens.Buckets, few.Above = []float64{5, 10}, 20
	remembered := History{Keep: time.Hour, MinWeeks: 3}
	for _, c := range []struct {
		name      string
		display   Display
		live      Reading
		kind      Kind
		low, high float64
		text      string
		compared  Compared
	}{
		{"exact", duration, Line(4*time.Minute, 0, noon), Duration, 2.1 * minute, 5.3 * minute, "Usually 3–6 min at this hour", Usual},
		{"the same minute at both ends", duration, Line(3*time.Minute, 0, noon), Duration, 2.1 * minute, 2.9 * minute, "Usually 3 min at this hour", Usual},
		{"never a wait", duration, Line(0, 0, noon), Duration, 0, 0, "Usually 0 min at this hour", Usual},
		{"often no wait", duration, Line(time.Minute, 0, noon), Duration, 0, 3 * minute, "Usually under 3 min at this hour", Usual},
		{"busier", duration, Line(7*time.Minute, 0, noon), Duration, 3 * minute, 6 * minute, "Busier than usual · Usually 3–6 min at this hour", Busier},
		{"not busier within the minute", duration, Line(5*time.Minute+59*time.Second, 0, noon), Duration, 3 * minute, 5.1 * minute, "Usually 3–6 min at this hour", Usual},
		{"quieter", duration, Line(time.Minute, 0, noon), Duration, 3 * minute, 6 * minute, "Quieter than usual · Usually 3–6 min at this hour", Quieter},
		{"nothing to compare", duration, Reading{}, Duration, 3 * minute, 6 * minute, "Usually 3–6 min at this hour", ""},
		{"rounded", round, Line(4*time.Minute, 0, noon), Duration, 4.9 * minute, 10.1 * minute, "Usually 5–10 min at this hour", Usual},
		{"hidden lower end", under, Line(4*time.Minute, 0, noon), Duration, 2.5 * minute, 8 * minute, "Usually under 8 min at this hour", Usual},
		{"hidden range", under, Line(6*time.Minute, 0, noon), Duration, 2.5 * minute, 2.6 * minute, "Busier than usual · Usually under 5 min at this hour", Busier},
		{"hidden upper end", over, Line(11*time.Minute, 0, noon), Duration, 4 * minute, 11 * minute, "Usually over 4 min at this hour", Usual},
		{"spans", spans, Line(20*time.Minute, 0, noon), Duration, 6 * minute, 7 * minute, "Busier than usual · Usually 5–15 min at this hour", Busier},
		{"quieter span", spans, Line(time.Minute, 0, noon), Duration, 6 * minute, 7 * minute, "Quieter than usual · Usually 5–15 min at this hour", Quieter},
		{"counts", count, CountOf(4), Count, 2, 5, "Usually 2–5 at this hour", Usual},
		{"span of counts", tens, CountOf(12), Count, 6, 7, "Busier than usual · Usually 5–9 at this hour", Busier},
		{"many", few, CountOf(25), Count, 12, 22, "Usually 12+ at this hour", Usual},
		{"another kind", duration, CountOf(4), Duration, 3 * minute, 6 * minute, "Usually 3–6 min at this hour", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := widget(WidgetMetric{ID: "wait", Display: c.display, History: remembered})
			in := inputs(observation(noon, map[string]Reading{"": c.live}))
			in.Typical = []*TypicalWeek{weekOf(c.kind, c.low, c.high)}
			s, until := w.At(in, noon)
			if got := s.Metrics[0]; got.Typical.Text != c.text || got.Compared != c.compared {
				t.Errorf("%q, %q; want %q, %q", got.Typical.Text, got.Compared, c.text, c.compared)
			}
			if until.After(noon.Add(time.Hour)) || s.Turn.IsZero() {
				t.Errorf("until %v, turn %v", until, s.Turn)
			}
		})
	}
}

func TestTypicalIsAbsent(t *testing.T) {
	enough := weekOf(Duration, 60_000, 120_000)
	few := weekOf(Duration, 60_000, 120_000)
	few.Hours[HourOfWeek(noon)].Weeks = 2
	for _, c := range []struct {
		name    string
		week    *TypicalWeek
		history History
		hours   *Hours
		age     time.Duration
		want    bool
	}{
		{"known", enough, History{MinWeeks: 3}, nil, 0, true},
		{"unknown", nil, History{MinWeeks: 3}, nil, 0, false},
		{"too few weeks", few, History{MinWeeks: 3}, nil, 0, false},
		{"closed", enough, History{MinWeeks: 3, Alone: true}, &Hours{Zone: time.UTC}, 0, false},
		{"stale", enough, History{MinWeeks: 3}, nil, time.Minute, true},
		{"unavailable", enough, History{MinWeeks: 3}, nil, time.Hour, false},
		{"unavailable, alone", enough, History{MinWeeks: 3, Alone: true}, nil, time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := widget(WidgetMetric{ID: "wait", History: c.history})
			w.Hours = c.hours
			in := inputs(observation(noon.Add(-c.age), fourMinutes))
			in.Typical = []*TypicalWeek{c.week}
			s, _ := w.At(in, noon)
			got := len(s.Metrics) > 0 && s.Metrics[0].Typical != (Typical{})
			if got != c.want {
				t.Errorf("%v", got)
			}
		})
	}
}

// The typical range follows the clock of the widget's zone.
func TestTypicalHour(t *testing.T) {
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	week := weekOf(Duration, 60_000, 60_000)
	week.Hours[HourOfWeek(noon.In(kolkata))+1] = TypicalHour{600_000, 600_000, 3}
	w := widget(WidgetMetric{ID: "wait", History: History{MinWeeks: 3}})
	w.Zone = kolkata // half an hour off
	for at, want := range map[time.Duration]string{
		29 * time.Minute: "Busier than usual · Usually 1 min at this hour", 30 * time.Minute: "Quieter than usual · Usually 10 min at this hour",
		89 * time.Minute: "Quieter than usual · Usually 10 min at this hour", 90 * time.Minute: "Busier than usual · Usually 1 min at this hour",
	} {
		in := inputs(observation(noon.Add(at), fourMinutes))
		in.Typical = []*TypicalWeek{week}
		s, _ := w.At(in, noon.Add(at))
		if got := s.Metrics[0].Typical.Text; got != want {
			t.Errorf("after %v: %q, want %q", at, got, want)
		}
	}
}

// What a policy shows in the same way is remembered in the same way, and shown again within one step.
func TestRememberIsThePublicView(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		d := Display{Kind: Duration, Rounding: Rounding(rng.IntN(3))}
		switch rng.IntN(4) {
		case 0:
			d.Round = float64(1+rng.IntN(10)) * 30_000
		case 1:
			d.Buckets = []float64{60_000 * float64(1+rng.IntN(5)), 60_000 * float64(7+rng.IntN(20))}
		case 2:
			d.Below = 60_000 * float64(1+rng.IntN(5))
		case 3:
			d.Above = 60_000 * float64(6+rng.IntN(20))
		}
		if rng.IntN(3) == 0 {
			d.HideZero = true
		}
		m := WidgetMetric{Display: d}
		value := func() Value { return Value{Kind: Duration, Duration: time.Duration(rng.IntN(2_000)) * time.Second} }
		a, b := value(), value()
		aValue, aRange := d.apply(a)
		bValue, bRange := d.apply(b)
		ra, rb := m.remember(a), m.remember(b)
		if aValue == bValue && aRange == bRange && ra != rb {
			t.Fatalf("%+v: %v and %v look the same, and are remembered as %+v and %+v", d, a.Duration, b.Duration, ra, rb)
		}
		if ra.Kind == None {
			continue
		}
		low, high, open := d.bounds(Duration, ra.Amount)
		again := d
		again.Rounding = Nearest
		low2, high2, open2 := again.bounds(Duration, ra.Amount)
		if d.Round == 0 && (low != low2 || high != high2 || open != open2) {
			t.Fatalf("%+v: %v", d, ra)
		}
		switch {
		case aRange != Range{}:
			if low2 != aRange.Min || !open2 && high2 != aRange.Max {
				t.Fatalf("%+v: %v is shown as %+v, and typically as %v to %v", d, a.Duration, aRange, low2, high2)
			}
		case math.Abs(low2-aValue.amount()) > d.Round:
			t.Fatalf("%+v: %v is shown as %v, and typically as %v", d, a.Duration, aValue.Duration, low2)
		}
	}
}

func TestRememberCounts(t *testing.T) {
	sunday := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	always := &Hours{Zone: time.UTC}
	for day := range always.Weekly {
		always.Weekly[day] = []Span{{0, 1440}}
	}
	holiday, special := *always, *always
	holiday.Closed = []DateRange{{Date{2026, 11, 22}, Date{2026, 11, 22}}}
	special.Open = []OpenDay{{Date{2026, 11, 22}, []Span{{0, 1440}}}}
	for _, c := range []struct {
		name   string
		hours  *Hours
		notice Notice
		age    time.Duration
		want   bool
		until  time.Duration
	}{
		{"fresh", nil, Notice{}, 0, true, 45 * time.Second},
		{"stale", nil, Notice{}, time.Minute, false, 4 * time.Minute},
		{"hidden", nil, Notice{}, time.Hour, false, 0},
		{"open", always, Notice{}, 0, true, 45 * time.Second},
		{"never open", &Hours{Zone: time.UTC}, Notice{}, 0, false, 0},
		{"a holiday", &holiday, Notice{}, 0, false, 12 * time.Hour},
		{"a day with hours of its own", &special, Notice{}, 0, false, 12 * time.Hour},
		{"a notice", nil, Notice{Text: "hello"}, 0, true, 45 * time.Second},
		{"closed by a notice", nil, Notice{Text: "hello", Closed: true, Until: sunday.Add(time.Minute)}, 0, false, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := widget(waitMetric)
			w.Hours = c.hours
			in := inputs(observation(sunday.Add(-c.age), map[string]Reading{"": Line(4*time.Minute, 0, sunday)}))
			in.Notice = c.notice
			r, until := w.Remember(0, in, sunday)
			if counts := r.Kind != None; counts != c.want || c.until != 0 && !until.Equal(sunday.Add(c.until)) {
				t.Errorf("%+v until %v", r, until)
			}
		})
	}
}

func TestQuietest(t *testing.T) {
	week := weekOf(Duration, 60_000, 600_000)
	set := func(day time.Weekday, hour int, high float64) {
		week.Hours[int(day)*24+hour] = TypicalHour{60_000, high, 3}
	}
	monday := time.Date(2026, 11, 23, 11, 20, 0, 0, time.UTC)
	set(time.Monday, 9, 61_000) // over
	set(time.Monday, 11, 300_000)
	set(time.Monday, 15, 180_000)
	set(time.Monday, 19, 60_000) // closed
	set(time.Wednesday, 8, 120_000)
	set(time.Friday, 10, 60_000) // closed that day
	w := widget(WidgetMetric{ID: "wait", History: History{MinWeeks: 3}})
	w.Hours = &Hours{Zone: time.UTC, Closed: []DateRange{{Date{2026, 11, 27}, Date{2026, 11, 27}}}}
	for _, day := range []time.Weekday{time.Monday, time.Wednesday, time.Friday} {
		w.Hours.Weekly[day] = []Span{{8 * 60, 17*60 + 30}}
	}
	today, days := w.Quietest(0, week, monday)
	var got []string
	for _, h := range append(today, days...) {
		got = append(got, h.Start.Format("Mon 15 ")+h.Text)
	}
	want := []string{"Mon 15 1–3 min", "Mon 11 1–5 min", "Mon 12 1–10 min", "Wed 08 1–2 min", "Mon 09 1–2 min", "Mon 15 1–3 min"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got, want)
			break
		}
	}
	slots := w.TypicalHours(0, week, monday)
	if len(slots) != 3*10 || slots[0].Hour != 24+8 || slots[29].Hour != 5*24+17 {
		t.Errorf("%d hours: %+v", len(slots), slots)
	}
}
