package badge

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/vector"
)

// Density is the number of PNG pixels for one layout pixel. An e-mail shows the image at half its size, sharp on every screen.
const Density = 2

// steps is the number of shades from the card to an ink, including both. It is enough for smooth letters, and fits a palette.
const steps = 25

// PNG returns the image of a card, Density times as wide and high as the SVG. A PNG can't follow the reader's theme, so Auto is Light.
func PNG(c *Card, theme Theme) []byte {
	if theme == Auto {
		theme = Light
	}
	t := typesetters.Get().(*typesetter)
	defer typesetters.Put(t)
	drawn := t.drawable(c)
	l := lay(t, &drawn)
	p := &picture{
		typesetter: t, rtl: c.RTL, pixels: t.needsPixels(&drawn),
		image: image.NewPaletted(image.Rect(0, 0, Width*Density, l.height*Density), shades(theme)),
	}
	p.card(float64(l.height))
	for i := range l.shapes {
		p.shape(&l.shapes[i])
	}
	return p.encode()
}

// A picture has a palette. It has a quarter of the size of a full-color image and compresses faster.
type picture struct {
	*typesetter
	vector.Rasterizer
	image  *image.Paletted
	band   image.Rectangle // the rows being drawn
	mask   *image.Alpha    // the drawing on these rows
	rtl    bool
	pixels bool // wide characters use the bitmap font
}

// shades returns the palette: transparent, the border fading to transparent, and each ink fading to the card.
func shades(theme Theme) color.Palette {
	card, edge := rgba(palettes[theme][inkCard]), rgba(palettes[theme][inkEdge])
	all := make(color.Palette, 0, int(cardInks)*steps)
	for step := range steps {
		all = append(all, color.NRGBA{edge.R, edge.G, edge.B, uint8(255 * step / (steps - 1))})
	}
	for k := inkEdge; k < cardInks; k++ {
		full := rgba(palettes[theme][k])
		for step := range steps {
			between := func(from, to uint8) uint8 {
				return uint8((int(from)*(steps-1-step) + int(to)*step) / (steps - 1))
			}
			all = append(all, color.NRGBA{between(card.R, full.R), between(card.G, full.G), between(card.B, full.B), 255})
		}
	}
	return all
}

// shade returns the palette index of an ink; step goes from 0, the card, to steps-1.
func shade(k ink, step int) uint8 { return uint8(int(k)*steps + step) }

// begin selects the rows between two heights of the layout.
func (p *picture) begin(top, bottom float64) {
	p.band = image.Rect(0, int(math.Floor(top*Density)), Width*Density, int(math.Ceil(bottom*Density))).Intersect(p.image.Rect)
	p.mask = image.NewAlpha(image.Rect(0, 0, p.band.Dx(), p.band.Dy()))
	p.Reset(p.band.Dx(), p.band.Dy())
}

// fill paints what was drawn since begin.
func (p *picture) fill(shade func(step int) uint8) {
	p.Draw(p.mask, p.mask.Rect, image.Opaque, image.Point{})
	rows := p.image.Pix[p.band.Min.Y*p.image.Stride:]
	for i, alpha := range p.mask.Pix {
		if alpha == 0 {
			continue
		}
		if step := (int(alpha)*(steps-1) + 127) / 255; step > 0 {
			rows[i] = shade(step)
		}
	}
}

// card draws the background and the border, which is one layout pixel wide. Between the round corners all rows are equal.
func (p *picture) card(height float64) {
	for _, top := range []float64{0, height - corner} {
		p.begin(top, top+corner)
		p.round(0, 0, Width, height, corner)
		p.fill(func(step int) uint8 { return uint8(step) })
		p.begin(top, top+corner)
		p.round(1, 1, Width-2, height-2, corner-1)
		p.fill(func(step int) uint8 { return shade(inkEdge, steps-1-step) })
	}
	row := func(y int) []uint8 { return p.image.Pix[y*p.image.Stride:][:p.image.Stride] }
	for y := corner * Density; y < (int(height)-corner)*Density; y++ {
		copy(row(y), row(corner*Density-1))
	}
}

func (p *picture) shape(s *shape) {
	if s.text == "" {
		p.begin(s.y, s.y+s.h)
		x := s.x
		if p.rtl {
			x = Width - x - s.w
		}
		p.round(x, s.y, s.w, s.h, min(s.w, s.h)/2)
	} else {
		p.begin(s.y-1.3*s.style.size, s.y+.7*s.style.size) // letters stay within these rows
		p.text(s)
	}
	p.fill(func(step int) uint8 { return shade(s.ink, step) })
}

func (p *picture) text(s *shape) {
	x := s.x
	if p.rtl {
		x = Width - x
	}
	if s.atEnd != p.rtl { // x is the right end
		x -= s.w
	}
	glyphs := p.set(s.text, s.style).glyphs
	for i := range glyphs {
		g := &glyphs[i]
		if p.pixels && g.wide != 0 && p.drawPixels(g.wide, x+g.x, s.y+g.y, s.style) {
			continue
		}
		p.glyph(g, x+g.x, s.y+g.y, s.style.size)
	}
}

// round adds a box with round corners.
func (p *picture) round(x, y, w, h, radius float64) {
	const arc = 0.5522847 // of the radius: control points of a quarter circle
	point := func(x, y float64) (float32, float32) {
		return float32(x * Density), float32(y*Density) - float32(p.band.Min.Y)
	}
	curve := func(fromX, fromY, cornerX, cornerY, toX, toY float64) {
		x1, y1 := point(fromX+(cornerX-fromX)*arc, fromY+(cornerY-fromY)*arc)
		x2, y2 := point(toX+(cornerX-toX)*arc, toY+(cornerY-toY)*arc)
		x3, y3 := point(toX, toY)
		p.CubeTo(x1, y1, x2, y2, x3, y3)
	}
	p.MoveTo(point(x+radius, y))
	p.LineTo(point(x+w-radius, y))
	curve(x+w-radius, y, x+w, y, x+w, y+radius)
	p.LineTo(point(x+w, y+h-radius))
	curve(x+w, y+h-radius, x+w, y+h, x+w-radius, y+h)
	p.LineTo(point(x+radius, y+h))
	curve(x+radius, y+h, x, y+h, x, y+h-radius)
	p.LineTo(point(x, y+radius))
	curve(x, y+radius, x, y, x+radius, y)
	p.ClosePath()
}

// glyph adds the outline of a letter.
func (p *picture) glyph(g *glyph, x, y, size float64) {
	outline, ok := g.face.GlyphDataOutline(g.id)
	if !ok {
		return // a space
	}
	scale := float32(size / float64(g.face.Upem()) * Density)
	at := func(q opentype.SegmentPoint) (float32, float32) {
		return float32(x*Density) + q.X*scale, float32(y*Density) - float32(p.band.Min.Y) - q.Y*scale
	}
	for _, s := range outline.Segments {
		x1, y1 := at(s.Args[0])
		x2, y2 := at(s.Args[1])
		x3, y3 := at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			p.ClosePath()
			p.MoveTo(x1, y1)
		case opentype.SegmentOpLineTo:
			p.LineTo(x1, y1)
		case opentype.SegmentOpQuadTo:
			p.QuadTo(x1, y1, x2, y2)
		case opentype.SegmentOpCubeTo:
			p.CubeTo(x1, y1, x2, y2, x3, y3)
		}
	}
	p.ClosePath()
}

// encode returns the file with its density (RFC 2083, section 4.2.4.2), so that viewers show it as large as the SVG.
func (p *picture) encode() []byte {
	const (
		headSize       = 8 + 25 // the signature and the first chunk
		pixelsPerMeter = 96 * Density * 10000 / 254
	)
	var file bytes.Buffer
	_ = (&png.Encoder{BufferPool: buffers}).Encode(&file, p.image) // a bytes.Buffer returns no errors
	chunk := []byte("pHYs")
	chunk = binary.BigEndian.AppendUint32(chunk, uint32(pixelsPerMeter))
	chunk = binary.BigEndian.AppendUint32(chunk, uint32(pixelsPerMeter))
	chunk = append(chunk, 1) // the unit is the meter
	raw := file.Bytes()
	out := append(make([]byte, 0, len(raw)+21), raw[:headSize]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, raw[headSize:]...)
}
