package board

import (
	"testing"
	"time"

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
		{"closed", wait.Snapshot{State: wait.Closed, Message: "Closed. Opens Monday 08:00"}, "Closed. Opens Monday 08:00", "Closed. Opens Monday 08:00", "lightgrey"},
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
