package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

const (
	// maxFileBytes is enough for 10,000 widgets with a dozen metrics each, all of them with levels and a display of their own: these
	// take 26 MB.
	maxFileBytes = 32 << 20
	// maxParts is how many signs that can start a key or a value (see parts) a file may have: those 10,000 widgets have two million.
	// Each costs some 300 bytes while the file is read.
	maxParts = 3_000_000
	// maxNesting is how deep lists and mappings may stand in each other. The parser calls itself for each level, and running out of
	// stack ends the process; our own format is seven levels deep.
	maxNesting = 50
)

// document is a parsed file.
type document struct {
	root  *yaml.Node
	parts int // see parts
}

// startFrom is a hint where there is no file, or none with settings.
const startFrom = "waitboard discover --output FILE writes one to start from"

// parseYAML gives the one document in data, or nil after reporting why there is none.
func parseYAML(r *report, data []byte) *document {
	if len(data) > maxFileBytes {
		r.add("", fmt.Sprintf("is larger than %d MiB", maxFileBytes>>20), "a configuration file has a few kilobytes; check the path")
		return nil
	}
	// Both are common on Windows, and would only shift columns.
	data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\uFEFF")), []byte("\r\n"), []byte("\n"))
	r.findNoBreaks(data)
	if offset, found := firstBadByte(data); found {
		c := newCursor(data)
		c.skip(offset)
		says := badCharacter(c.char())
		r.addAt(c.at, "", says.message, says.hint)
		return nil
	}
	doc := &document{parts: parts(data)}
	if doc.parts > maxParts {
		r.add("", "has more settings than waitboard reads", "a configuration file has a few hundred lines; check the path")
		return nil
	}
	docs, err := documents(data)
	if err != nil {
		addSyntaxError(r, data, err)
		return nil
	}
	if len(docs) == 0 {
		r.addAt(place{1, 1}, "", "the file is empty", startFrom)
		return nil
	}
	if !checkNotation(r, data, docs[0]) {
		return nil
	}
	if len(docs) > 1 {
		mark := lastMark(data, docs[1].Line)
		r.addAt(placeOf(docs[1]), "", "a second document starts here", "one file holds one configuration; remove the line "+mark)
		return nil
	}
	if root := docs[0].Content[0]; isNull(root) {
		r.addAt(placeOf(root), "", "the file holds no settings, only null (~)", startFrom)
		return nil
	}
	doc.root = docs[0].Content[0]
	return doc
}

// lastMark is the last line up to that one, where a document starts, which ends the one before.
func lastMark(data []byte, line int) string {
	mark := "---"
	for text := range bytes.Lines(data) {
		switch {
		case line == 0:
			return mark
		case bytes.HasPrefix(text, []byte("---")):
			mark = "---"
		case bytes.HasPrefix(text, []byte("...")):
			mark = "..."
		}
		line--
	}
	return mark
}

// firstBadByte finds what no text file holds: bytes that are not UTF-8, control characters, and other characters that the parser takes
// for one, or for the end of a line, where editors show none.
func firstBadByte(data []byte) (offset int, found bool) {
	for offset < len(data) {
		if c := data[offset]; c >= ' ' && c < 0x7f || c == '\n' || c == '\t' || c == '\r' {
			offset++
			continue
		}
		switch c, size := utf8.DecodeRune(data[offset:]); {
		case c == utf8.RuneError && size == 1, c < 0xa0, c == '\u2028', c == '\u2029', c == '\uFEFF', c == '\uFFFE', c == '\uFFFF':
			return offset, true
		default:
			offset += size
		}
	}
	return 0, false
}

// badCharacter says what is wrong with the character that firstBadByte has found.
func badCharacter(char rune) help {
	switch {
	case char == utf8.RuneError:
		return help{"this is not UTF-8 text", "save the file as UTF-8"}
	case char == '\u0085' || char == '\u2028' || char == '\u2029':
		return help{"a line is broken by a character that editors do not show", "type the line anew"}
	case char == '\uFEFF':
		return help{"a byte order mark (U+FEFF), which editors do not show, stands here", "it may only be the first in a file; type the line anew"}
	case unicode.IsControl(char):
		return help{fmt.Sprintf("a control character (U+%04X) stands here", char), "type the line anew, and save the file as UTF-8"}
	default:
		return help{fmt.Sprintf("what is no character (U+%04X) stands here", char), "type the line anew"}
	}
}

// parts counts the signs that can start a key or a value, wherever they stand: there are no more of both than twice as many, and one.
func parts(data []byte) (n int) {
	for i, c := range data {
		switch c {
		case ':', ',', '[', '{':
			n++
		case '-', '?':
			if i+1 == len(data) || data[i+1] == ' ' || data[i+1] == '\n' || data[i+1] == '\r' || data[i+1] == '\t' {
				n++
			}
		}
	}
	return n
}

// documents parses data up to its second document. Those with nothing in them do not count. A panic is one more way of saying that this
// is no YAML: a file must not bring the process down.
func documents(data []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			docs, err = nil, errors.New("the parser gave up")
		}
	}()
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(anchors{}), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxNesting))))
	if err != nil {
		return nil, err
	}
	for len(docs) < 2 {
		doc := new(yaml.Node)
		if err := loader.Load(doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if body := doc.Content[0]; !isNull(body) || body.Value != "" {
			docs = append(docs, doc)
		}
	}
	return docs, nil
}

// anchors has the parser go on where an alias has no anchor, so that it is one mistake among others: the alias stands for noAnchor then.
type anchors map[string]*yaml.Node

var noAnchor = &yaml.Node{Kind: yaml.ScalarNode}

// NewAliasDataContext is called once for each file.
func (anchors) NewAliasDataContext(yaml.AliasDataServices) (yaml.AliasDataContext, error) {
	return anchors{}, nil
}

// BeginDocument forgets nothing: only the first document counts.
func (a anchors) BeginDocument() error { return nil }

// EndDocument has nothing to do.
func (a anchors) EndDocument() error { return nil }

// DefineAnchor notes what an alias that follows stands for: the last anchor of that name before it.
func (a anchors) DefineAnchor(name string, n *yaml.Node) error {
	a[name] = n
	return nil
}

// ResolveAlias never fails.
func (a anchors) ResolveAlias(name string) (*yaml.Node, bool, error) {
	if n, found := a[name]; found {
		return n, true, nil
	}
	return noAnchor, true, nil
}

// isNull says whether n is the value of a key without one, or the word null or ~.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// isMapping says whether n holds keys and values.
func isMapping(n *yaml.Node) bool { return n.Kind == yaml.MappingNode }

// isList says whether n holds items.
func isList(n *yaml.Node) bool { return n.Kind == yaml.SequenceNode }

// isQuoted says whether n is a text in quotes, or a block of lines.
func isQuoted(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// placeOf is where a node starts, its anchor included.
func placeOf(n *yaml.Node) place { return place{max(n.Line, 1), max(n.Column, 1)} }
