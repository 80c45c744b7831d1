package browser

import (
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/locale"
)

// The options of an embed.
var (
	layouts = []string{"card", "line", "compact", "bare"}
	themes  = []string{"auto", "light", "dark"}
)

// allShown is true when every element of a page shows something.
const allShown = `Array.from(document.querySelectorAll('wait-time')).every((e, n) => ` + shown + `(n))`

// states returns a site with a widget in each state. The IDs name the states.
func states(t testing.TB) (*site, []string) {
	const minute = 60_000.
	leveled := func(id string, moderate, high float64) domain.WidgetMetric {
		m := metric(id, "Current wait time")
		m.Levels = domain.Levels{Kind: domain.Duration, Moderate: moderate * minute, High: high * minute}
		m.Link = domain.Link{When: domain.High, Label: "Request a callback", URL: "https://www.example.com/callback"}
		return m
	}
	calls, span := metric("calls", "Calls in queue"), metric("still", "Usually")
	span.Display = domain.Display{Kind: domain.Duration, Buckets: []float64{5 * minute, 10 * minute}}
	closed := widget("closed", calls)
	closed.Hours = &domain.Hours{Zone: time.UTC}
	noticed := widget("notice", leveled("still", 20, 30), calls)
	noticed.Notice = "Phones are down today. Please use our chat."
	arabic, err := locale.New("ar", nil)
	if err != nil {
		t.Fatal(err)
	}
	rtl := widget("arabic", metric("wait", "وقت الانتظار"), span)
	rtl.Title, rtl.Locale = "خدمة العملاء", arabic
	all := []domain.Widget{
		widget("running", leveled("wait", 20, 30), calls), widget("one", metric("wait", "Current wait time")), widget("moderate", leveled("still", 1, 30), calls, span),
		widget("high", leveled("still", 1, 2), calls), noticed, widget("stale", metric("old", "Current wait time"), calls),
		widget("missing", metric("none", "Next callback"), calls), closed, widget("initializing", metric("unknown", "Current wait time")),
		widget("unavailable", metric("older", "Current wait time")), rtl, widget("texts", metric("text", "Today's topic"), metric("yes", "Lines open"), calls),
	}
	s := newSite(t, all...)
	s.observe("wait", domain.Line(3*time.Minute+30*time.Second, 1, s.now()), 0)
	s.observe("still", domain.Line(7*time.Minute, 0, s.now()), 0)
	s.observe("old", domain.Line(4*time.Minute, 0, s.now()), 20*time.Minute)
	s.observe("older", domain.Line(4*time.Minute, 0, s.now()), 2*time.Hour)
	s.observe("calls", domain.CountOf(12), 0)
	s.observe("none", domain.Reading{}, 0)
	s.observe("text", domain.TextOf("Storm damage: www.example.com/what-to-do-after-a-storm"), 0)
	s.observe("yes", domain.BooleanOf(true), 0)
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return s, append(ids, "nosuch")
}
