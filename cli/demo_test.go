package cli

import (
	"testing"
	"time"
)

// The demo shows a company's widgets in three languages: one with a notice, one with a link, and one that is closed today.
func TestDemoCompany(t *testing.T) {
	cfg, err := (&demoCommand{}).config("key", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	languages := map[string]bool{}
	var notices, links, closed int
	for _, w := range cfg.Widgets {
		languages[w.Locale] = true
		if w.Notice != "" {
			notices++
		}
		if w.Hours != nil {
			closed++
		}
		for _, m := range w.Metrics {
			if m.Link != nil {
				links++
				break
			}
		}
	}
	if len(languages) != 3 || notices != 1 || links != 2 || closed != 1 {
		t.Errorf("%d languages, %d notices, %d links, %d with hours", len(languages), notices, links, closed)
	}
}

func TestCloseToday(t *testing.T) {
	for day := range 7 {
		now := time.Date(2026, 11, 22+day, 20, 0, 0, 0, time.UTC) // the same day in Denver
		cfg, err := (&demoCommand{}).config("key", now)
		if err != nil {
			t.Fatal(err)
		}
		for weekday, spans := range cfg.Widgets[len(cfg.Widgets)-1].Hours.Weekly {
			if closed := spans == nil; closed != (time.Weekday(weekday) == now.Weekday()) {
				t.Errorf("on %s: closed %v on %s", now.Weekday(), closed, time.Weekday(weekday))
			}
		}
	}
}

// The fixtures have the widgets that tests know.
func TestDemoFixtures(t *testing.T) {
	cfg, err := (&demoCommand{Fixtures: true}).config("key", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, w := range cfg.Widgets {
		ids[w.ID] = true
	}
	for _, id := range []string{"support", "all-queues", "careful", "arabic", "partner", "night"} {
		if !ids[id] {
			t.Errorf("no widget %s", id)
		}
	}
}
