package badge

import "image/color"

// A Theme is a choice of colours.
type Theme int

// The themes. Auto is the reader's own choice where an image can know it, in SVG; elsewhere it is Light.
const (
	Auto Theme = iota
	Light
	Dark
	Themes // how many there are
)

// ThemeOf is the theme of a name. Other names than "light" and "dark" are Auto: a wrong word must not put an error in
// place of an image.
func ThemeOf(name string) Theme {
	switch name {
	case "light":
		return Light
	case "dark":
		return Dark
	}
	return Auto
}

// An ink is what something is painted with, by its part on the card.
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
	inks
)

// palettes are the inks of Light and Dark, as like to the element's (web/src/style.css) as can be. All texts have a contrast of 4.5 to the card at least (WCAG AA).
var palettes = [Themes][inks]string{
	Light: {"#ffffff", "#d0d0d0", "#222222", "#595959", "#6b6b6b", "#17784a", "#8f5f00", "#c0342b", "#222222"},
	Dark:  {"#222222", "#4a4a4a", "#eeeeee", "#bcbcbc", "#a3a3a3", "#57cf8d", "#e6b450", "#ff8f85", "#eeeeee"},
}

// rgba reads "#rrggbb".
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
