package config

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// No-break spaces look like spaces, and come along when a file is pasted from a web page; to YAML they are letters. In texts for visitors
// they have their place. Where they stand in a line that has a problem, they are likely to be the problem.
const noBreakSpaces = "\u00a0\u2007\u202f"

// noBreakApart finds a no-break space that stands as a space would between the parts of a line, and not between two words.
var noBreakApart = regexp.MustCompile(`(^|[-\s:,\[{])[` + noBreakSpaces + `]|[` + noBreakSpaces + `]([\s:,\]}#]|$)`)

// spacedText is a text with no-break spaces.
type spacedText struct {
	path        string
	line, count int
}

// findNoBreaks keeps the lines of a file that holds no-break spaces. Lines end as they do for the parser.
func (r *report) findNoBreaks(data []byte) {
	for _, c := range noBreakSpaces {
		if bytes.Contains(data, utf8.AppendRune(nil, c)) {
			r.lines = strings.Split(strings.ReplaceAll(string(data), "\r", "\n"), "\n")
			return
		}
	}
}

// allowNoBreaks notes a text that may hold no-break spaces, as long as no problem with path is found.
func (r *report) allowNoBreaks(n *yaml.Node, path string) {
	if r.lines == nil {
		return
	}
	if count := noBreaks(n.Value); count > 0 {
		r.spaced = append(r.spaced, spacedText{path, n.Line, count})
	}
}

// noBreaks counts them.
func noBreaks(text string) (n int) {
	for _, c := range text {
		if strings.ContainsRune(noBreakSpaces, c) {
			n++
		}
	}
	return n
}

// explainNoBreaks adds to the hints of problems in whose lines no-break spaces stand outside of texts that are right.
func (r *report) explainNoBreaks() {
	if r.lines == nil {
		return
	}
	allowed := map[int]int{} // by line
	for _, text := range r.spaced {
		if r.ok(text.path) {
			allowed[text.line] += text.count
		}
	}
	for i := range r.problems {
		p := &r.problems[i]
		where := ""
		switch above := p.Line - 1; {
		case p.Line == 0:
		case p.Path != "" && noBreaks(r.code(p.Line)) > allowed[p.Line], p.Path == "" && noBreakApart.MatchString(r.code(p.Line)):
			where = "this line"
		case p.Path == "" && noBreakApart.MatchString(r.code(above)): // the parser took this line for more of that
			where = fmt.Sprintf("line %d", above)
		}
		if where != "" {
			p.Hint = strings.TrimSuffix("there is a no-break space in "+where+"; type a plain one; "+p.Hint, "; ")
		}
	}
}

// code is a line without the comment that it may end with, "" for one that is not there.
func (r *report) code(line int) string {
	if line < 1 || line > len(r.lines) {
		return ""
	}
	code, _, _ := strings.Cut(r.lines[line-1], " #")
	return code
}
