package snippet

import (
	"fmt"

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

// reserved is the room that the element needs at most with texts of usual length, in CSS pixels, in a column that is 320 wide
// or wider. The element fills the room that is kept for it, so one line more than needed does no harm.
func (o Options) reserved() (width, height int) {
	rows, extras := max(o.Rows, 1), o.Extras
	if o.Metric != "" {
		rows, extras = 1, min(extras, 1)
	}
	switch o.Layout {
	case "line", "compact":
		return badge.Width, badge.StripHeight(rows) + 24*extras
	case "bare":
		return 64 * rows, 24
	default:
		return badge.Width, 128 + 48*rows + 28*extras
	}
}

// reservation is the style that keeps this room free until something with the same style takes its place.
func (o Options) reservation() string {
	width, height := o.reserved()
	switch o.Layout {
	case "line", "compact":
		return fmt.Sprintf("display:inline-block;min-width:%dpx;min-height:%dpx;vertical-align:top", width, height)
	case "bare": // text among text: a height would put it on another line than that of the value
		return fmt.Sprintf("display:inline-block;min-width:%dpx", width)
	default:
		return fmt.Sprintf("display:block;min-height:%dpx", height)
	}
}
