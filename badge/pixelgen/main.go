// Command pixelgen makes badge/pixels.gz: the wide characters of a bitmap font. The font's own package has six variants of all characters, which
// are 2 MB more. Run it in the folder of package badge, after an update of the font: go run ./pixelgen
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"

	"github.com/hajimehoshi/bitmapfont/v3"
	"golang.org/x/image/math/fixed"
)

func main() {
	var made bytes.Buffer
	w, err := gzip.NewWriterLevel(&made, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(glyphs())
	}
	if err = errors.Join(err, w.Close()); err == nil {
		err = os.WriteFile("pixels.gz", made.Bytes(), 0o644) //nolint:gosec // it is public
	}
	if err != nil {
		panic(err)
	}
}

// glyphs returns the characters from U+2E80 to U+FFFF: 16 rows of two bytes each, with the leftmost pixel in the highest bit. The lowest bit of
// the first row marks a wide character; the others have no pixels.
func glyphs() (all []byte) {
	for r := rune(0x2e80); r <= 0xffff; r++ {
		bounds, mask, from, advance, ok := bitmapfont.FaceSC.Glyph(fixed.Point26_6{}, r)
		wide := ok && advance.Ceil() == 12
		for y := range 16 {
			row := 0
			for x := range 12 {
				if _, _, _, alpha := mask.At(from.X+x, from.Y+y).RGBA(); wide && bounds.Dx() == 12 && alpha > 0 {
					row |= 1 << (15 - x)
				}
			}
			if y == 0 && wide {
				row |= 1
			}
			all = append(all, byte(row>>8), byte(row))
		}
	}
	return all
}
