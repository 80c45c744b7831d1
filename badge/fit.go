package badge

import (
	"sort"
	"strings"

	"github.com/go-text/typesetting/segmenter"
)

const ellipsis = "…"

// width returns the room that a text needs.
func (t *typesetter) width(text string, s style) float64 { return t.set(text, s).room }

// cut returns the text, or as many of its characters as fit into a width with an ellipsis. It returns "" if nothing fits.
func (t *typesetter) cut(text string, s style, room float64) string {
	if t.width(text, s) <= room {
		return text
	}
	ends := graphemes(text)
	fitting := sort.Search(len(ends), func(i int) bool { return t.width(shortened(text, ends[i]), s) > room })
	// Ligatures can make a longer text narrower, so check the width of the result.
	for ; fitting > 0; fitting-- {
		if short := shortened(text, ends[fitting-1]); t.width(short, s) <= room {
			return short
		}
	}
	return ""
}

func shortened(text string, end int) string { return strings.TrimRight(text[:end], " ") + ellipsis }

// graphemes returns the positions at which a text can be cut, in bytes: the ends of its grapheme clusters.
func graphemes(text string) (ends []int) {
	var s segmenter.Segmenter
	_ = s.InitWithString(text) // it never fails for valid UTF-8
	end := 0
	for all := s.GraphemeIterator(); all.Next(); {
		end += len(string(all.Grapheme().Text))
		ends = append(ends, end)
	}
	return ends
}

// wrap breaks a text into at most that many lines, by Unicode's UAX #14. It cuts the last line, and returns false, if the text is longer.
func (t *typesetter) wrap(text string, s style, room float64, most int) (lines []string, whole bool) {
	if text == "" || most <= 0 {
		return nil, text == ""
	}
	var pieces segmenter.Segmenter
	_ = pieces.InitWithString(text)
	line, used, whole := "", 0, true
	for all := pieces.LineIterator(); all.Next(); {
		piece := string(all.Line().Text)
		if line != "" && t.width(strings.TrimRight(line+piece, " "), s) > room {
			if len(lines) == most-1 {
				line, whole = text[used:], false
				break
			}
			lines, used, line = append(lines, strings.TrimRight(line, " ")), used+len(line), ""
		}
		line += piece
	}
	lines = append(lines, strings.TrimRight(line, " "))
	for i, line := range lines { // a single word may be too long
		lines[i] = t.cut(line, s, room)
		whole = whole && lines[i] == line
	}
	return lines, whole
}
