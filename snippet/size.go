package snippet

// Width is how wide an iframe is comfortably, in CSS pixels.
const Width = 400

// Height is how high an iframe has to be, in CSS pixels, at Width or a little less, with texts of usual length. Where it is
// too low, the page scrolls.
//
// It is for sites that give a frame a fixed box, as WordPress does; those that run a script of ours get the exact height.
func (o Options) Height() int {
	rows := max(o.Rows, 1)
	switch o.Layout {
	case "line":
		return 64 + 24*rows
	case "compact": // two side by side
		return 76 + 52*((rows+1)/2) + 20*o.Extras
	case "bare":
		return 40 + 44*rows + 24*o.Extras
	default:
		return 100 + 44*rows + 24*o.Extras
	}
}
