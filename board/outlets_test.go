package board

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waitboard/internal/golden"
	"waitboard/locale"
	"waitboard/wait"
)

func TestOutlets(t *testing.T) {
	shown := func(label, text string, level wait.Level) wait.Shown {
		return wait.Shown{Label: label, Text: text, Level: level, Value: wait.Value{Kind: wait.Text, Text: text}}
	}
	missing := wait.Shown{Label: "Callback", Text: "Not available"}
	tests := []struct {
		name           string
		snapshot       wait.Snapshot
		text           string
		message, color string
	}{
		{"open", wait.Snapshot{State: wait.Open, Metrics: []wait.Shown{shown("Wait", "4 min", ""), shown("Calls", "3", "")}}, "Wait 4 min · Calls 3", "4 min · 3", "blue"},
		{"coloured by the worst", wait.Snapshot{State: wait.Open, Metrics: []wait.Shown{shown("Wait", "4 min", wait.High), shown("Calls", "3", wait.Low)}}, "Wait 4 min · Calls 3", "4 min · 3", "red"},
		{"and by it in any order", wait.Snapshot{State: wait.Open, Metrics: []wait.Shown{shown("Wait", "4 min", wait.Low), shown("Calls", "3", wait.Moderate)}}, "Wait 4 min · Calls 3", "4 min · 3", "yellow"},
		{"low", wait.Snapshot{State: wait.Open, Metrics: []wait.Shown{shown("Wait", "4 min", ""), shown("Calls", "3", wait.Low)}}, "Wait 4 min · Calls 3", "4 min · 3", "brightgreen"},
		{"one is missing", wait.Snapshot{State: wait.Open, Metrics: []wait.Shown{missing, shown("Calls", "3", "")}}, "Calls 3", "3", "blue"},
		{"stale", wait.Snapshot{State: wait.Open, Stale: true, Metrics: []wait.Shown{shown("Wait", "4 min", wait.High)}}, "Wait 4 min (not up to date)", "4 min (not up to date)", "lightgrey"},
		{"closed", wait.Snapshot{State: wait.Closed, Message: "Closed. Opens Monday 8:00 AM MST"}, "Closed. Opens Monday 8:00 AM MST", "Closed. Opens Monday 8:00 AM MST", "lightgrey"},
		{"unavailable", wait.Snapshot{State: wait.Unavailable, Metrics: []wait.Shown{missing}}, "Not available", "Not available", "lightgrey"},
		{"initializing", wait.Snapshot{State: wait.Initializing, Metrics: []wait.Shown{missing}}, "Not available", "Not available", "lightgrey"},
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
	metric := func(id string, display wait.Display) wait.Metric {
		return wait.Metric{ID: id, Label: strings.ToUpper(id), Ref: wait.Ref{Source: "hq", Metric: id}, Display: display}
	}
	widget := wait.Widget{ID: "w", Title: "W", StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: 10 * time.Second, Metrics: []wait.Metric{
		metric("a", wait.Display{}), metric("b", wait.Display{Kind: wait.Count, Above: 3}), metric("c", wait.Display{}),
		metric("d", wait.Display{Kind: wait.Duration, Buckets: []float64{5 * minute, 90 * minute}}),
	}}
	confirmed := func(r wait.Reading) wait.Observation {
		return wait.Observation{Confirmed: noon, Complete: noon, Kind: r.Kind, Samples: map[string]wait.Sample{"": {Reading: r, Confirmed: noon}}}
	}
	observed := []wait.Observation{
		confirmed(wait.Line(4*time.Minute, 0, noon)), confirmed(wait.CountOf(5)), confirmed(wait.Reading{}), confirmed(wait.Line(time.Hour, 0, noon)),
	}
	states := []struct {
		name     string
		hours    *wait.Hours
		override wait.Notice
		after    time.Duration
	}{
		{"open", nil, wait.Notice{}, 0},
		{"stale", nil, wait.Notice{}, 2 * time.Minute},
		{"unavailable", nil, wait.Notice{}, 2 * time.Hour},
		{"closed", &wait.Hours{Zone: time.UTC, Weekly: [7][]wait.Span{time.Thursday: {{From: 480, To: 600}}}}, wait.Notice{}, 0},
		{"closed for good", &wait.Hours{Zone: time.UTC}, wait.Notice{}, 0},
		{"with a notice", nil, wait.Notice{Text: "NOTICE"}, 0},
		{"closed with a notice", &wait.Hours{Zone: time.UTC}, wait.Notice{Text: "NOTICE"}, 0},
		{"closed by a notice", nil, wait.Notice{Text: "NOTICE", Closed: true}, 0},
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
			s, _ := w.At(&wait.Known{Observed: observed, Override: state.override}, noon.Add(state.after))
			fmt.Fprintf(&out, "%s, %s\n  %s\n  %s", tag, state.name, sentence(&s), shields(&s, 5*time.Second))
		}
	}
	golden.Check(t, "outlets.golden", out.String())
}
