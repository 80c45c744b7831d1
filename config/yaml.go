package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"waitboard/internal/bom"
)

const (
	// maxFileBytes limits the configuration file and each included file. A thousand widgets with a dozen metrics each take 2.6 MB.
	maxFileBytes = 4 << 20
	// maxNesting limits how deep lists and mappings nest. The parser recurses for each level, and a full stack ends the process. The
	// format itself has seven levels.
	maxNesting = 50
)

// startFrom is the hint for a file that is missing or has no settings.
const startFrom = "waitboard discover --output FILE writes one to start from"

// parseYAML returns the root of the one document in data. It returns nil after reporting why there is none.
func parseYAML(r *report, data []byte) *yaml.Node {
	if len(data) > maxFileBytes {
		r.add("", fmt.Sprintf("is larger than %d MiB", maxFileBytes>>20), "check the path; sources and widgets can go into several files, which include lists")
		return nil
	}
	plain, _ := bom.Decode(data)
	// Windows editors write marks and line ends of their own. They would only shift columns.
	data = bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\n"))
	data = joinSurrogates(data)
	r.text = string(data)
	if offset, found := badCharacter(data); found != nil {
		r.addAt(placeOf(data, offset), "", found.message, found.hint)
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
	root := docs[0].Content[0]
	if tagged := findTag(root); tagged != nil {
		r.addAt(startOf(tagged), "", noTags.message, noTags.hint)
		return nil
	}
	if len(docs) > 1 {
		r.addAt(startOf(docs[1]), "", "a second document starts here", "a file holds one configuration; remove the line --- or ... above")
		return nil
	}
	if isNull(root) {
		r.addAt(startOf(root), "", "the file holds no settings, only null (~)", startFrom)
		return nil
	}
	return root
}

// documents parses data up to its second document and skips empty ones. A panic of the parser becomes an error: a file must not end the
// process.
func documents(data []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			docs, err = nil, errors.New("the parser panicked")
		}
	}()
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxNesting))))
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

// findTag returns the first node with a YAML tag, or nil. Aliases are not followed.
func findTag(n *yaml.Node) *yaml.Node {
	if n.Style&yaml.TaggedStyle != 0 || n.Tag == "!" {
		return n
	}
	for _, child := range n.Content {
		if found := findTag(child); found != nil {
			return found
		}
	}
	return nil
}

// resolve returns the node that an alias stands for, and any other node itself.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull reports whether n is the word null or ~, or a key's missing value.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// isMapping reports whether n holds keys and values.
func isMapping(n *yaml.Node) bool { return n.Kind == yaml.MappingNode }

// isList reports whether n holds items.
func isList(n *yaml.Node) bool { return n.Kind == yaml.SequenceNode }

// isQuoted reports whether n is a text in quotes or a block of lines.
func isQuoted(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// kind names what a node is, for "must be text, not a list".
func kind(n *yaml.Node) string {
	switch {
	case isMapping(n):
		return "settings"
	case isList(n):
		return "a list"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "a number"
	case n.Tag == "!!bool":
		return "true or false"
	default:
		return "a text"
	}
}

// startOf returns where a node starts, its anchor included.
func startOf(n *yaml.Node) place { return place{max(n.Line, 1), max(n.Column, 1)} }
