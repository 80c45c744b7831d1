package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// badCharacter finds the first character that a text file does not hold: broken UTF-8, a control character, or another that the parser
// rejects or takes for the end of a line.
func badCharacter(data []byte) (offset int, found *help) {
	for offset < len(data) {
		char, size := utf8.DecodeRune(data[offset:])
		switch {
		case char == utf8.RuneError && size == 1:
			return offset, &help{"this is not UTF-8 text", "save the file as UTF-8"}
		case char == '\n' || char == '\r' || char == '\t':
		case unicode.IsControl(char) || strings.ContainsRune("\u2028\u2029\uFEFF\uFFFE\uFFFF", char):
			return offset, &help{fmt.Sprintf("the invisible character U+%04X is not allowed here", char), "type the line again, and save the file as UTF-8"}
		}
		offset += size
	}
	return 0, nil
}

// place is a position in a file. Both numbers count from 1, the column in characters.
type place struct{ line, column int }

// after returns the place that follows a character. A lone carriage return ends a line, as it does for the parser.
func (p place) after(char rune) place {
	if char == '\n' || char == '\r' {
		return place{p.line + 1, 1}
	}
	return place{p.line, p.column + 1}
}

// placeOf returns the place of an offset.
func placeOf(data []byte, offset int) place {
	at := place{1, 1}
	for _, char := range string(data[:offset]) {
		at = at.after(char)
	}
	return at
}

// offsetOf returns the offset of a place, or the end of the text when the place lies behind it.
func offsetOf(data []byte, to place) int {
	at := place{1, 1}
	for i, char := range string(data) {
		if at.line > to.line || at.line == to.line && at.column >= to.column {
			return i
		}
		at = at.after(char)
	}
	return len(data)
}

// noBreakSpaces look like spaces and come along when a person pastes from a web page. To YAML they are letters.
const noBreakSpaces = "\u00a0\u2007\u202f"

// noBreakApart finds a no-break space next to a space, a line end or a sign of YAML, where a plain space was meant.
var noBreakApart = regexp.MustCompile(`(^|[-\s:,\[{])[` + noBreakSpaces + `]|[` + noBreakSpaces + `]([\s:,\]}#]|$)`)

// explainNoBreaks adds a hint to each problem in a line with a no-break space. A syntax error may also come from the line above.
func (r *report) explainNoBreaks() {
	if len(r.problems) == 0 || !strings.ContainsAny(r.text, noBreakSpaces) {
		return
	}
	lines := strings.Split(strings.ReplaceAll(r.text, "\r", "\n"), "\n")
	code := func(line int) string { // without its comment
		if line < 1 || line > len(lines) {
			return ""
		}
		code, _, _ := strings.Cut(lines[line-1], " #")
		return code
	}
	for i := range r.problems {
		p := &r.problems[i]
		switch above := p.Line - 1; {
		case p.Path != "" && strings.ContainsAny(code(p.Line), noBreakSpaces), p.Path == "" && noBreakApart.MatchString(code(p.Line)):
			p.Hint = strings.TrimSuffix("this line holds a no-break space; type a plain one; "+p.Hint, "; ")
		case p.Path == "" && noBreakApart.MatchString(code(above)):
			p.Hint = fmt.Sprintf("line %d holds a no-break space; type a plain one; %s", above, p.Hint)
		}
	}
}
