package domain

import (
	"strings"
	"testing"
	"time"

	"waitboard/locale"
)

// chartWidget returns a widget that opens on weekdays from 9 to 12, but not on Tuesday, 24 November 2026.
func chartWidget(d Display) *Widget {
	w := widget(WidgetMetric{ID: "wait", Label: "Wait", Display: d, History: History{Keep: time.Hour, MinWeeks: 3}})
	w.Locale = locale.English()
	w.Hours = &Hours{Zone: time.UTC, Closed: []DateRange{{Date{2026, 11, 24}, Date{2026, 11, 24}}}}
	for day := time.Monday; day <= time.Friday; day++ {
		w.Hours.Weekly[day] = []Span{{9 * 60, 12 * 60}}
	}
	return w
}

func TestChart(t *testing.T) {
	const minute = 60_000.
	monday := time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC)
	rising := weekOf(Duration, 2*minute, 4*minute)
	for i := range rising.Hours {
		rising.Hours[i].High += float64(i%24) * minute
	}
	young := weekOf(Duration, minute, minute)
	for i := range young.Hours {
		young.Hours[i].Weeks = 2
	}
	over := Display{Kind: Duration, Above: 5 * minute}
	for _, c := range []struct {
		name    string
		display Display
		week    *TypicalWeek
		at      time.Time
		whole   bool
		want    string
		marks   string
	}{
		{"a day", Display{}, rising, monday, false,
			"Usual values by hour · Monday · 9–10 AM 2–13 min · 10–11 AM (now) 2–14 min · 11 AM–12 PM 2–15 min · Quietest today: 10–11 AM", "5 min 10 min 15 min"},
		{"the last hour is not the quietest", Display{}, rising, monday.Add(time.Hour), false,
			"Usual values by hour · Monday · 9–10 AM 2–13 min · 10–11 AM 2–14 min · 11 AM–12 PM (now) 2–15 min", "5 min 10 min 15 min"},
		{"all hours alike", Display{}, weekOf(Duration, minute, 2*minute), monday, false,
			"Usual values by hour · Monday · 9–10 AM 1–2 min · 10–11 AM (now) 1–2 min · 11 AM–12 PM 1–2 min", "1 min 2 min"},
		{"an open end", over, rising, monday.Add(time.Hour), false,
			"Usual values by hour · Monday · 9–10 AM over 2 min · 10–11 AM over 2 min · 11 AM–12 PM (now) over 2 min", "1 min 2 min 3 min"},
		{"never a wait", Display{}, weekOf(Duration, 0, 0), monday, false,
			"Usual values by hour · Monday · 9–10 AM 0 min · 10–11 AM (now) 0 min · 11 AM–12 PM 0 min", "5 s"},
		{"after hours", Display{}, weekOf(Count, 3, 12), monday.Add(8 * time.Hour), false,
			"Usual values by hour · Monday · 9–10 AM 3–12 · 10–11 AM 3–12 · 11 AM–12 PM 3–12", "5 10 15"},
		{"a holiday", Display{}, rising, monday.Add(24 * time.Hour), false, "Usual values by hour · Tuesday · Closed today", ""},
		{"a closed day of the week", Display{}, rising, monday.Add(-24 * time.Hour), false, "Usual values by hour · Sunday · Closed today", ""},
		{"too little data", Display{}, young, monday, false, "Usual values by hour · Monday · Not enough data yet", ""},
		{"no data", Display{}, nil, monday, true, "Usual values by hour · Not enough data yet", ""},
		{"a week has its usual hours", Display{}, weekOf(Count, 1, 2), monday.Add(24 * time.Hour), true,
			"Usual values by hour · Monday: 9–10 AM 1–2 · 10–11 AM 1–2 · 11 AM–12 PM 1–2 · Tuesday: 9–10 AM 1–2 · 10–11 AM (now) 1–2 · 11 AM–12 PM 1–2 · " +
				"Wednesday: 9–10 AM 1–2 · 10–11 AM 1–2 · 11 AM–12 PM 1–2 · Thursday: 9–10 AM 1–2 · 10–11 AM 1–2 · 11 AM–12 PM 1–2 · Friday: 9–10 AM 1–2 · 10–11 AM 1–2 · 11 AM–12 PM 1–2", "1 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			chart := chartWidget(c.display).Chart(0, c.week, c.at, c.whole)
			if got := chart.Sentence(); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			var marks []string
			for _, m := range chart.Marks() {
				marks = append(marks, m.Text)
			}
			if got := strings.Join(marks, " "); got != c.marks {
				t.Errorf("marks %s, want %s", got, c.marks)
			}
			for i := range chart.Days {
				for k := range chart.Days[i].Hours {
					if low, high := chart.Ends(&chart.Days[i].Hours[k]); low < 0 || high > 1 || high-low < 0.03 {
						t.Errorf("a bar from %v to %v", low, high)
					}
				}
			}
		})
	}
}

// Without history, the chart says that there is nothing.
func TestChartWithoutHistory(t *testing.T) {
	chart := chartWidget(Display{}).Chart(-1, nil, noon, false)
	if !chart.Empty() || chart.Message != "Not available" {
		t.Errorf("%+v", chart)
	}
}

// A day on which the clock is set forward has no bar for the missing hour.
func TestChartWhenTheClockIsSet(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w := chartWidget(Display{})
	w.Hours, w.Zone = nil, zone
	for _, c := range []struct {
		day  time.Time
		want int
	}{
		{time.Date(2026, 3, 29, 12, 0, 0, 0, zone), 23},
		{time.Date(2026, 10, 25, 12, 0, 0, 0, zone), 24},
		{time.Date(2026, 10, 26, 12, 0, 0, 0, zone), 24},
	} {
		if got := len(w.Chart(0, weekOf(Count, 1, 2), c.day, false).Days[0].Hours); got != c.want {
			t.Errorf("%s has %d hours, want %d", c.day.Format(time.DateOnly), got, c.want)
		}
	}
}

// What is typical stands in the place of a missing value, in each language.
func TestTypicalInPlaceOfAValue(t *testing.T) {
	w := chartWidget(Display{})
	w.Hours, w.Metrics[0].History.Alone = nil, true
	in := inputs(observation(noon, map[string]Reading{"": Line(4*time.Minute, 0, noon)}))
	in.Typical = []*TypicalWeek{weekOf(Duration, 180_000, 360_000)}
	german, err := locale.New("de", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name                      string
		at                        time.Time
		state                     State
		text, line, german, gLine string
	}{
		{"open", noon, Open, "4 min", "Usually 3–6 min at this hour", "4 Min.", "Um diese Zeit meist 3–6 Min."},
		{"unavailable", noon.Add(2 * time.Hour), Unavailable, "Usually 3–6 min at this hour", "", "Um diese Zeit meist 3–6 Min.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := w.At(in, c.at)
			in := s.In(german)
			rows, inGerman := s.Rows(), in.Rows()
			if s.State != c.state || len(rows) != 1 || rows[0].Text != c.text || rows[0].TypicalLine() != c.line || inGerman[0].Text != c.german || inGerman[0].TypicalLine() != c.gLine {
				t.Errorf("%s: %+v, %+v", s.State, rows, inGerman)
			}
		})
	}
	w.Metrics[0].History.Alone = false
	if s, _ := w.At(in, noon.Add(2*time.Hour)); len(s.Rows()) != 0 {
		t.Errorf("shows %+v", s.Rows())
	}
}
