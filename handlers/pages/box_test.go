package pages

import (
	"strings"
	"testing"
	"time"

	"waitboard/locale"
	"waitboard/templates"
)

// Clock and zone are elements, which the script replaces, only where the zone follows the clock.
func TestAgeInCompanyPhrases(t *testing.T) {
	const clock, zone = `<time datetime="2026-11-23T12:00:00Z">12:00 PM</time>`, `<span class="zone"> UTC</span>`
	for phrase, want := range map[string]string{
		"As of {time} {zone}":          "As of " + clock + zone,
		"Read at {time}, {zone} (now)": "Read at " + clock + "," + zone + " (now)",
		"{time} {zone}":                clock + zone,
		"{zone} {time}":                "UTC 12:00 PM",
		"{time} ({zone})":              "12:00 PM (UTC)",
	} {
		l, err := locale.New("en", map[string]locale.Message{"as_of": {Text: phrase}})
		if err != nil {
			t.Fatal(err)
		}
		var box widgetBox
		box.age(l, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
		var out strings.Builder
		if err := templates.Embed().Execute(&out, widgetPage{widgetBox: box}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `<span class="updated">`+want+`</span></p>`) {
			t.Errorf("%q: no %s in\n%s", phrase, want, out.String())
		}
	}
}
