package config

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sameZone compares time zones by their names.
var sameZone = cmp.Comparer(func(a, b *time.Location) bool {
	return a == b || a != nil && b != nil && a.String() == b.String()
})

// validHours returns the Config of testdata/valid-hours.yaml.
func validHours(t *testing.T) *Config {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	denver, zurich := zone("America/Denver"), zone("Europe/Zurich")
	christmas, eve, newYear := Date{2026, time.December, 25}, Date{2026, time.December, 24}, Date{2027, time.January, 1}
	leap := Date{2028, time.February, 29}
	office := []Span{{480, 720}, {780, 1020}}
	night := []Span{{360, 420}, {1320, 1800}}
	early := []Span{{360, 450}, {1320, 1440}}
	always := []Span{{0, 1440}}
	nightOpen := []OpenDay{{eve, []Span{{480, 720}}}, {Date{2026, time.December, 31}, []Span{{1320, 1620}}}}
	c := minimal()
	widget := c.Widgets[0]
	c.Widgets = nil
	for _, w := range []struct {
		id    string
		hours Hours
	}{
		{"support", Hours{denver, [7][]Span{nil, office, office, office, office, office, {{540, 1440}}}, []DateRange{{christmas, christmas}}, nil}},
		{"night", Hours{zurich, [7][]Span{night, night, early, nil, early, night, night},
			[]DateRange{{eve, newYear}, {christmas, christmas}, {Date{2027, time.April, 5}, Date{2027, time.April, 5}}}, nightOpen}},
		{"always", Hours{time.UTC, [7][]Span{always, always, always, always, always, always, always}, []DateRange{{leap, leap}}, nil}},
		{"once", Hours{denver, [7][]Span{}, nil, []OpenDay{{eve, []Span{{540, 720}}}}}},
		{"never", Hours{zurich, [7][]Span{}, []DateRange{{eve, eve}}, nightOpen}},
	} {
		widget.ID, widget.Title, widget.Hours = w.id, w.id, &w.hours
		c.Widgets = append(c.Widgets, widget)
	}
	return c
}

func TestWeekdays(t *testing.T) {
	const su, mo, tu, we, th, fr, sa = time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday
	for text, want := range map[string][]time.Weekday{
		"mon": {mo}, "Sunday": {su}, "mon-fri": {mo, tu, we, th, fr}, "sat-mon": {sa, su, mo}, "fri - fri": {fr}, "mon, wed,fri": {mo, we, fr},
		"mon-tue, thu-fri": {mo, tu, th, fr}, " daily ": {mo, tu, we, th, fr, sa, su}, "Daily": {mo, tu, we, th, fr, sa, su}, "wed-Thursday": {we, th}, "sun-sat": {su, mo, tu, we, th, fr, sa},
		"": nil, "m": nil, "montag": nil, "mon-": nil, "-mon": nil, "mon,": nil, "mon fri": nil, "mon-wed-fri": nil, "daily, mon": nil, "mon–fri": nil, "1": nil, "tues": nil,
	} {
		if got, ok := weekdays(text); !slices.Equal(got, want) || ok != (want != nil) {
			t.Errorf("%q is %v, %v, want %v", text, got, ok, want)
		}
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string][]Span{ // {} for rejected, nil for closed
		"": nil, " ": nil, "closed": nil, "Closed": nil,
		"08:00-12:00": {{480, 720}}, " 13:00 - 17:00,08:00-12:00 ": {{480, 720}, {780, 1020}}, "08:00-12:00, 12:00-13:00": {{480, 720}, {720, 780}},
		"00:00-24:00": {{0, 1440}}, "09:00-24:00": {{540, 1440}}, "22:00-00:00": {{1320, 1440}}, "22:00-06:00": {{1320, 1800}}, "23:59-23:58": {{1439, 2878}}, "23:59-24:00": {{1439, 1440}},
		"8:00-12:00": {}, "08:00": {}, "08:00-": {}, "-08:00": {}, "08:00-12:00-13:00": {}, "24:00-06:00": {}, "08:00-24:01": {}, "08:00-08:00": {}, "00:00-00:00": {}, ",": {}, "open": {},
		"08:00-12:00;13:00-17:00": {}, "08:00–12:00": {}, "08.00-12.00": {}, "08:00\u00a0-12:00": {},
	} {
		c := checker{report: &report{places: map[string]place{}, failed: map[string]bool{}}}
		got := c.spans("mon", text)
		if rejected := len(c.problems) > 0; rejected != (want != nil && len(want) == 0) || !slices.Equal(got, want) {
			t.Errorf("%q is %v, want %v (%v)", text, got, want, c.problems)
		}
	}
}

// checkHours holds Hours to what their comments say.
func checkHours(t *testing.T, h *Hours) {
	if h.Zone == nil || h.Zone.String() == "Local" {
		t.Errorf("zone %v", h.Zone)
	}
	end := 0 // of what the day before reaches into this one
	for day := range 8 {
		for _, s := range h.Weekly[day%7] {
			if s.From < end || s.From > 1439 || s.To <= s.From || s.To > 2880 {
				t.Errorf("day %d: %v", day, h.Weekly)
			}
			end = s.To
		}
		end = max(end-1440, 0)
	}
	for i, r := range h.Closed {
		if r.Last.start().Before(r.First.start()) || i > 0 && r.First.start().Before(h.Closed[i-1].First.start()) {
			t.Errorf("closed %v", h.Closed)
		}
	}
	for i, d := range h.Open {
		if len(d.Spans) == 0 || i > 0 && !h.Open[i-1].Date.start().Before(d.Date.start()) || d.Date.start().Format(time.DateOnly)[8:] == "00" {
			t.Errorf("open %v", h.Open)
		}
	}
}
