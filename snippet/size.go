package snippet

// Width is how wide an iframe is comfortably, in CSS pixels.
const Width = 400

// Height is how high an iframe has to be, in CSS pixels, for a widget that shows so many rows (its metrics, and those links
// that it may offer) at Width or a little less, with texts of usual length. Where it is too low, the page scrolls.
//
// It is for sites that give a frame a fixed box, as WordPress does; those that run our script get the exact height.
func Height(layout string, rows int) int {
	rows = max(rows, 1)
	switch layout {
	case "line":
		return 26 + 26*((rows+1)/2)
	case "compact":
		return 64 + 52*((rows+1)/2)
	case "bare":
		return 8 + 52*rows
	default:
		return 130 + 56*rows
	}
}
