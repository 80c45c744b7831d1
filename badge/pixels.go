package badge

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the bitmap font
	"fmt"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"sync"
	"unicode"
)

// firstWide is the first character of the Chinese, Japanese and Korean scripts.
const firstWide = 0x2e80

// The Japanese font lacks some simplified Chinese characters, and no Go module has an outline font with all of them. A bitmap font has. A
// mixture of both looks like two scripts. So a card in Chinese, or with such a character, has all wide characters drawn from the bitmap
// font, in integer multiples of their size.
//
//go:embed pixels.gz
var packedPixels []byte // made by pixelgen, which describes it

// unpackedPixels returns the bitmap font, from firstWide on.
var unpackedPixels = sync.OnceValue(func() []byte {
	r, err := gzip.NewReader(bytes.NewReader(packedPixels))
	var all []byte
	if err == nil {
		all, err = io.ReadAll(r)
	}
	if err != nil {
		panic(fmt.Sprintf("badge: invalid bitmap font: %v", err)) // it is embedded
	}
	return all
})

const (
	pixelCell = 12 // the width of a wide character
	pixelRows = 16
	pixelBase = 12 // rows above the baseline
)

// lastPixels is the last character of the bitmap font.
const lastPixels = 0xffff

// pixels returns the rows of a wide character, two bytes each, or nil.
func pixels(r rune) []byte {
	if r < firstWide || r > lastPixels {
		return nil
	}
	rows := unpackedPixels()[int(r-firstWide)*2*pixelRows:][:2*pixelRows]
	if rows[1]&1 == 0 { // a narrow character; its outline looks better
		return nil
	}
	return rows
}

// needsPixels reports whether the wide characters of a card need the bitmap font.
func (t *typesetter) needsPixels(c *Card) bool {
	if strings.HasPrefix(c.Language, "zh") {
		return true
	}
	for _, text := range c.texts() {
		for _, r := range *text {
			if r >= firstWide && t.find(r) == t.wide && t.wide != nil {
				if _, ok := t.wide.NominalGlyph(r); !ok {
					return true
				}
			}
		}
	}
	return false
}

// drawPixels draws a wide character in the middle of the em that begins at x.
func (p *picture) drawPixels(r rune, x, y float64, s style) bool {
	rows := pixels(r)
	if rows == nil {
		return false
	}
	scale := max(1, math.Floor((s.size*Density+1)/pixelCell))
	left := math.Round(x*Density + (s.size*Density-pixelCell*scale)/2)
	base := math.Round(y*Density) - float64(p.band.Min.Y)
	for row := range pixelRows {
		for column := range pixelCell {
			if rows[2*row+column/8]&(0x80>>(column%8)) == 0 {
				continue
			}
			px, py := int(left+float64(column)*scale), int(base+float64(row-pixelBase)*scale)
			for i := range int(scale) * int(scale) {
				p.mask.SetAlpha(px+i%int(scale), py+i/int(scale), color.Alpha{A: 255})
			}
		}
	}
	return true
}

// texts returns all drawn texts of a card.
func (c *Card) texts() []*string {
	all := []*string{&c.Title, &c.Message, &c.Notice, &c.AsOf}
	for i := range c.Rows {
		r := &c.Rows[i]
		all = append(all, &r.Label, &r.Value, &r.LevelWord, &r.Typical, &r.Usual)
	}
	return all
}

// drawable returns a card whose characters all have a font. It drops symbols without one. If a letter or digit has none, it drops the whole
// text: a metric's ID replaces its label, and a value is not shown.
func (t *typesetter) drawable(c *Card) Card {
	out := *c
	out.Rows = append([]Row(nil), c.Rows...)
	for _, text := range out.texts() {
		known, ok := t.legible(*text)
		if *text = known; !ok {
			*text = ellipsis
		}
	}
	if out.Title == "" || out.Title == ellipsis {
		out.Title = c.ID
	}
	for i := range out.Rows {
		if r := &out.Rows[i]; r.Label == "" || r.Label == ellipsis {
			r.Label = r.ID
		}
	}
	if strings.HasSuffix(out.AsOf, ellipsis) {
		out.AsOf = out.Clock
	}
	return out
}

// legible returns a text without the symbols that have no font. It returns false if letters or digits have none.
func (t *typesetter) legible(text string) (known string, ok bool) {
	ok = true
	known = strings.Map(func(r rune) rune {
		switch {
		case t.find(r) != nil, unicode.Is(unicode.Cf, r):
			return r
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsNumber(r):
			ok = false
		}
		return -1
	}, text)
	return clean(known), ok
}

// encoderBuffers reuses the large buffers of the encoder.
type encoderBuffers struct{ sync.Pool }

func (b *encoderBuffers) Get() *png.EncoderBuffer {
	buffer, _ := b.Pool.Get().(*png.EncoderBuffer)
	return buffer
}

func (b *encoderBuffers) Put(buffer *png.EncoderBuffer) { b.Pool.Put(buffer) }

var buffers = new(encoderBuffers)
