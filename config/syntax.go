package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// help is what a problem says, and what to do about it.
type help struct{ message, hint string }

var (
	noTags     = help{"YAML tags (!…) and directives (%…) are not supported", "remove it; put a text that starts with ! or % in quotes"}
	noMarks    = help{"a key that starts with ? is not supported", "write key: value; put a text that starts with ? in quotes"}
	noTabs     = help{"a tab stands where YAML needs spaces", "indent with spaces"}
	notOpened  = help{"a closing bracket has no opening one", "remove it, or put the text in quotes"}
	notAllowed = help{"a text starts with a character that means something else in YAML", "put the text in quotes"}
	noComma    = help{"a comma or a closing bracket is missing", "separate the parts of a list in brackets by commas"}
	noBracket  = help{"a bracket [ is never closed", "add the closing ]"}
	noBrace    = help{"a brace { is never closed", "add the closing }"}
	noQuotes   = help{"a colon follows what has ended already", `put the whole text in quotes, as an address of IPv6: "[::1]:8080"`}
	noSense    = help{"this does not go on as it started above", "check the indentation here and in the lines above, and that nothing follows a closing quotation mark or bracket"}
	noYAML     = help{"this is not valid YAML", "check the indentation, the quotes, and that a space follows each colon, here and in the lines around"}
)

// atStop is what a file is refused for where the parser stops at a character.
var atStop = map[rune]help{'\t': noTabs, '%': noTags, '!': noTags, '@': notAllowed, '`': notAllowed, ']': notOpened, '}': notOpened, ':': noQuotes}

// syntaxHelp explains what the parser complains of, by parts of what it was about and of its message, in words of our own: its text may
// repeat what stands in the file, which may be anything. The first that fits counts.
var syntaxHelp = []struct {
	context, part string
	help
	atContext bool // whether the mistake is where the parser began what it was about, not where it stopped
}{
	{"while increasing", "", help{"lists and mappings are nested too deeply", "this is not a waitboard configuration; check the path"}, false},
	{"", "tab", noTabs, false},
	{"quoted scalar", "unexpected", help{"a quotation mark is never closed", "add the closing quote, or put the whole text in quotes"}, true},
	{"quoted scalar", "", help{`a backslash in double quotes starts something that YAML does not know`, `write \\ for a backslash, or use single quotes`}, false},
	{"scanning an alias", "", help{"a * by itself means something else in YAML", `put it in quotes: "*"`}, true},
	{"scanning an anchor", "", help{"an anchor (&…) stands where none may be", "put a text that starts with & in quotes"}, true},
	{"tag", "", noTags, true},
	{"directive", "", noTags, true},
	{"", "directive", noTags, false},
	{"", "tag handle", noTags, false},
	{"", "incompatible YAML", noTags, false},
	{"", "mapping keys are not allowed", noMarks, false},
	{"block scalar", "", help{"a block of lines (| or >) does not start as it must", "end the line after the sign; put a text that starts with | or > in quotes"}, true},
	{"", "mapping values are not allowed", help{"a key: value pair stands where none may be", "check the indentation here, and the colon in the line above; put a text that holds a colon and a space in quotes"}, false},
	{"", "sequence entries are not allowed", help{"a list item (- …) stands where none may be", "start the list in the next line; put a text that starts with a dash and a space in quotes"}, false},
	{"simple key", "", help{"this line has no key", "write key: value, with a space after the colon"}, true},
	{"flow", "',' or", noComma, false},
	{"block", "did not find expected", noSense, false},
}

// addSyntaxError reports what the parser could not read.
func addSyntaxError(r *report, data []byte, err error) {
	var syntax *yaml.LoadError
	if !errors.As(err, &syntax) {
		r.addAt(place{1, 1}, "", noYAML.message, noYAML.hint)
		return
	}
	says, atContext := noYAML, false
	for _, h := range syntaxHelp {
		if strings.Contains(syntax.ContextMsg, h.context) && strings.Contains(syntax.Message, h.part) {
			says, atContext = h.help, h.atContext
			break
		}
	}
	// The end of the text may be one line further for the parser than it is.
	stop, start := newCursor(data), newCursor(data)
	stop.move(place{syntax.Mark.Line, syntax.Mark.Column})
	start.move(place{syntax.ContextMark.Line, syntax.ContextMark.Column})
	switch h, found := atStop[stop.char()]; {
	case found && (says == noYAML || says == noSense || strings.Contains(syntax.Message, "start any token")):
		says = h
	case says == noComma && stop.offset == len(data):
		says, atContext = noBracket, true
		if start.char() == '{' {
			says = noBrace
		}
	case says == noComma && start.at.line < stop.at.line:
		says.hint += fmt.Sprintf("; or close the bracket that line %d opens", start.at.line)
	}
	at := stop.at
	if atContext {
		at = start.at
	}
	inside := strings.Contains(syntax.ContextMsg, "quoted scalar")
	if opened, found := quotedTo(data, stop.offset); found && !inside && bytes.ContainsAny(data[opened:stop.offset], "\r\n") {
		says = help{fmt.Sprintf("a text that starts with a quotation mark here goes on to line %d", stop.at.line), "add the closing quote; nothing may follow that"}
		start = newCursor(data)
		start.skip(opened)
		at = start.at
	}
	r.addAt(at, "", says.message, says.hint)
}

// quotedTo is where the quoted text starts that ends before an offset, if one does. A quotation mark that is missing is noticed only where
// the next one stands, which may be lines further, so that it seems to end a text and what follows it makes no sense.
func quotedTo(data []byte, offset int) (start int, found bool) {
	before := bytes.TrimRight(data[:offset], " ")
	if !bytes.HasSuffix(before, []byte(`"`)) && !bytes.HasSuffix(before, []byte(`'`)) {
		return 0, false
	}
	before, mark := before[:len(before)-1], before[len(before)-1]
	start = bytes.LastIndexByte(before, mark)
	return start, start > 0 && strings.IndexByte(" [{,", before[start-1]) >= 0
}

// checkNotation refuses what the parser reads and we do not, as it has no use in this file: tags, directives and keys marked with a
// question mark.
func checkNotation(r *report, data []byte, doc *yaml.Node) bool {
	c := newCursor(data)
	for ; c.at.line <= doc.Line && c.offset < len(data); c.step() { // directives stand before the document
		if c.at.column == 1 && c.char() == '%' {
			r.addAt(c.at, "", noTags.message, noTags.hint)
			return false
		}
	}
	return checkNodes(r, newCursor(data), doc)
}

// checkNodes is checkNotation for all that is in a node. It goes through the file from its start to its end.
func checkNodes(r *report, c *cursor, n *yaml.Node) bool {
	for i, child := range n.Content {
		at := placeOf(child)
		if child.Style&yaml.TaggedStyle != 0 || child.Tag == "!" {
			r.addAt(at, "", noTags.message, noTags.hint)
			return false
		}
		if isMapping(n) && i%2 == 0 {
			c.move(at)
			if before := bytes.TrimRight(c.data[:c.offset], " "); bytes.HasSuffix(before, []byte("?")) && len(before) < c.offset {
				at.column -= c.offset - len(before) + 1
				r.addAt(at, "", noMarks.message, noMarks.hint)
				return false
			}
		}
		if !checkNodes(r, c, child) {
			return false
		}
	}
	return true
}
