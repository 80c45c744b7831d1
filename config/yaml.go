package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxFileBytes = 1 << 20
	// maxNesting is how deep lists and mappings may stand in each other. The parser calls itself for each level, and running out of
	// stack ends the process; our own format is seven levels deep.
	maxNesting = 50
	maxAnchors = 1000
	// maxTokens is enough for a thousand widgets with a dozen metrics each. The parser copies a mapping anew for each of its keys, so a file
	// of nothing but keys could keep it busy for a minute; one with more is none of ours.
	maxTokens = 150_000
)

// document is a parsed file.
type document struct {
	root    ast.Node
	aliases map[*ast.AliasNode]ast.Node // what each alias stands for
}

// parseYAML gives the one document in data, or nil after reporting why there is none.
func parseYAML(r *report, data []byte) *document {
	if len(data) > maxFileBytes {
		r.add("", "is larger than 1 MiB", "a configuration file has a few kilobytes; check the path")
		return nil
	}
	// Both are common on Windows, and would only shift columns.
	data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\uFEFF")), []byte("\r\n"), []byte("\n"))
	if at, ok := firstBadByte(data); ok {
		r.addAt(at, "", "is not UTF-8 text", "save the file as UTF-8, without control characters")
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if !checkTokens(r, tokens) {
		return nil
	}
	tree, err := parseTokens(tokens)
	if err != nil {
		addSyntaxError(r, err)
		return nil
	}
	var docs []*ast.DocumentNode
	for _, doc := range tree.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			docs = append(docs, doc)
		}
	}
	if len(docs) == 0 {
		r.addAt(place{1, 1}, "", "the file is empty", "examples/waitboard.yaml is a file to start from")
		return nil
	}
	if len(docs) > 1 {
		r.addAt(startOf(docs[1]), "", "a second document starts here", "one file holds one configuration; remove the line ---")
		return nil
	}
	doc := &document{root: docs[0].Body, aliases: map[*ast.AliasNode]ast.Node{}}
	ast.Walk(&aliasFinder{doc.aliases, map[string]ast.Node{}}, doc.root)
	return doc
}

// firstBadByte finds what no text file holds: bytes that are not UTF-8, and control characters.
func firstBadByte(data []byte) (at place, found bool) {
	at = place{1, 1}
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		switch {
		case c == utf8.RuneError && size == 1, c < ' ' && c != '\n' && c != '\t' && c != '\r', c == 0x7f:
			return at, true
		case c == '\n':
			at = place{at.line + 1, 1}
		default:
			at.column++
		}
		data = data[size:]
	}
	return at, false
}

// checkTokens refuses what could make the parser call itself without end, before it runs: brackets, dashes and anchors in masses.
// Nesting by indentation needs no limit, since a file of 1 MiB cannot hold more than some 1,400 levels of it. Tags and keys marked with
// a question mark have no use in this file, so they are not read at all.
func checkTokens(r *report, tokens token.Tokens) bool {
	if len(tokens) > maxTokens {
		r.add("", "has more settings than waitboard reads", "a configuration file has a few hundred lines; check the path")
		return false
	}
	brackets, dashes, anchors, line := 0, 0, 0, 0
	for _, tk := range tokens {
		at := place{tk.Position.Line, tk.Position.Column}
		if at.line != line {
			line, dashes = at.line, 0
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets--
		case token.SequenceEntryType, token.MergeKeyType:
			dashes++
		case token.AnchorType:
			anchors++
		case token.AliasType:
			if tk.Next == nil || tk.Next.Position.Line != at.line {
				r.addAt(at, "", "a * by itself means something else in YAML", `put it in quotes: "*"`)
				return false
			}
		case token.TagType, token.DirectiveType:
			r.addAt(at, "", "YAML tags (!…) and directives (%…) are not supported", "remove it; put a text that starts with ! or % in quotes")
			return false
		case token.MappingKeyType:
			r.addAt(at, "", "a key that starts with ? is not supported", "write key: value; put a text that starts with ? in quotes")
			return false
		}
		if brackets > maxNesting || dashes > maxNesting || anchors > maxAnchors {
			r.addAt(at, "", "lists and mappings are nested too deeply, or there are too many anchors", "this is not a waitboard configuration; check the path")
			return false
		}
	}
	return true
}

// parseTokens is parser.Parse, which must not bring the process down: a panic is one more way of saying that this is no YAML.
func parseTokens(tokens token.Tokens) (tree *ast.File, err error) {
	defer func() {
		if recover() != nil {
			tree, err = nil, errors.New("the parser gave up")
		}
	}()
	// Duplicate keys are reported by the decoder, all of them at once.
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// syntaxHelp explains what the parser complains of, by a part of its message, in words of our own: the parser's error text repeats
// lines of the file, which may hold anything.
var syntaxHelp = []struct{ part, message, hint string }{
	{"tab character", "a tab stands where YAML needs spaces", "indent with spaces"},
	{"'\t'", "a tab stands where YAML needs spaces", "indent with spaces"},
	{"end character of", "a quotation mark is never closed", "add the closing quote, or put the whole text in quotes"},
	{"']' not found", "a bracket [ is never closed", "add the closing ]"},
	{"end token '}'", "a brace { is never closed", "add the closing }"},
	{"',' or ", "a comma or a closing bracket is missing", "separate the parts of a list in brackets by commas"},
	{"character corresponding to", "a closing bracket has no opening one", "remove it, or put the text in quotes"},
	{"reserved character", "a text starts with a character that means something else in YAML", "put the text in quotes"},
	{"anchor", "an anchor (&…) stands where none may be", "put a text that starts with & in quotes"},
	{"mapping value is not allowed", "a key: value pair stands where none may be", "check the indentation here and in the next line; put a text that holds a colon and a space in quotes"},
	{"non-map value", "this line has no key", "write key: value, with a space after the colon"},
}

// addSyntaxError reports what the parser could not read.
func addSyntaxError(r *report, err error) {
	at := place{1, 1}
	message, hint := "this is not valid YAML", "check the indentation, the quotes, and that a space follows each colon, here and in the lines around"
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		for _, help := range syntaxHelp {
			if strings.Contains(syntax.GetMessage(), help.part) {
				message, hint = help.message, help.hint
				break
			}
		}
		if tk := syntax.GetToken(); tk != nil && tk.Position != nil {
			at = place{max(tk.Position.Line, 1), max(tk.Position.Column, 1)}
		}
	}
	r.addAt(at, "", message, hint)
}

// aliasFinder notes what each alias stands for: the last anchor of that name before it.
type aliasFinder struct {
	aliases map[*ast.AliasNode]ast.Node
	anchors map[string]ast.Node
}

// Visit is called by ast.Walk in the order of the file.
func (f *aliasFinder) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.AnchorNode:
		f.anchors[n.Name.GetToken().Value] = n.Value
	case *ast.AliasNode:
		f.aliases[n] = f.anchors[n.Value.GetToken().Value]
	}
	return f
}

// startOf is where a document starts: at its line ---, if there is one.
func startOf(doc *ast.DocumentNode) place {
	if doc.Start != nil {
		return place{doc.Start.Position.Line, doc.Start.Position.Column}
	}
	return placeOf(doc.Body)
}

// placeOf is where a node starts.
func placeOf(n ast.Node) place {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return place{tk.Position.Line, tk.Position.Column}
	}
	return place{1, 1}
}
