package snippet

import (
	"fmt"
	"unicode/utf8"

	"waitboard/badge"
)

// Width is a comfortable width of an iframe, in CSS pixels.
const Width = 400

// Height returns the height that an iframe needs, in CSS pixels, at Width or a little less, with texts of usual length. A lower iframe
// scrolls. It is for sites that fix the size of frames, as WordPress does; those that run the script get the exact height.
func (o Options) Height() int {
	o.Metric = "" // a frame shows all metrics
	chart := o.Chart
	o.Chart = ""
	_, height := o.reserved()
	return height + pageCharts[chart]
}

// imageHeight returns the height of the image, in CSS pixels. Its width is badge.Width.
func (o Options) imageHeight() int {
	if o.strip() {
		return badge.StripHeight(max(o.Rows, 1))
	}
	return badge.Height(max(o.Rows, 1))
}

// noticeLine is how many letters of a notice fit into a line, at least.
const noticeLine = 30

// narrow is a width that fits every page, in CSS pixels: the width of the smallest screens (WCAG 2.2, 1.4.10) without margins.
const narrow = 288

// The heights of charts, in CSS pixels: of the element's (web/src/style.css), and of those of pages (web/src/pagechart.css).
var elementCharts, pageCharts = map[string]int{"day": 208, "week": 304}, map[string]int{"day": 252, "week": 332}

// reserved returns the space that the element needs at most, in CSS pixels, with texts of usual length in a column of at least 350. The
// element may be wider. It fills the reserved space, so an extra line does no harm.
func (o Options) reserved() (width, height int) {
	rows, extras := max(o.Rows, 1), o.Extras
	if o.Metric != "" {
		rows, extras = 1, min(extras, 3)
	}
	lines := (utf8.RuneCountInString(o.Notice) + noticeLine - 1) / noticeLine
	switch o.Layout {
	case "line", "compact":
		return narrow, badge.StripHeight(rows) + 28*extras + 24*lines
	case "bare":
		return 64 * rows, 24
	default:
		return narrow, 128 + 48*rows + 28*extras + 24*lines + elementCharts[o.ElementChart()]
	}
}

// reservation returns the style that reserves this space until the element replaces it. A value among text has none, since it would
// leave a gap.
func (o Options) reservation() string {
	width, height := o.reserved()
	switch o.Layout {
	case "line", "compact":
		return fmt.Sprintf("display:inline-block;min-width:%dpx;min-height:%dpx;vertical-align:top", width, height)
	case "bare":
		return ""
	default:
		return fmt.Sprintf("display:block;min-height:%dpx", height)
	}
}
