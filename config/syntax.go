package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// help is the message and the hint of a problem.
type help struct{ message, hint string }

var (
	noTags     = help{"YAML tags (!…) and directives (%…) are not supported", "remove it; put a text that starts with ! or % in quotes"}
	noTabs     = help{"a tab is not allowed where YAML needs spaces", "indent with spaces"}
	notOpened  = help{"a closing bracket has no opening one", "remove it, or put the text in quotes"}
	notAllowed = help{"a text starts with a character that means something else in YAML", "put the text in quotes"}
	noComma    = help{"a comma or a closing bracket is missing", "separate the parts of a list in brackets by commas"}
	noBracket  = help{"a bracket [ is never closed", "add the closing ]"}
	noBrace    = help{"a brace { is never closed", "add the closing }"}
	noQuotes   = help{"a colon follows a text that has ended", `put the whole text in quotes, as in "[::1]:8080"`}
	noSense    = help{"this does not continue what started above", "check the indentation here and in the lines above, and that nothing follows a closing quotation mark or bracket"}
	noYAML     = help{"this is not valid YAML", "check the indentation, the quotes, and that a space follows each colon, here and in the lines around"}
)

// helpAt maps the character at which the parser stops to its help.
var helpAt = map[rune]help{'\t': noTabs, '%': noTags, '!': noTags, '@': notAllowed, '`': notAllowed, ']': notOpened, '}': notOpened, ':': noQuotes}

// syntaxHelp maps parts of the parser's messages to ours, because the parser may repeat a secret. The first match counts.
var syntaxHelp = []struct {
	context, message string // parts of the parser's context and message; "" matches any
	help
	atContext bool // whether the mistake is where the parser's context starts, not where the parser stopped
}{
	{"while increasing", "", help{"lists and mappings are nested too deeply", "this is not a waitboard configuration; check the path"}, false},
	{"", "tab", noTabs, false},
	{"quoted scalar", "unexpected", help{"a quotation mark is never closed", "add the closing quote, or put the whole text in quotes"}, true},
	{"quoted scalar", "invalid Unicode character", help{"an escape stands for no character", `write the character itself, or both halves of its pair, as in \ud83d\ude00`}, false},
	{"quoted scalar", "", help{`a backslash in double quotes starts an unknown escape`, `write \\ for a backslash, or use single quotes`}, false},
	{"", "unknown anchor", help{"the alias (*…) has no anchor (&…) of that name before it", "put a text that starts with * in quotes"}, false},
	{"scanning an alias", "", help{"a * alone means something else in YAML", `put it in quotes: "*"`}, true},
	{"scanning an anchor", "", help{"an anchor (&…) is not allowed here", "put a text that starts with & in quotes"}, true},
	{"tag", "", noTags, true},
	{"directive", "", noTags, true},
	{"", "directive", noTags, false},
	{"", "tag handle", noTags, false},
	{"", "incompatible YAML", noTags, false},
	{"", "mapping keys are not allowed", help{"a key that starts with ? is not supported", "write key: value; put a text that starts with ? in quotes"}, false},
	{"block scalar", "", help{"a block of lines (| or >) has a wrong start", "end the line after the sign; put a text that starts with | or > in quotes"}, true},
	{"", "mapping values are not allowed", help{"a key: value pair is not allowed here", "check the indentation here, and the colon in the line above; put a text that holds a colon and a space in quotes"}, false},
	{"", "sequence entries are not allowed", help{"a list item (- …) is not allowed here", "start the list in the next line; put a text that starts with a dash and a space in quotes"}, false},
	{"simple key", "", help{"this line has no key", "write key: value, with a space after the colon"}, true},
	{"flow", "',' or", noComma, false},
	{"block", "did not find expected", noSense, false},
}

// addSyntaxError reports why the parser could not read data.
func addSyntaxError(r *report, data []byte, err error) {
	var syntax *yaml.LoadError
	if !errors.As(err, &syntax) {
		r.addAt(place{1, 1}, "", noYAML.message, noYAML.hint)
		return
	}
	found, atContext := noYAML, false
	for _, h := range syntaxHelp {
		if strings.Contains(syntax.ContextMsg, h.context) && strings.Contains(syntax.Message, h.message) {
			found, atContext = h.help, h.atContext
			break
		}
	}
	start := offsetOf(data, place{syntax.ContextMark.Line, syntax.ContextMark.Column})
	stop := offsetOf(data, place{syntax.Mark.Line, syntax.Mark.Column})
	startLine, stopLine := placeOf(data, start).line, placeOf(data, stop).line
	if stop < len(data) {
		h, special := helpAt[rune(data[stop])]
		if special && (found == noYAML || found == noSense || strings.Contains(syntax.Message, "start any token")) {
			found = h
		}
	}
	switch {
	case found == noComma && stop == len(data):
		found, atContext = noBracket, true
		if bytes.HasPrefix(data[start:], []byte("{")) {
			found = noBrace
		}
	case found == noComma && startLine < stopLine:
		found.hint += fmt.Sprintf("; or close the bracket that line %d opens", startLine)
	}
	at := stop
	if atContext {
		at = start
	}
	inside := strings.Contains(syntax.ContextMsg, "quoted scalar")
	if opened, quoted := quotedTo(data, stop); quoted && !inside && bytes.ContainsAny(data[opened:stop], "\r\n") {
		found = help{fmt.Sprintf("a text that starts with a quotation mark here continues to line %d", stopLine), "add the closing quote; nothing may follow it"}
		at = opened
	}
	r.addAt(placeOf(data, at), "", found.message, found.hint)
}

// quotedTo returns the start of the quoted text that ends before an offset, if one does. The parser notices a missing quotation mark only
// at the next one, perhaps lines further: there a text seems to end, and what follows makes no sense.
func quotedTo(data []byte, offset int) (start int, found bool) {
	before := bytes.TrimRight(data[:offset], " ")
	if !bytes.HasSuffix(before, []byte(`"`)) && !bytes.HasSuffix(before, []byte(`'`)) {
		return 0, false
	}
	before, mark := before[:len(before)-1], before[len(before)-1]
	start = bytes.LastIndexByte(before, mark)
	return start, start > 0 && strings.IndexByte(" [{,", before[start-1]) >= 0
}
