package publish

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/badge"
	"waitboard/domain"
	"waitboard/locale"
)

// What is typical is in the line of text, and charts change with the hour and with what is typical.
func TestTypicalTexts(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC)
	w := domain.Widget{ID: "w", Title: "Support", Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: 10 * time.Second,
		Metrics: []domain.WidgetMetric{{ID: "wait", Label: "Wait", Ref: domain.Ref{Source: "hq", Metric: "wait"}, History: domain.History{Keep: time.Hour, MinWeeks: 3, Alone: true}}}}
	p := New(Options{Widgets: []domain.Widget{w}, Now: func() time.Time { return now }})
	defer p.Close()
	week := &domain.TypicalWeek{Kind: domain.Duration}
	for hour := range week.Hours {
		week.Hours[hour] = domain.TypicalHour{Low: 180_000, High: 360_000, Weeks: 3}
	}
	line := func() string {
		p.Refresh("w")
		page, _ := p.Page("w")
		return strings.TrimSpace(string(page.Text().Body))
	}
	empty, _ := p.Week("w").ChartImage("", false, badge.Auto)
	p.SetTypical(domain.Placement{Widget: "w", Metric: "wait"}, week)
	for _, step := range []struct {
		name  string
		after time.Duration
		seen  bool
		want  string
	}{
		{"before the first reading", 0, false, "Support: Wait: Usually 3–6 min at this hour"},
		{"open", 0, true, "Support: Wait 7 min · Busier than usual · Usually 3–6 min at this hour"},
		{"stale", 2 * time.Minute, false, "Support: Wait 7 min (not up to date)"},
		{"unavailable", 2 * time.Hour, false, "Support: Wait: Usually 3–6 min at this hour"},
	} {
		now = now.Add(step.after)
		if step.seen {
			p.Readings().Apply("hq", map[string]domain.Observation{"wait": {Confirmed: now, Complete: now, Kind: domain.Duration,
				Samples: map[string]domain.Sample{"": {Reading: domain.Line(7*time.Minute, 0, now), Confirmed: now}}}})
		}
		if got := line(); got != step.want {
			t.Errorf("%s: %s", step.name, got)
		}
	}
	english, _ := p.Week("w").ChartJSON("", false, locale.English())
	for region := range maxDrawn {
		l, err := locale.New("de-"+string(rune('A'+region/26))+string(rune('A'+region%26)), nil)
		if err != nil {
			t.Fatal(err)
		}
		p.Week("w").ChartJSON("", false, l)
	}
	if n := len(p.Week("w").charts.drawn); n > maxDrawn {
		t.Errorf("%d stored charts", n)
	}
	if again, _ := p.Week("w").ChartJSON("", false, locale.English()); string(again.Body) != string(english.Body) {
		t.Errorf("%s differs from %s", again.Body, english.Body)
	}
	first, zipped := p.Week("w").ChartImage("", false, badge.Auto)
	again, _ := p.Week("w").ChartImage("nosuch", false, badge.Auto)
	dark, _ := p.Week("w").ChartImage("wait", false, badge.Dark)
	now = now.Add(time.Hour)
	later, _ := p.Week("w").ChartImage("wait", false, badge.Auto)
	if string(empty.Body) == string(first.Body) || &first.Body[0] != &again.Body[0] || string(dark.Body) == string(first.Body) || string(later.Body) == string(first.Body) || len(zipped.Body) == 0 {
		t.Error("images are equal that should differ, or are drawn twice")
	}
}

// When an hour begins, all widgets change, one after the other.
func TestTurnsOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{Now: time.Now})
		defer p.Close()
		var widgets []domain.Widget
		week := &domain.TypicalWeek{Kind: domain.Duration}
		for hour := range week.Hours {
			week.Hours[hour] = domain.TypicalHour{Low: 60_000, High: float64(1+hour) * 60_000, Weeks: 3}
		}
		for i := range 100 {
			w := domain.Widget{ID: fmt.Sprint(i), Locale: locale.English(), Metrics: []domain.WidgetMetric{{ID: "wait", History: domain.History{Keep: time.Hour, Alone: true}}}}
			widgets = append(widgets, w)
			p.SetTypical(domain.Placement{Widget: w.ID, Metric: "wait"}, week)
		}
		p.Replace(widgets)
		var running, most, turns atomic.Int64
		p.Watch(func(string) {
			turns.Add(1)
			most.Store(max(most.Load(), running.Add(1)))
			for range 10 {
				runtime.Gosched() // others would run
			}
			running.Add(-1)
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		if turns.Load() != 100 || most.Load() != 1 {
			t.Errorf("%d widgets changed, up to %d at the same time", turns.Load(), most.Load())
		}
	})
}
