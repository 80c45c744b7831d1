package config

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// validDisplay returns the Config of testdata/valid-display.yaml.
func validDisplay() *Config {
	c := minimal()
	c.Widgets[0].Metrics = []WidgetMetric{
		{ID: "wait", Metric: "1",
			Display: Display{Unit: UnitDuration, Round: 60, RoundMode: "up", Below: 60, Above: 1800, Decimals: -1},
			Levels:  Levels{UnitDuration, 300, 900},
			Link:    &Link{"high", "Request a callback", "https://www.example.com/callback?topic=support#form"}},
		{ID: "nearest", Metric: "2",
			Display: Display{Unit: UnitDuration, Round: 90, RoundMode: "nearest", HideZero: true, Decimals: -1, Hold: Hold{30 * time.Second, 0.25}},
			Link:    &Link{"low", "Call us", "tel:+1-555-123-4567;ext=2"}},
		{ID: "buckets", Metric: "3", Combine: "mean",
			Display: Display{Unit: UnitDuration, Buckets: []float64{1.5, 120, 5400}, Decimals: -1, Hold: Hold{0, 0.5}},
			Levels:  Levels{UnitDuration, 0, 1800},
			Link:    &Link{"low", "Schreiben Sie uns", "mailto:support@example.com?subject=Hilfe"}},
		{ID: "waiting", Metric: "4", Combine: "count",
			Display: Display{Unit: UnitCount, Round: 5, RoundMode: "up", Below: 2.5, Above: 20, Decimals: -1},
			Levels:  Levels{UnitCount, 10, 0},
			Link:    &Link{"moderate", "Rückruf", "https://www.example.com/r%C3%BCckruf"}},
		{ID: "mean", Metric: "5", Combine: "mean", Display: Display{}},
		{ID: "one", Metric: "6", Display: Display{Unit: UnitCount, Buckets: []float64{3}, Decimals: -1}},
		{ID: "other", Metric: "6", Display: Display{Unit: UnitCount, Buckets: []float64{3}, Decimals: -1}},
	}
	for i := range c.Widgets[0].Metrics {
		m := &c.Widgets[0].Metrics[i]
		m.Source, m.Label = "hq", m.ID
		if m.Combine == "" {
			m.Combine = "max"
		}
	}
	return c
}

func TestLinkURL(t *testing.T) {
	for text, want := range map[string]string{ // "" for rejected
		"https://www.example.com":                 "https://www.example.com",
		"HTTP://www.example.com:8080/a%2Fb?c=d&e": "http://www.example.com:8080/a%2Fb?c=d&e",
		"tel:112":                                  "tel:112",
		"tel:+41(0)44-555.12":                      "tel:+41(0)44-555.12",
		"Mailto:first.last+wait@example.com":       "mailto:first.last+wait@example.com",
		"javascript:alert(1)":                      "",
		"JavaScript:alert(1)":                      "",
		"javascript://www.example.com/%0aalert(1)": "",
		"\u0020https://www.example.com":            "",
		"https://www.example.com\u00a0":            "",
		"vbscript:x":                               "",
		"data:text/html,x":                         "",
		"blob:https://www.example.com/x":           "",
		"file:///etc/passwd":                       "",
		"https://www.example.com@evil.example":     "",
		"https://@www.example.com":                 "",
		`https://www.example.com\@evil.example`:    "",
		"https://www.example.com/\"onclick=x":      "",
		"https://www.example.com/?a=<b>":           "",
		"https://":                                 "",
		"http:www.example.com":                     "",
		"https:///www.example.com":                 "",
		"tel:":                                     "",
		"tel:+":                                    "",
		"tel:112?x":                                "",
		"tel:112#":                                 "",
		"mailto:":                                  "",
		"mailto:@example.com":                      "",
		"mailto://support@example.com":             "",
		"%zz":                                      "",
	} {
		c := checker{report: newReport("")}
		got := c.linkURL("url", text)
		if len(c.problems) > 0 {
			got = ""
		}
		if got != want {
			t.Errorf("%q becomes %q, want %q (%v)", text, got, want, c.problems)
		}
	}
}

func TestAmountString(t *testing.T) {
	for want, a := range map[string]Amount{
		"20": {20, UnitCount}, "2.5": {2.5, UnitCount}, "1000000000": {1e9, UnitCount},
		"30m": {1800, UnitDuration}, "1h30m": {5400, UnitDuration}, "1.001s": {1.001, UnitDuration}, "365d": longest,
	} {
		if got := a.String(); got != want {
			t.Errorf("%v is %s, want %s", a, got, want)
		}
	}
}

// checkDisplay checks a metric against the comments of Display, Levels and Link.
func checkDisplay(t *testing.T, m WidgetMetric) {
	d, l := m.Display, m.Levels
	amounts := append([]float64{d.Round, d.Below, d.Above, l.Moderate, l.High}, d.Buckets...)
	if slices.Min(amounts) < 0 || slices.Max(amounts) > 1e9 || d.Below > 0 && d.Above > 0 && d.Below >= d.Above || l.Moderate > 0 && l.High > 0 && l.Moderate >= l.High {
		t.Errorf("amounts of %+v", m)
	}
	if !slices.IsSorted(d.Buckets) || len(slices.Compact(slices.Clone(d.Buckets))) != len(d.Buckets) || len(d.Buckets) > 0 && (d.Buckets[0] <= 0 || slices.Max(amounts[:3]) > 0) {
		t.Errorf("buckets of %+v", m)
	}
	if d.Round > 0 != (d.RoundMode != "") || (d.Unit != "") != (slices.Max(amounts[:3]) > 0 || len(d.Buckets) > 0) || (l.Unit != "") != (l.Moderate > 0 || l.High > 0) ||
		d.Unit != "" && l.Unit != "" && d.Unit != l.Unit || d.Decimals < -1 || d.Decimals > 3 {
		t.Errorf("units of %+v", m)
	}
	if isDuration := d.Unit == UnitDuration || l.Unit == UnitDuration; isDuration && (m.Combine == "count" || d.Decimals >= 0) {
		t.Errorf("durations of %+v", m)
	}
	if h := d.Hold; h.Least < 0 || h.Least > 10*time.Minute || h.Share < 0 || h.Share > 0.5 || h != (Hold{}) && d.Round == 0 && d.Buckets == nil {
		t.Errorf("hold of %+v", m)
	}
	for _, v := range amounts {
		if d.Unit == UnitDuration && time.Duration(v*1e9+0.5).Round(time.Millisecond).Seconds() != v {
			t.Errorf("%v is not of whole milliseconds", v)
		}
	}
	if m.Link == nil {
		return
	}
	scheme, _, _ := strings.Cut(m.Link.URL, ":")
	reached := map[string]bool{"low": true, "moderate": l.Moderate > 0, "high": l.High > 0}
	if !slices.Contains([]string{"http", "https", "tel", "mailto"}, scheme) || m.Link.Label == "" || !reached[m.Link.When] || strings.ContainsAny(m.Link.URL, " \"<>\\\n") {
		t.Errorf("link of %+v: %+v", m, m.Link)
	}
}
