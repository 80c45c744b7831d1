package domain

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"waitboard/internal/golden"
	"waitboard/locale"
)

// published is a public value, or the ends of its range. Durations are in milliseconds.
func published(m Shown) string {
	end := func(amount float64, there bool) string {
		if !there {
			return ""
		}
		return strconv.FormatFloat(amount, 'f', -1, 64)
	}
	switch {
	case m.Range != (Range{}):
		return end(m.Range.Min, m.Range.HasMin) + ".." + end(m.Range.Max, m.Range.HasMax)
	case m.Value.Kind == Duration || m.Value.Kind == Count:
		return end(m.Value.amount(), true)
	case m.Value.Kind == Boolean:
		return strconv.FormatBool(m.Value.Flag)
	case m.Value.Kind == Text:
		return strconv.Quote(m.Value.Text)
	}
	return "null"
}

// The texts of each policy for each kind of value, in each language, are in testdata/policies-TAG.golden.
func TestPoliciesInEveryLanguage(t *testing.T) {
	decimals := 1
	durations := []time.Duration{0, time.Second, 59 * time.Second, time.Minute, 61 * time.Second, 2 * time.Minute, 4 * time.Minute,
		5 * time.Minute, 29*time.Minute + 59*time.Second, 30 * time.Minute, 65 * time.Minute, 3 * time.Hour}
	counts := []float64{0, 1, 2, 3, 5, 7.25, 11, 19, 20, 22, 1000}
	policies := []struct {
		name    string
		display Display
	}{
		{"all of it", Display{}},
		{"hide_zero", Display{HideZero: true}},
		{"round: 1m", duration(Display{Round: minute})},
		{"round: {to: 5m, mode: down}", duration(Display{Round: 5 * minute, Rounding: Down})},
		{"round: {to: 5m, mode: nearest}, hide_zero", duration(Display{Round: 5 * minute, Rounding: Nearest, HideZero: true})},
		{"round: 30s", duration(Display{Round: 30_000})},
		{"round: 1m, below: 1m, above: 30m", duration(Display{Round: minute, Below: minute, Above: 30 * minute})},
		{"below: 90s", duration(Display{Below: 90_000})},
		{"above: 1h", duration(Display{Above: 60 * minute})},
		{"buckets: [2m, 5m, 10m, 30m, 90m]", duration(Display{Buckets: []float64{2 * minute, 5 * minute, 10 * minute, 30 * minute, 90 * minute}})},
		{"decimals: 1", Display{Decimals: &decimals}},
		{"round: 5", counting(Display{Round: 5})},
		{"below: 3, above: 20", counting(Display{Below: 3, Above: 20})},
		{"buckets: [1, 2, 5, 20]", counting(Display{Buckets: []float64{1, 2, 5, 20}})},
	}
	for _, tag := range locale.Supported() {
		t.Run(tag, func(t *testing.T) {
			language, err := locale.New(tag, nil)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			show := func(policy string, d Display, value string, r Reading) {
				w := widget(WidgetMetric{ID: "m", Display: d})
				w.Locale = language
				s, _ := w.At(inputs(observation(noon, map[string]Reading{"": r})), noon)
				m := s.Metrics[0]
				fmt.Fprintf(&out, "%-42s %8s  %-20s %s\n", policy, value, published(m), m.Text)
			}
			for _, p := range policies {
				if p.display.Kind != Count && p.display.Decimals == nil {
					for _, d := range durations {
						show(p.name, p.display, d.String(), Line(d, 0, noon))
					}
				}
				if p.display.Kind != Duration {
					for _, n := range counts {
						show(p.name, p.display, fmt.Sprint(n), CountOf(n))
					}
				}
			}
			show("a boolean", Display{}, "true", BooleanOf(true))
			show("a boolean", Display{}, "false", BooleanOf(false))
			show("a text", Display{}, "Open", TextOf("Open"))
			show("no value", Display{}, "none", Reading{})
			for day := range 9 {
				h := &Hours{Zone: time.UTC, Open: []OpenDay{{Date{2026, time.November, 23 + day%8}, []Span{{13 * 60, 14 * 60}}}}}
				if day == 8 {
					h.Open = nil
				}
				w := widget()
				w.Hours, w.Locale = h, language
				s, _ := w.At(inputs(), noon)
				fmt.Fprintf(&out, "closed, opens in %d days: %s\n", day, s.Message)
			}
			golden.Check(t, "policies-"+tag+".golden", out.String())
		})
	}
}
