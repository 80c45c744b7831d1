package domain

import (
	"testing"
	"time"
)

func TestNotices(t *testing.T) {
	evening := &Hours{Zone: time.UTC, Weekly: [7][]Span{time.Monday: {{18 * 60, 20 * 60}}}} // noon is on a Monday
	later := noon.Add(time.Minute)
	tests := []struct {
		name            string
		widget          Widget
		override        Notice
		state           State
		message, notice string
		until           time.Time // the end of the state
	}{
		{"none", Widget{}, Notice{}, Open, "", "", time.Time{}},
		{"the widget's own", Widget{Notice: "Own"}, Notice{}, Open, "", "Own", time.Time{}},
		{"an operator's", Widget{Notice: "Own"}, Notice{Text: "New"}, Open, "", "New", time.Time{}},
		{"for a while", Widget{}, Notice{Text: "New", Until: later}, Open, "", "New", later},
		{"over", Widget{Notice: "Own"}, Notice{Text: "New", Until: noon}, Open, "", "Own", time.Time{}},
		{"closed by it", Widget{Notice: "Own"}, Notice{Text: "New", Closed: true}, Closed, "New", "New", time.Time{}},
		{"no longer closed by it", Widget{}, Notice{Text: "New", Closed: true, Until: noon}, Open, "", "", time.Time{}},
		{"closed by the hours too", Widget{Hours: evening}, Notice{Text: "New", Closed: true, Until: later}, Closed, "Closed. Opens today 6:00 PM UTC", "New", later},
		{"closed for longer", Widget{Hours: evening}, Notice{Text: "New", Closed: true, Until: noon.Add(7 * time.Hour)}, Closed, "New", "New", noon.Add(6 * time.Hour)},
		{"closed until further notice", Widget{Hours: evening}, Notice{Text: "New", Closed: true}, Closed, "New", "New", noon.Add(6 * time.Hour)},
		{"out of hours", Widget{Hours: evening, Notice: "Own"}, Notice{}, Closed, "Closed. Opens today 6:00 PM UTC", "Own", noon.Add(6 * time.Hour)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := widget(waitMetric)
			w.Hours, w.Notice, w.HideAfter, w.StaleAfter = test.widget.Hours, test.widget.Notice, 48*time.Hour, 24*time.Hour
			in := inputs(observation(noon, threeCalls))
			in.Notice = test.override
			s, until := w.At(in, noon)
			if s.State != test.state || s.Message != test.message || s.Notice != test.notice || (s.Metrics == nil) != (test.state == Closed) {
				t.Errorf("got %+v", s)
			}
			if want := test.until; !until.Equal(want) && (!want.IsZero() || !until.Equal(noon.Add(24*time.Hour))) {
				t.Errorf("until %v", until)
			}
		})
	}
}
