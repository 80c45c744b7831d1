package app

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/handlers"
	"waitboard/locale"
)

// Conversion carries every key of a widget into the domain, in the domain's units.
func TestConvert(t *testing.T) {
	cfg, err := config.Parse("test.yaml", []byte(`
sources:
  hq: {url: "https://chronicall.example.com:9080/rest", key_env: KEY}
  slow: {url: "https://slow.example.com/rest", key_env: KEY, interval: 30s}
phrases: {de: {"yes": Jawohl}, en: {"yes": Yep}}
widgets:
  support:
    title: Customer support
    locale: de-AT
    stale_after: 45s
    hide_after: 5m
    notice: Calls may be recorded.
    hours:
      timezone: America/Denver
      weekly: {mon-tue: "08:00-12:00, 13:00-17:00", sat: "22:00-02:00"}
      closed: ["2026-12-25", "2026-12-30..2027-01-02"]
      open: {"2026-12-31": "09:00-12:00"}
    metrics:
      wait:
        source: slow
        metric: Current Wait Time
        category: Support
        combine: max
        label: Current wait time
        display: {round: {to: 30s, mode: nearest}, below: 1m, above: 30m, hold: {least: 20s, share: 0.1}}
        levels: {moderate: 5m, high: 15m}
        link: {when: high, label: Request a callback, url: "https://www.example.com/callback"}
      waiting: {source: hq, metric: K0FLAEB6, display: {buckets: [5, 10], hide_zero: true}, levels: {high: 20}}
      mean: {source: hq, metric: M, combine: mean, display: {decimals: 1}}
`), func(string) (string, bool) { return "k", true })
	if err != nil {
		t.Fatal(err)
	}
	one := 1
	german, err := locale.New("de-AT", map[string]locale.Message{"yes": {Text: "Jawohl"}})
	if err != nil {
		t.Fatal(err)
	}
	morning, afternoon := domain.Span{From: 8 * 60, To: 12 * 60}, domain.Span{From: 13 * 60, To: 17 * 60}
	hours := &domain.Hours{
		Weekly: [7][]domain.Span{time.Monday: {morning, afternoon}, time.Tuesday: {morning, afternoon}, time.Saturday: {{From: 22 * 60, To: 26 * 60}}},
		Closed: []domain.DateRange{
			{First: domain.Date{Year: 2026, Month: 12, Day: 25}, Last: domain.Date{Year: 2026, Month: 12, Day: 25}},
			{First: domain.Date{Year: 2026, Month: 12, Day: 30}, Last: domain.Date{Year: 2027, Month: 1, Day: 2}},
		},
		Open: []domain.OpenDay{{Date: domain.Date{Year: 2026, Month: 12, Day: 31}, Spans: []domain.Span{{From: 9 * 60, To: 12 * 60}}}},
	}
	want := []domain.Widget{{
		ID: "support", Title: "Customer support", Locale: german, StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: 10 * time.Second, Hours: hours, Notice: "Calls may be recorded.",
		Metrics: []domain.WidgetMetric{
			{
				ID: "wait", Label: "Current wait time", Ref: domain.Ref{Source: "slow", Metric: "Current Wait Time"}, Categories: []string{"Support"},
				Display: domain.Display{Kind: domain.Duration, Round: 30_000, Rounding: domain.Nearest, Below: 60_000, Above: 1_800_000, Hold: domain.Hold{Least: 20 * time.Second, Share: .1}},
				Levels:  domain.Levels{Kind: domain.Duration, Moderate: 300_000, High: 900_000},
				Link:    domain.Link{When: domain.High, Label: "Request a callback", URL: "https://www.example.com/callback"},
			},
			{
				ID: "waiting", Label: "waiting", Ref: domain.Ref{Source: "hq", Metric: "K0FLAEB6"},
				Display: domain.Display{Kind: domain.Count, Buckets: []float64{5, 10}, HideZero: true}, Levels: domain.Levels{Kind: domain.Count, High: 20},
			},
			{ID: "mean", Label: "mean", Ref: domain.Ref{Source: "hq", Metric: "M"}, Combine: domain.Mean, Display: domain.Display{Decimals: &one}},
		},
	}}
	got := widgets(cfg)
	if zone := got[0].Hours.Zone; zone.String() != "America/Denver" {
		t.Errorf("zone %v", zone)
	}
	got[0].Hours.Zone = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Event streams leave file descriptors for everything else.
func TestEventLimits(t *testing.T) {
	for _, test := range []struct{ max, files, want int }{
		{10_000, 0, 10_000}, {10_000, 1024, 768}, {10_000, 13_334, 10_000}, {768, 1024, 768}, {0, 1024, 0},
	} {
		got := eventLimits(config.Events{Max: test.max, MaxPerAddress: 3, MaxPerWidget: 5, SparePrivate: true}, test.files)
		if want := (handlers.EventLimits{Total: test.want, PerAddress: 3, PerWidget: 5, SparePrivate: true}); got != want {
			t.Errorf("%+v: %+v", test, got)
		}
	}
}

func TestWarnOfLanguages(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	warnOfLanguages(log, &config.Config{Widgets: []config.Widget{{ID: "a", Locale: "de_DE"}, {ID: "b", Locale: "zh-Hant"}, {ID: "c", Locale: "zh-CN"}}})
	if want := `level=WARN msg="language is not supported, showing another" widget=b locale=zh-Hant shown=zh-Hans` + "\n"; out.String() != want {
		t.Errorf("logged %s", &out)
	}
}
