package admin

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"waitboard/api/operator"
)

// Sizes of the drawings, in CSS pixels.
const (
	sparkWidth  = 120
	sparkHeight = 24
)

// drawing wraps paths in an image with a description. The paths hold numbers only.
func drawing(class, description, paths string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="spark %s" viewBox="0 0 %d %d" width="%[2]d" height="%[3]d" role="img" aria-label="%s">%s</svg>`, //nolint:gosec // numbers and escaped text
		class, sparkWidth, sparkHeight, template.HTMLEscapeString(description), paths))
}

// Polls draws the polls of an hour: a bar up for each minute with polls, and a bar down for its failures.
func (d *dashboard) Polls(hour operator.Hour) template.HTML {
	most := 1
	for _, n := range hour.Polls {
		most = max(most, n)
	}
	const middle, up, down = 16, 15, 8 // from the middle line
	var good, bad strings.Builder
	for i, polls := range hour.Polls {
		x, failures := i*sparkWidth/len(hour.Polls), hour.Failures[i]
		if ok := polls - failures; ok > 0 {
			fmt.Fprintf(&good, "M%d %dv-%d", x+1, middle, max(ok*up/most, 2))
		}
		if failures > 0 {
			fmt.Fprintf(&bad, "M%d %dv%d", x+1, middle, max(failures*down/most, 3))
		}
	}
	return drawing("bars", "Last hour: "+d.PollText(hour), path("good", good.String())+path("bad", bad.String()))
}

func path(class, d string) string {
	if d == "" {
		return ""
	}
	return `<path class="` + class + `" d="` + d + `"/>`
}

// every is how many samples one point of a line stands for. The line shows the largest.
const every = 3

// noLine takes the place of a line, by whether the metric is a text.
var noLine = map[bool]template.HTML{true: `<span class="quiet" title="not for texts">–</span>`, false: `<span class="quiet" title="not yet">–</span>`}

// Line draws the values of three hours, from zero to the largest one.
func (*dashboard) Line(m *operator.Metric) template.HTML {
	points := make([]float64, 0, len(m.Trend)/every+1)
	low, high := math.Inf(1), 0.
	for i, value := range m.Trend {
		v := float64(value)
		if i%every == 0 {
			points = append(points, math.NaN())
		}
		if last := len(points) - 1; !math.IsNaN(v) && !(v <= points[last]) {
			points[last] = v
		}
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if math.IsInf(low, 1) {
		return noLine[m.Type == "text"]
	}
	var d strings.Builder
	pen := "M"
	for i, v := range points {
		if math.IsNaN(v) {
			pen = "M"
			continue
		}
		y := sparkHeight - 2
		if high > 0 {
			y -= int(math.Round(v / high * (sparkHeight - 4)))
		}
		x := i * sparkWidth / len(points)
		fmt.Fprintf(&d, "%s%d %d", pen, x, y)
		if pen == "M" {
			fmt.Fprintf(&d, "h1") // a single value is visible too
		}
		pen = "L"
	}
	text := "Last three hours: " + amount(m.Type, low) + " to " + amount(m.Type, high)
	return drawing("line", text, path("", d.String()))
}

// amount returns a sample in words.
func amount(kind string, v float64) string {
	if kind == "duration" {
		return operator.Clock(time.Duration(v * float64(time.Second)))
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.1f", v), "0"), ".")
}

// Ago returns a time element that says how long ago a time was.
func (d *dashboard) Ago(t *time.Time) template.HTML {
	if t == nil {
		return "never"
	}
	return element(*t, ago(*t, d.Now))
}

// At returns a time element that states a time in a zone.
func (d *dashboard) At(t *time.Time, zone *time.Location) template.HTML {
	return element(*t, at(*t, d.Now, zone))
}

// In returns how long it is until a time.
func (d *dashboard) In(t *time.Time) template.HTML {
	if !t.After(d.Now) {
		return element(*t, "now")
	}
	return element(*t, "in "+span(t.Sub(d.Now)))
}

// element returns a time with a text of this package.
func element(t time.Time, text string) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + text + `</time>`) //nolint:gosec // a number and words
}

// Clock says how far a clock is off.
func (*dashboard) Clock(ahead *float64) string {
	if ahead == nil {
		return "unknown"
	}
	return clockText(*ahead)
}

// Latency returns the time of a poll.
func (*dashboard) Latency(seconds float64) string {
	if seconds < 1 {
		return fmt.Sprintf("%.0f ms", seconds*1000)
	}
	return fmt.Sprintf("%.1f s", seconds)
}
