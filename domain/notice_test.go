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

// monday is noon of a Monday.
var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestScheduledNotice(t *testing.T) {
	mornings := &Hours{Zone: time.UTC, Weekly: [7][]Span{time.Monday: {{8 * 60, 10 * 60}}}}
	for _, c := range []struct {
		name  string
		all   []ScheduledNotice
		want  string
		until time.Duration // 0: never
	}{
		{"none", nil, "", 0},
		{"always", []ScheduledNotice{{Text: "a"}}, "a", 0},
		{"due until", []ScheduledNotice{{Text: "a", Until: monday.Add(time.Hour)}}, "a", time.Hour},
		{"not yet", []ScheduledNotice{{Text: "a", From: monday.Add(time.Minute)}}, "", time.Minute},
		{"from now", []ScheduledNotice{{Text: "a", From: monday}}, "a", 0},
		{"over", []ScheduledNotice{{Text: "a", Until: monday}}, "", 0},
		{"the first one counts", []ScheduledNotice{{Text: "a", From: monday.Add(time.Minute)}, {Text: "b", Until: monday.Add(time.Hour)}}, "b", time.Minute},
		{"each week", []ScheduledNotice{{Text: "a", Weekly: mornings}}, "", 164 * time.Hour},
		{"each week, for some time", []ScheduledNotice{{Text: "a", Weekly: mornings, Until: monday.Add(24 * time.Hour)}}, "", 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := widget(waitMetric)
			w.Notice, w.Notices = "usual", c.all
			s, _ := w.At(inputs(Observation{}), monday)
			want := c.want
			if want == "" {
				want = "usual"
			}
			if s.Notice != want || s.Turn.IsZero() != (c.until == 0) || c.until != 0 && !s.Turn.Equal(monday.Add(c.until)) {
				t.Errorf("%q until %v", s.Notice, s.Turn)
			}
		})
	}
}

// An operator's notice can be set before it begins.
func TestNoticeStarts(t *testing.T) {
	n := Notice{Text: "down", Closed: true, From: monday.Add(time.Hour), Until: monday.Add(2 * time.Hour)}
	w := widget(waitMetric)
	for after, want := range map[time.Duration]State{0: Initializing, time.Hour: Closed, 2*time.Hour - 1: Closed, 2 * time.Hour: Initializing} {
		in := inputs(Observation{})
		in.Notice = n
		s, until := w.At(in, monday.Add(after))
		if s.State != want || after == 0 && !until.Equal(n.From) || after == time.Hour && !until.Equal(n.Until) {
			t.Errorf("after %v: %s until %v", after, s.State, until)
		}
	}
}
