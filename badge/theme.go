package badge

import "image/color"

// A Theme is a color scheme.
type Theme int

// The themes. Auto follows the reader's preference in an SVG, and is Light in a PNG.
const (
	Auto Theme = iota
	Light
	Dark
	Themes // number of themes
)

// ThemeOf returns the theme of a name, or Auto for an unknown name: an image is better than an error.
func ThemeOf(name string) Theme {
	switch name {
	case "light":
		return Light
	case "dark":
		return Dark
	}
	return Auto
}

// An ink is a color by its role on the card.
type ink int

const (
	inkCard ink = iota
	inkEdge
	inkTitle // title and values
	inkLabel
	inkFaint
	inkLow
	inkModerate
	inkHigh
	inkNotice
	inkBar // a typical hour
	inkNow // the present hour
	inks

	cardInks = inkBar // how many a card has
)

// palettes has the colors of Light and Dark, close to the element's colors (web/src/style.css). Texts have a contrast of at least 4.5, bars of 3 (WCAG AA).
var palettes = [Themes][inks]string{
	Light: {"#ffffff", "#d0d0d0", "#222222", "#595959", "#6b6b6b", "#17784a", "#8f5f00", "#c0342b", "#222222", "#7890a8", "#1a5ca8"},
	Dark:  {"#222222", "#4a4a4a", "#eeeeee", "#bcbcbc", "#a3a3a3", "#57cf8d", "#e6b450", "#ff8f85", "#eeeeee", "#71879d", "#8fc1ff"},
}

// rgba parses "#rrggbb".
func rgba(hex string) color.RGBA {
	digit := func(i int) uint8 {
		if c := hex[i]; c >= 'a' {
			return c - 'a' + 10
		}
		return hex[i] - '0'
	}
	pair := func(i int) uint8 { return digit(i)<<4 | digit(i+1) }
	return color.RGBA{pair(1), pair(3), pair(5), 0xff}
}
