package domain

import (
	"cmp"
	"math"
	"slices"
	"time"

	"waitboard/locale"
)

// A History is how a metric collects what is typical. The zero History collects nothing.
type History struct {
	Keep      time.Duration // how long; 0: nothing
	MinWeeks  int           // on how many dates an hour of the week must have been seen
	Low, High float64       // the part of the time that is typical, from 0 to 1
	Alone     bool          // the typical range is shown while there is no value to show
}

// HoursOfWeek is the number of hours of a week. Hour 0 is Sunday's first.
const HoursOfWeek = 7 * 24

// A TypicalWeek is what is typical of a metric, by hours of the week in the widget's zone. It is shared: nobody changes it.
type TypicalWeek struct {
	Kind  Kind // Duration or Count
	Hours [HoursOfWeek]TypicalHour
}

// A TypicalHour is what is typical of one hour of the week, in the units of a Display.
type TypicalHour struct {
	Low, High float64
	Weeks     int // on how many dates it was seen; 0: never
}

// A Typical is what the public sees of a typical hour. The zero Typical is none.
type Typical struct {
	Kind      Kind
	Low, High float64 // both included, in the units of a Display
	Open      bool    // the display hides the upper end
	Weeks     int
	Text      string // such as "3–6 min"; in a snapshot a sentence, after a comparison if there is one
	Usual     string // in a snapshot: the sentence alone
}

// Compared is how a shown value compares with the typical range; empty: there is nothing to compare.
type Compared string

// The comparisons. They are of what is shown, not of what is hidden.
const (
	Quieter Compared = "quieter"
	Usual   Compared = "usual"
	Busier  Compared = "busier"
)

// text returns a comparison, if it is worth a word, and what is usual.
func (c Compared) text(l *locale.Locale, usually string) string {
	switch c {
	case Quieter:
		return l.Join([]string{l.Say(locale.QuieterThanUsual), usually})
	case Busier:
		return l.Join([]string{l.Say(locale.BusierThanUsual), usually})
	}
	return usually
}

// HourStart returns when an hour by the clock of the zone of t began.
func HourStart(t time.Time) time.Time {
	return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
}

// HourOfWeek returns the number of the hour of the week in which t is, by its zone.
func HourOfWeek(t time.Time) int { return int(t.Weekday())*24 + t.Hour() }

// Typical returns what the public sees of an hour of a metric's week; none if too little is known of it.
func (m *WidgetMetric) Typical(l *locale.Locale, week *TypicalWeek, hour int) Typical {
	if week == nil || week.Hours[hour].Weeks == 0 || week.Hours[hour].Weeks < m.History.MinWeeks {
		return Typical{}
	}
	of := week.Hours[hour]
	display := m.Display
	display.Rounding = Nearest // what was remembered is rounded already
	low, _, _ := display.bounds(week.Kind, of.Low)
	_, high, open := display.bounds(week.Kind, of.High)
	w := display.wording(m.Combine != Mean)
	out := Typical{Kind: week.Kind, Low: w.visible(week.Kind, low), High: w.visible(week.Kind, high), Open: open, Weeks: of.Weeks}
	out.Text = w.rangeText(l, week.Kind, out)
	return out
}

// bounds returns the lowest and the highest amount that look like this one. open means that the highest is hidden.
func (d *Display) bounds(kind Kind, amount float64) (low, high float64, open bool) {
	value, r := d.apply(Value{Kind: kind}.withAmount(amount))
	switch {
	case r != Range{} && kind == Count && r.HasMax:
		return r.Min, max(math.Ceil(r.Max)-1, r.Min), false
	case r != Range{}:
		return r.Min, r.Max, !r.HasMax
	case value.Kind == None: // a hidden zero
		return 0, 0, false
	}
	return value.amount(), value.amount(), false
}

// visible returns an amount as its text shows it.
func (w wording) visible(kind Kind, amount float64) float64 {
	unit := 60_000. // a minute
	switch {
	case kind == Count:
		scale := math.Pow10(w.digits(amount))
		return math.Round(amount*scale) / scale
	case w.seconds:
		unit = 1000
	}
	return math.Ceil(amount/unit) * unit
}

// rangeText returns the text of a typical range.
func (w wording) rangeText(l *locale.Locale, kind Kind, r Typical) string {
	low, high := time.Duration(r.Low)*time.Millisecond, time.Duration(r.High)*time.Millisecond
	switch {
	case kind == Count && r.Open:
		return l.OrMore(r.Low)
	case kind == Count:
		return l.CountRange(r.Low, r.High)
	case r.Open:
		return l.Over(low)
	case low == high:
		return l.Duration(low)
	case low == 0:
		return l.Under(high)
	}
	return l.DurationRange(low, high)
}

// compare compares what is shown with what is typical.
func (w wording) compare(s *Shown, t Typical) Compared {
	low, high := s.Range.Min, math.Inf(1)
	switch {
	case t == Typical{} || !s.Present() || s.Kind != t.Kind:
		return ""
	case s.Value.Kind != None:
		low = w.visible(s.Kind, s.Value.amount())
		high = low
	case s.Range.HasMax && s.Kind == Count:
		high = s.Range.Max - 1
	case s.Range.HasMax:
		high = s.Range.Max
	}
	switch {
	case high <= t.Low && low < t.Low:
		return Quieter
	case !t.Open && low >= t.High && high > t.High:
		return Busier
	}
	return Usual
}

// Remembered is an amount as a function of time that counts toward what is typical, in the units of a Display. It is what the public sees,
// so that histories that look the same are the same.
type Remembered struct {
	Kind   Kind    // None: nothing counts
	Amount float64 // where the public sees a range: an amount in it
	Rate   float64 // gained a millisecond
}

// InUnits returns the amount in seconds for a duration, otherwise as it is.
func (r Remembered) InUnits() float64 {
	if r.Kind == Duration {
		return r.Amount / 1000 // milliseconds in a second
	}
	return r.Amount
}

// ValueOf returns a number of seconds for a duration, or else a number of things.
func ValueOf(kind Kind, number float64) Value {
	if kind == Duration {
		return Value{Kind: Duration, Duration: toDuration(number * 1000)}
	}
	return Value{Kind: Count, Number: number}
}

// Remember returns what counts of a metric at t, and until when; zero: until new readings arrive. Nothing counts of stale values, of closed
// hours, and of days with exceptional hours.
func (w *Widget) Remember(i int, in Inputs, t time.Time) (r Remembered, until time.Time) {
	counts, until := w.regular(in, t)
	if !counts {
		return r, until
	}
	m, o := &w.Metrics[i], &in.Observed[i]
	readings, confirmed, missing := o.selected(m.Categories)
	if confirmed.IsZero() {
		return r, until
	}
	visible, stale, ages := w.judge(confirmed, t)
	if until = soonest(until, ages); !visible || stale || missing && m.Combine != Number {
		return r, until
	}
	e := m.evaluate(Placement{w.ID, m.ID}, o, readings, t)
	until = soonest(until, e.until)
	if e.value.Kind == Duration && e.line.Rate != 0 && !m.Display.hides() {
		value, _ := e.line.At(t)
		return Remembered{Duration, value.amount(), e.line.Rate}, until
	}
	return m.remember(e.shown), until
}

// remember returns what counts of a value that stands still.
func (m *WidgetMetric) remember(v Value) Remembered {
	value, hidden := m.Display.apply(v)
	switch {
	case value.Kind == Duration || value.Kind == Count:
		return Remembered{Kind: value.Kind, Amount: value.amount()}
	case hidden.HasMin && hidden.HasMax:
		return Remembered{Kind: v.Kind, Amount: (hidden.Min + hidden.Max) / 2}
	case hidden.HasMax:
		return Remembered{Kind: v.Kind, Amount: hidden.Max / 2}
	case hidden.HasMin:
		return Remembered{Kind: v.Kind, Amount: hidden.Min * 1.05} // it stays in the range although history is exact to 3 % only
	}
	return Remembered{}
}

// RememberImported returns what counts of a value from elsewhere that was true at t. Nothing counts of closed hours and of days with exceptional
// hours. until is when that changes; zero: never.
func (w *Widget) RememberImported(i int, v Value, t time.Time) (r Remembered, until time.Time) {
	counts, until := w.regular(Inputs{}, t)
	if !counts {
		return r, until
	}
	return w.Metrics[i].remember(v), until
}

// regular reports whether the widget is open at t, as on any day of that kind, and until when.
func (w *Widget) regular(in Inputs, t time.Time) (regular bool, until time.Time) {
	regular = true
	if w.Hours != nil {
		regular, until = w.Hours.At(t)
		if exceptional, end := w.Hours.exceptional(t); exceptional {
			return false, soonest(until, end)
		}
	}
	if in.Notice.Closed {
		regular, until = regular && !in.Notice.At(t), soonest(until, in.Notice.turn(t))
	}
	return regular, until
}

// exceptional reports whether the day of t has hours of its own, or is closed by its date, and when it ends.
func (h *Hours) exceptional(t time.Time) (exceptional bool, end time.Time) {
	local := t.In(h.Zone)
	year, month, day := local.Date()
	date := Date{year, month, day}
	end = startOfDay(local, 1)
	for i := range h.Open {
		if h.Open[i].Date == date {
			return true, end
		}
	}
	for i := range h.Closed {
		if !date.before(h.Closed[i].First) && !h.Closed[i].Last.before(date) {
			return true, end
		}
	}
	return false, end
}

// A TypicalSlot is what is typical of an hour of the week.
type TypicalSlot struct {
	Hour int // of the week
	Typical
}

// TypicalHours returns what is typical of the hours of the week in which the widget is open, Monday's first.
func (w *Widget) TypicalHours(i int, week *TypicalWeek, now time.Time) (slots []TypicalSlot) {
	monday := now.In(w.Location())
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	for k := range HoursOfWeek {
		hour := (24 + k) % HoursOfWeek
		start := time.Date(monday.Year(), monday.Month(), monday.Day()+k/24, k%24, 0, 0, 0, w.Location())
		if t := w.Metrics[i].Typical(w.Locale, week, hour); t != (Typical{}) && w.opensIn(start) {
			slots = append(slots, TypicalSlot{hour, t})
		}
	}
	return slots
}

// opensIn reports whether the widget is open in some of the hour after t, if the day isn't exceptional.
func (w *Widget) opensIn(t time.Time) bool {
	if w.Hours == nil {
		return true
	}
	weekly := Hours{Zone: w.Hours.Zone, Weekly: w.Hours.Weekly}
	open, until := weekly.At(t)
	return open || !until.IsZero() && until.Before(t.Add(time.Hour))
}

// A QuietHour is a coming hour in which the widget is open.
type QuietHour struct {
	Start time.Time // in the widget's zone
	Typical
}

// maxQuiet is how many hours Quietest returns at most.
const maxQuiet = 3

// Quietest returns the quietest hours of today and of the seven days from now, by what the public sees, the quietest first. The hour of now
// is one of them.
func (w *Widget) Quietest(i int, week *TypicalWeek, now time.Time) (today, days []QuietHour) {
	start := HourStart(now.In(w.Location()))
	midnight := startOfDay(start, 1)
	for k := range HoursOfWeek {
		t := start.Add(time.Duration(k) * time.Hour)
		typical := w.Metrics[i].Typical(w.Locale, week, HourOfWeek(t))
		if typical == (Typical{}) || !w.openFor(t, time.Hour) {
			continue
		}
		days = append(days, QuietHour{t, typical})
		if t.Before(midnight) {
			today = append(today, QuietHour{t, typical})
		}
	}
	return quietest(today), quietest(days)
}

// openFor reports whether the widget is open from t for so long.
func (w *Widget) openFor(t time.Time, d time.Duration) bool {
	if w.Hours == nil {
		return true
	}
	open, until := w.Hours.At(t)
	return open && (until.IsZero() || !until.Before(t.Add(d)))
}

func quietest(hours []QuietHour) []QuietHour {
	upper := func(t Typical) float64 {
		if t.Open {
			return math.Inf(1)
		}
		return t.High
	}
	slices.SortStableFunc(hours, func(a, b QuietHour) int {
		return cmp.Or(cmp.Compare(upper(a.Typical), upper(b.Typical)), cmp.Compare(a.Low, b.Low))
	})
	return hours[:min(len(hours), maxQuiet)]
}
