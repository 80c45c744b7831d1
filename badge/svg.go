package badge

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
)

// svgFonts lists fonts with the measured widths, then any sans-serif font.
const svgFonts = "Arial,'Liberation Sans',Helvetica,sans-serif"

// inkClasses maps inks to CSS classes.
const inkClasses = "abcdefghijk"

// SVG returns the image of a card. It has no script and no references. Viewers without style sheets show the light theme.
func SVG(c *Card, theme Theme) []byte {
	return drawSVG(headOf(c), theme, func(t *typesetter) *layout { return lay(t, c) })
}

// A head is what an SVG has before its shapes.
type head struct {
	language    string
	rtl         bool
	title, text string
	inks        ink // how many it uses
}

func headOf(c *Card) head { return head{c.Language, c.RTL, c.Title, c.Text, cardInks} }

func drawSVG(h head, theme Theme, lay func(*typesetter) *layout) []byte {
	t := typesetters.Get().(*typesetter)
	defer typesetters.Put(t)
	l := lay(t)
	s := &svg{rtl: l.rtl, theme: theme}
	direction := ""
	if l.rtl {
		direction = ` direction="rtl"`
	}
	fmt.Fprintf(s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="t d" lang="%[3]s" xml:lang="%[3]s"%[4]s font-family="%[5]s">`,
		Width, l.height, escaped(h.language), direction, svgFonts)
	fmt.Fprintf(s, `<title id="t">%s</title><desc id="d">%s</desc>`, escaped(h.title), escaped(h.text))
	if theme == Auto {
		_, _ = s.WriteString(`<style>@media(prefers-color-scheme:dark){`)
		for i, color := range palettes[Dark][:h.inks] {
			property := "fill"
			if ink(i) == inkEdge {
				property = "stroke" // for the border; lines are strokes too
			}
			fmt.Fprintf(s, ".%c{%s:%s}", inkClasses[i], property, color)
		}
		_, _ = s.WriteString(`}</style>`)
	}
	fmt.Fprintf(s, `<g><rect x=".5" y=".5" width="%d" height="%d" rx="%g"%s/>`, Width-1, l.height-1, corner-.5, s.paint(inkCard))
	fmt.Fprintf(s, `<rect x=".5" y=".5" width="%d" height="%d" rx="%g" fill="none"%s/></g>`, Width-1, l.height-1, corner-.5, s.paint(inkEdge))
	for i := range l.shapes {
		s.shape(&l.shapes[i])
	}
	_, _ = s.WriteString("</svg>\n")
	return s.Bytes()
}

type svg struct {
	bytes.Buffer
	rtl   bool
	theme Theme
}

// paint returns the attributes for the color of an ink: the color itself, and the class for the style sheet.
func (s *svg) paint(k ink) string {
	property := "fill"
	if k == inkEdge {
		property = "stroke"
	}
	if s.theme == Auto {
		return fmt.Sprintf(` class="%c" %s="%s"`, inkClasses[k], property, palettes[Light][k])
	}
	return fmt.Sprintf(` %s="%s"`, property, palettes[s.theme][k])
}

func (s *svg) shape(p *shape) {
	if p.text == "" {
		s.box(p)
		return
	}
	x := p.x
	if s.rtl {
		x = Width - x
	}
	fmt.Fprintf(s, `<text x="%s" y="%s" font-size="%s"%s`, number(x), number(p.y), number(p.style.size), s.paint(p.ink))
	if p.style.bold {
		_, _ = s.WriteString(` font-weight="700"`)
	}
	if p.style.rtl != s.rtl {
		_, _ = s.WriteString(map[bool]string{true: ` direction="rtl"`, false: ` direction="ltr"`}[p.style.rtl])
	}
	if atRight := p.atEnd != s.rtl; atRight != p.style.rtl { // an anchor depends on the direction of its text
		_, _ = s.WriteString(` text-anchor="end"`)
	}
	// This fits the text into its room if the reader has none of the fonts. Scripts that always use another font would only be distorted; they
	// have spare room.
	if p.exact {
		fmt.Fprintf(s, ` textLength="%s" lengthAdjust="spacingAndGlyphs"`, number(p.w))
	}
	fmt.Fprintf(s, `>%s</text>`, escaped(p.text))
}

func (s *svg) box(p *shape) {
	x := p.x
	if s.rtl {
		x = Width - x - p.w
	}
	if p.ink == inkEdge {
		fmt.Fprintf(s, `<path d="M%s %sh%s"%s/>`, number(x), number(p.y+.5), number(p.w), s.paint(p.ink))
		return
	}
	if p.peak {
		fmt.Fprintf(s, `<path d="M%s %sh%sl-%s-%sz"%s/>`, number(x), number(p.y+p.h), number(p.w), number(p.w/2), number(p.h), s.paint(p.ink))
		return
	}
	corner := min(p.w, p.h) / 2
	if p.corner > 0 {
		corner = min(corner, p.corner)
	}
	fmt.Fprintf(s, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s"%s/>`,
		number(x), number(p.y), number(p.w), number(p.h), number(corner), s.paint(p.ink))
}

// number formats with at most one decimal.
func number(n float64) string { return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64) }

func escaped(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a bytes.Buffer takes everything
	return out.String()
}
