package badge

import (
	"bytes"
	"fmt"
	"sync"
	"unicode"

	arabicbold "eliasnaur.com/font/noto/sans/arabic/bold"
	arabic "eliasnaur.com/font/noto/sans/arabic/regular"
	japanese "eliasnaur.com/font/noto/sans/jp/regular"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

// Liberation Sans has the widths of Arial and Helvetica. Nearly every machine has one of them, so measured widths hold for an SVG too. The
// font has Latin, Greek, Cyrillic and Hebrew letters. The Japanese font is large, and parsed when the first character needs it.
var (
	latinFonts  = [2]func() *font.Font{parsed(liberationsansregular.TTF), parsed(liberationsansbold.TTF)}
	arabicFonts = [2]func() *font.Font{parsed(arabic.TTF), parsed(arabicbold.TTF)}
	wideFont    = parsed(japanese.TTF)
)

func parsed(raw []byte) func() *font.Font {
	return sync.OnceValue(func() *font.Font {
		face, err := font.ParseTTF(bytes.NewReader(raw))
		if err != nil {
			panic(fmt.Sprintf("badge: invalid font: %v", err)) // it is embedded
		}
		return face.Font
	})
}

// A style is the typographic style of a text.
type style struct {
	size float64 // of an em, in pixels of the layout
	bold bool
	rtl  bool // right to left
}

// A typesetter shapes texts. It is not safe for concurrent use.
type typesetter struct {
	shaper    shaping.HarfbuzzShaper
	segmenter shaping.Segmenter
	faces     [2][]*font.Face // by weight, in order of preference
	wide      *font.Face      // nil until needed
	bold      int             // current weight: index into faces
}

var typesetters = sync.Pool{New: func() any {
	t := new(typesetter)
	for weight := range t.faces {
		t.faces[weight] = []*font.Face{font.NewFace(latinFonts[weight]()), font.NewFace(arabicFonts[weight]())}
	}
	return t
}}

// find returns the face that has a character, or nil.
func (t *typesetter) find(r rune) *font.Face {
	for _, face := range t.faces[t.bold] {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	if r < firstWide {
		return nil
	}
	if t.wide == nil {
		t.wide = font.NewFace(wideFont())
	}
	if _, ok := t.wide.NominalGlyph(r); ok || r <= lastPixels { // characters of the bitmap font have the same width
		return t.wide
	}
	return nil
}

// ResolveFace implements [shaping.Fontmap].
func (t *typesetter) ResolveFace(r rune) *font.Face {
	if face := t.find(r); face != nil {
		return face
	}
	return t.faces[t.bold][0]
}

// A glyph is one glyph of a line, in order from left to right.
type glyph struct {
	face *font.Face
	id   font.GID
	x, y float64 // from the left end of the line's baseline, y downwards
	wide rune    // the character if the face is wide, otherwise 0
}

const (
	fontUnit = 1000 // texts are shaped at this size and scaled, so that widths are proportional to the size
	// unknownWidth is the assumed width of a character without a font, in ems.
	unknownWidth = 1.3
	// arabicSpare is how much wider the Arabic letters of a reader's font may be; the fonts differ.
	arabicSpare = 1.15
)

// A line is a shaped text.
type line struct {
	glyphs []glyph
	width  float64 // in pixels
	room   float64 // width that a reader's font may need, at least width
	exact  bool    // a reader's font has the same width
}

// set shapes a text into a line.
func (t *typesetter) set(text string, s style) line {
	runes := []rune(text)
	if len(runes) == 0 { // the shaper needs a character
		return line{exact: true}
	}
	if t.bold = 0; s.bold {
		t.bold = 1
	}
	input := shaping.Input{Text: runes, RunEnd: len(runes), Size: fixed.I(fontUnit), Language: language.NewLanguage("en"), Direction: di.DirectionLTR}
	if s.rtl {
		input.Direction = di.DirectionRTL
	}
	var runs []shaping.Output
	for _, run := range t.segmenter.Split(input, t) {
		runs = append(runs, t.shaper.Shape(run))
	}
	l, scale := line{exact: true}, s.size/fontUnit/64
	for _, run := range visual(runs, runes, s.rtl) {
		l.exact = l.exact && run.Face == t.faces[t.bold][0]
		for _, g := range run.Glyphs {
			shown := glyph{face: run.Face, id: g.GlyphID, x: l.width + float64(g.XOffset)*scale, y: -float64(g.YOffset) * scale}
			advance, spare := float64(g.Advance)*scale, 1.
			switch {
			case run.Face == t.wide:
				shown.wide = runes[g.TextIndex()]
			case run.Face == t.faces[t.bold][1]:
				spare = arabicSpare
			case g.GlyphID == 0:
				advance, l.exact = unknownWidth*s.size, false
			}
			l.glyphs, l.width, l.room = append(l.glyphs, shown), l.width+advance, l.room+advance*spare
		}
	}
	return l
}

// direction reports whether a text runs right to left: like its first letter, or like the card if it has no letters.
func direction(text string, rtl bool) bool {
	for _, r := range text {
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return rtl
}

// visual orders runs from left to right, by rule L2 of Unicode's UAX #9. A run's direction gives its level. Numbers behind right-to-left
// letters stay among those.
func visual(runs []shaping.Output, text []rune, rtl bool) []shaping.Output {
	levels, behindRTL, deepest := make([]int, len(runs)), rtl, 0
	for i, run := range runs {
		right := run.Direction == di.DirectionRTL
		letters := right
		for _, r := range text[run.Runes.Offset : run.Runes.Offset+run.Runes.Count] {
			letters = letters || unicode.IsLetter(r)
		}
		switch {
		case right:
			levels[i] = 1
		case rtl, behindRTL && !letters:
			levels[i] = 2
		}
		if letters {
			behindRTL = right
		}
		deepest = max(deepest, levels[i])
	}
	for level := deepest; level > 0; level-- {
		for from := 0; from < len(runs); from++ {
			to := from
			for to < len(runs) && levels[to] >= level {
				to++
			}
			for a, b := from, to-1; a < b; a, b = a+1, b-1 {
				runs[a], runs[b] = runs[b], runs[a]
				levels[a], levels[b] = levels[b], levels[a]
			}
			from = max(from, to-1)
		}
	}
	return runs
}
