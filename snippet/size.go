package snippet

import (
	"fmt"
	"unicode/utf8"

	"waitboard/badge"
)

// Width is how wide an iframe is comfortably, in CSS pixels.
const Width = 400

// Height is how high an iframe has to be, in CSS pixels, at Width or a little less, with texts of usual length. Where it is
// too low, the page scrolls.
//
// It is for sites that give a frame a fixed box, as WordPress does; those that run a script of ours get the exact height.
func (o Options) Height() int {
	o.Metric = "" // a frame shows all
	_, height := o.reserved()
	return height
}

// imageHeight is that of the image, in CSS pixels; badge.Width is its width.
func (o Options) imageHeight() int {
	if o.strip() {
		return badge.StripHeight(max(o.Rows, 1))
	}
	return badge.Height(max(o.Rows, 1))
}

// noticeLine is how many letters of a notice stand in a line, or fewer.
const noticeLine = 30

// narrow is a width that every page has, in CSS pixels: that of the smallest screens (WCAG 2.2, 1.4.10), without its margins.
const narrow = 288

// reserved is the room that the element needs at most with texts of usual length, in CSS pixels, in a column of 350 or more;
// it may be wider than what is reserved. The element fills the room that is kept for it, so one line more than needed does no harm.
func (o Options) reserved() (width, height int) {
	rows, extras := max(o.Rows, 1), o.Extras
	if o.Metric != "" {
		rows, extras = 1, min(extras, 1)
	}
	lines := (utf8.RuneCountInString(o.Notice) + noticeLine - 1) / noticeLine
	switch o.Layout {
	case "line", "compact":
		return narrow, badge.StripHeight(rows) + 28*extras + 24*lines
	case "bare":
		return 64 * rows, 24
	default:
		return narrow, 128 + 48*rows + 28*extras + 24*lines
	}
}

// reservation is the style that keeps this room free until something with the same style takes its place; none for a value among
// text, which would stand in a gap.
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
