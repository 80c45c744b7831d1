package badge

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
	"waitboard/locale"
)

// An era is a state of a chart.
type era struct {
	name  string
	open  []domain.Span // on weekdays; nil: always
	count bool
	seen  int // on how many dates each hour was seen
	above float64
	at    time.Time
	none  bool // no metric has history
}

var eras = []era{
	{name: "office", open: []domain.Span{{From: 8 * 60, To: 18 * 60}}, seen: 8, at: noon.Add(2 * time.Hour)},
	{name: "always", seen: 8, above: 18 * minute, at: noon},
	{name: "calls", open: []domain.Span{{From: 9 * 60, To: 12 * 60}}, count: true, seen: 8, at: noon.Add(-2 * time.Hour)},
	{name: "sunday", open: []domain.Span{{From: 8 * 60, To: 18 * 60}}, seen: 8, at: noon.Add(-24 * time.Hour)},
	{name: "new", seen: 1, at: noon},
	{name: "none", none: true, at: noon},
}

// chartOf returns a chart of a widget whose mornings and Mondays are busy.
func chartOf(t testing.TB, tag string, in era, whole bool) (*domain.Chart, string) {
	t.Helper()
	l, err := locale.New(tag, nil)
	if err != nil {
		t.Fatal(err)
	}
	said := written[tag]
	w := domain.Widget{ID: "support", Title: said.title, Locale: l}
	if in.open != nil {
		w.Hours = &domain.Hours{Zone: time.UTC}
		for day := time.Monday; day <= time.Friday; day++ {
			w.Hours.Weekly[day] = in.open
		}
	}
	m := domain.WidgetMetric{ID: "wait", Label: said.wait, History: domain.History{Keep: time.Hour, MinWeeks: 3}}
	m.Display.Above = in.above
	week := &domain.TypicalWeek{Kind: domain.Duration}
	unit := minute
	if in.count {
		week.Kind, unit, m.Label = domain.Count, 1, said.calls
	}
	for hour := range week.Hours {
		busy := 2 + 7*math.Exp(-math.Pow(float64(hour%24)-10, 2)/8) + 4*math.Exp(-math.Pow(float64(hour%24)-15, 2)/4)
		busy *= 1.3 - float64((hour/24+6)%7)/10
		week.Hours[hour] = domain.TypicalHour{Low: math.Floor(busy) * unit, High: math.Ceil(busy*1.6) * unit, Weeks: in.seen}
	}
	w.Metrics = []domain.WidgetMetric{m}
	i := 0
	if in.none {
		i = -1
	}
	return w.Chart(i, week, in.at, whole), w.Title
}

func TestChart(t *testing.T) {
	for _, tag := range []string{"en", "de", "ar-EG", "he", "ja"} {
		for _, in := range eras {
			for _, whole := range []bool{false, true} {
				themes := []string{"auto", "light", "dark"}
				if tag != "en" {
					themes = themes[:1]
				}
				for _, theme := range themes {
					name := "chart-" + tag + "-" + in.name + map[bool]string{false: "-day-", true: "-week-"}[whole] + theme + ".svg"
					t.Run(name, func(t *testing.T) {
						c, title := chartOf(t, tag, in, whole)
						checkChart(t, c, title, Chart(c, title, ThemeOf(theme)), name)
					})
				}
			}
		}
	}
}

func checkChart(t *testing.T, c *domain.Chart, title string, got []byte, name string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got); update with -update\n%s", diff)
	}
	checkSVG(t, &Card{Title: title, Text: c.Sentence()}, got)
	setter := typesetters.Get().(*typesetter)
	defer typesetters.Put(setter)
	l := layChart(setter, c, title)
	if l.height != ChartHeight(c.Whole) {
		t.Errorf("is %d high", l.height)
	}
	checkShapes(t, l)
	marks := 0
	for _, s := range l.shapes {
		if s.peak {
			marks++
		}
		if strings.HasSuffix(s.text, ellipsis) && s.style.size == chartNote {
			t.Errorf("cuts %q", s.text)
		}
	}
	now := 0
	for _, day := range c.Days {
		for _, h := range day.Hours {
			if h.Now {
				now++
			}
		}
	}
	if marks != now {
		t.Errorf("marks %d hours, %d are the present one", marks, now)
	}
}
