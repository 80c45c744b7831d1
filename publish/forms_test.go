package publish

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/internal/golden"
	"waitboard/locale"
)

func TestOutlets(t *testing.T) {
	shown := func(label, text string, level domain.Level) domain.Shown {
		return domain.Shown{Label: label, Text: text, Level: level, Value: domain.Value{Kind: domain.Text, Text: text}}
	}
	missing := domain.Shown{Label: "Callback", Text: "Not available"}
	tests := []struct {
		name           string
		snapshot       domain.Snapshot
		text           string
		message, color string
	}{
		{"open", domain.Snapshot{State: domain.Open, Metrics: []domain.Shown{shown("Wait", "4 min", ""), shown("Calls", "3", "")}}, "Wait 4 min · Calls 3", "4 min · 3", "blue"},
		{"coloured by the worst", domain.Snapshot{State: domain.Open, Metrics: []domain.Shown{shown("Wait", "4 min", domain.High), shown("Calls", "3", domain.Low)}}, "Wait 4 min · Calls 3", "4 min · 3", "red"},
		{"and by it in any order", domain.Snapshot{State: domain.Open, Metrics: []domain.Shown{shown("Wait", "4 min", domain.Low), shown("Calls", "3", domain.Moderate)}}, "Wait 4 min · Calls 3", "4 min · 3", "yellow"},
		{"low", domain.Snapshot{State: domain.Open, Metrics: []domain.Shown{shown("Wait", "4 min", ""), shown("Calls", "3", domain.Low)}}, "Wait 4 min · Calls 3", "4 min · 3", "brightgreen"},
		{"one is missing", domain.Snapshot{State: domain.Open, Metrics: []domain.Shown{missing, shown("Calls", "3", "")}}, "Calls 3", "3", "blue"},
		{"stale", domain.Snapshot{State: domain.Open, Stale: true, Metrics: []domain.Shown{shown("Wait", "4 min", domain.High)}}, "Wait 4 min (not up to date)", "4 min (not up to date)", "lightgrey"},
		{"closed", domain.Snapshot{State: domain.Closed, Message: "Closed. Opens Monday 8:00 AM MST"}, "Closed. Opens Monday 8:00 AM MST", "Closed. Opens Monday 8:00 AM MST", "lightgrey"},
		{"unavailable", domain.Snapshot{State: domain.Unavailable, Metrics: []domain.Shown{missing}}, "Not available", "Not available", "lightgrey"},
		{"initializing", domain.Snapshot{State: domain.Initializing, Metrics: []domain.Shown{missing}}, "Not available", "Not available", "lightgrey"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.snapshot.Title, test.snapshot.Locale = "Support", locale.English()
			if got := sentence(&test.snapshot); got != "Support: "+test.text {
				t.Errorf("text: %s", got)
			}
			want := `{"schemaVersion":1,"label":"Support","message":"` + test.message + `","color":"` + test.color + `","cacheSeconds":5}` + "\n"
			if got := string(shields(&test.snapshot, 5*time.Second)); got != want {
				t.Errorf("shields: %s", got)
			}
		})
	}
}

// The short outlets in each state and language: testdata/outlets.golden.
func TestOutletsInEveryLanguage(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	const minute = 60_000. // milliseconds
	metric := func(id string, display domain.Display) domain.WidgetMetric {
		return domain.WidgetMetric{ID: id, Label: strings.ToUpper(id), Ref: domain.Ref{Source: "hq", Metric: id}, Display: display}
	}
	widget := domain.Widget{ID: "w", Title: "W", StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: 10 * time.Second, Metrics: []domain.WidgetMetric{
		metric("a", domain.Display{}), metric("b", domain.Display{Kind: domain.Count, Above: 3}), metric("c", domain.Display{}),
		metric("d", domain.Display{Kind: domain.Duration, Buckets: []float64{5 * minute, 90 * minute}}),
	}}
	confirmed := func(r domain.Reading) domain.Observation {
		return domain.Observation{Confirmed: noon, Complete: noon, Kind: r.Kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: noon}}}
	}
	observed := []domain.Observation{
		confirmed(domain.Line(4*time.Minute, 0, noon)), confirmed(domain.CountOf(5)), confirmed(domain.Reading{}), confirmed(domain.Line(time.Hour, 0, noon)),
	}
	states := []struct {
		name     string
		hours    *domain.Hours
		override domain.Notice
		after    time.Duration
	}{
		{"open", nil, domain.Notice{}, 0},
		{"stale", nil, domain.Notice{}, 2 * time.Minute},
		{"unavailable", nil, domain.Notice{}, 2 * time.Hour},
		{"closed", &domain.Hours{Zone: time.UTC, Weekly: [7][]domain.Span{time.Thursday: {{From: 480, To: 600}}}}, domain.Notice{}, 0},
		{"closed permanently", &domain.Hours{Zone: time.UTC}, domain.Notice{}, 0},
		{"with a notice", nil, domain.Notice{Text: "NOTICE"}, 0},
		{"closed with a notice", &domain.Hours{Zone: time.UTC}, domain.Notice{Text: "NOTICE"}, 0},
		{"closed by a notice", nil, domain.Notice{Text: "NOTICE", Closed: true}, 0},
	}
	var out strings.Builder
	for _, tag := range locale.Supported() {
		language, err := locale.New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range states {
			w := widget
			w.Locale, w.Hours = language, state.hours
			s, _ := w.At(domain.Inputs{Observed: observed, Notice: state.override}, noon.Add(state.after))
			fmt.Fprintf(&out, "%s, %s\n  %s\n  %s", tag, state.name, sentence(&s), shields(&s, 5*time.Second))
		}
	}
	golden.Check(t, "outlets.golden", out.String())
}
