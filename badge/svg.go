package badge

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
)

// svgFonts are what a reader's machine is asked for: the fonts with the widths that were measured, and then any.
const svgFonts = "Arial,'Liberation Sans',Helvetica,sans-serif"

// inkClasses are the classes of the inks in a style sheet.
const inkClasses = "abcdefghi"

// SVG is the image of a card. It has no script and refers to nothing, and stands alone. A reader whose program knows no
// style sheets sees it light.
func SVG(c *Card, theme Theme) []byte { return drawSVG(c, theme, lay) }

func drawSVG(c *Card, theme Theme, lay func(*typesetter, *Card) *layout) []byte {
	t := typesetters.Get().(*typesetter)
	defer typesetters.Put(t)
	l := lay(t, c)
	s := &svg{rtl: l.rtl, theme: theme}
	direction := ""
	if l.rtl {
		direction = ` direction="rtl"`
	}
	fmt.Fprintf(s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="t d" lang="%[3]s" xml:lang="%[3]s"%[4]s font-family="%[5]s">`,
		Width, l.height, escaped(c.Language), direction, svgFonts)
	fmt.Fprintf(s, `<title id="t">%s</title><desc id="d">%s</desc>`, escaped(c.Title), escaped(c.Text))
	if theme == Auto {
		_, _ = s.WriteString(`<style>@media(prefers-color-scheme:dark){`)
		for i, color := range palettes[Dark] {
			property := "fill"
			if ink(i) == inkEdge {
				property = "stroke" // the border's; lines are strokes too
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

// paint is the attribute that gives something its colour, and a class by which the style sheet can give it another.
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
	if atRight := p.atEnd != s.rtl; atRight != p.style.rtl { // an anchor goes by the direction of its text
		_, _ = s.WriteString(` text-anchor="end"`)
	}
	// Where a reader has none of the fonts, this keeps what he has to the room there is. Letters that he certainly has in
	// others than ours would only be distorted by it; those have room to spare.
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
	fmt.Fprintf(s, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s"%s/>`,
		number(x), number(p.y), number(p.w), number(p.h), number(min(p.w, p.h)/2), s.paint(p.ink))
}

// number has a digit after the point where there is need of one.
func number(n float64) string { return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64) }

func escaped(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a bytes.Buffer takes everything
	return out.String()
}
