package badge

import (
	"sort"
	"strings"

	"github.com/go-text/typesetting/segmenter"
)

const ellipsis = "…"

// width is the room that a text needs.
func (t *typesetter) width(text string, s style) float64 { return t.set(text, s).room }

// cut is the text, or as many of its characters as fit into a width with an ellipsis behind them: nothing, if not even
// that does.
func (t *typesetter) cut(text string, s style, room float64) string {
	if t.width(text, s) <= room {
		return text
	}
	ends := graphemes(text)
	fitting := sort.Search(len(ends), func(i int) bool { return t.width(shortened(text, ends[i]), s) > room })
	// Widths grow with nearly each character, but ligatures can shrink them: the last word is that of the width.
	for ; fitting > 0; fitting-- {
		if short := shortened(text, ends[fitting-1]); t.width(short, s) <= room {
			return short
		}
	}
	return ""
}

func shortened(text string, end int) string { return strings.TrimRight(text[:end], " ") + ellipsis }

// graphemes are the places at which a text can be cut, in bytes: behind each character that a reader would call one.
func graphemes(text string) (ends []int) {
	var s segmenter.Segmenter
	_ = s.InitWithString(text) // it is valid UTF-8, or taken for that
	end := 0
	for all := s.GraphemeIterator(); all.Next(); {
		end += len(string(all.Grapheme().Text))
		ends = append(ends, end)
	}
	return ends
}

// wrap breaks a text into lines where Unicode's UAX #14 allows it, at most so many: the last one is cut. whole tells that
// nothing was lost.
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
	for i, line := range lines { // a word may be longer than a line
		lines[i] = t.cut(line, s, room)
		whole = whole && lines[i] == line
	}
	return lines, whole
}
