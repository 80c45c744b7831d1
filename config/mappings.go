package config

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// maxSteps bounds the work that one file can cause. Without aliases a file of 1 MiB stays below it; with them, a few lines can stand for
// billions of settings.
const maxSteps = 200_000

// maxHops bounds a chain of aliases and merges, which may run in a circle.
const maxHops = 20

// mappings reads mappings out of the syntax tree, with aliases and merge keys (<<) resolved.
type mappings struct {
	*report
	aliases map[*ast.AliasNode]ast.Node
	steps   int
}

// pair is one key of a mapping.
type pair struct {
	key   string
	path  string
	value ast.Node
}

// spend counts a step and reports, once, when there have been too many.
func (m *mappings) spend(path string) bool {
	m.steps++
	if m.steps == maxSteps {
		m.add(path, "is repeated too often by aliases (*…)", "write it out, with fewer entries")
	}
	return !m.exhausted()
}

// exhausted says that reading has stopped, so that what is missing may well be in the file.
func (m *mappings) exhausted() bool { return m.steps >= maxSteps }

// follow gives the value behind anchors and aliases, or nil after reporting that there is none.
func (m *mappings) follow(n ast.Node, path string) ast.Node {
	for range maxHops {
		switch at := n.(type) {
		case *ast.AnchorNode:
			n = at.Value
		case *ast.AliasNode:
			n = m.aliases[at]
		default:
			if n != nil {
				return n
			}
			m.add(path, "the alias (*…) has no anchor (&…) of that name before it", "put a text that starts with * in quotes")
			return nil
		}
	}
	m.add(path, "the alias (*…) stands for itself", "")
	return nil
}

// pairs gives the keys of a mapping, its own first, in the order of the file, and notes where they stand. ok is false when n is no mapping.
func (m *mappings) pairs(n ast.Node, path string) (pairs []pair, ok bool) {
	return m.collect(n, path, 0)
}

// collect is pairs, hops merges deep.
func (m *mappings) collect(n ast.Node, path string, hops int) (pairs []pair, ok bool) {
	mapping, ok := n.(ast.MapNode)
	if !ok {
		return nil, false
	}
	lines := map[string]int{} // of the keys so far
	var merges []*ast.MappingValueNode
	for each := mapping.MapRange(); each.Next() && m.spend(path); {
		entry := each.KeyValue()
		if entry.Key.Type() == ast.MergeKeyType {
			merges = append(merges, entry)
			continue
		}
		key, at := keyOf(entry.Key)
		p := pair{key, join(path, display(key, at)), entry.Value}
		if first, again := lines[key]; again {
			m.addAt(at, p.path, fmt.Sprintf("stands here twice, first in line %d", first), "remove one of them")
			continue
		}
		lines[key] = at.line
		m.places[p.path] = at
		pairs = append(pairs, p)
	}
	for _, merge := range merges {
		for _, p := range m.merged(merge, path, hops+1) {
			if _, own := lines[p.key]; !own {
				lines[p.key] = 0
				pairs = append(pairs, p)
			}
		}
	}
	return pairs, true
}

// merged gives the keys that a merge key brings in: of one mapping, or of a list of them, the first of which wins.
func (m *mappings) merged(merge *ast.MappingValueNode, path string, hops int) (pairs []pair) {
	_, at := keyOf(merge.Key)
	mergePath := join(path, "<<")
	m.places[mergePath] = at
	value := m.follow(merge.Value, mergePath)
	if value == nil {
		return nil
	}
	parts := []ast.Node{value}
	if list, ok := value.(*ast.SequenceNode); ok {
		parts = list.Values
	}
	for _, part := range parts {
		part = m.follow(part, mergePath)
		if part == nil || !m.spend(mergePath) {
			continue
		}
		if hops > maxHops {
			m.add(mergePath, "the settings are merged into themselves", "remove this line")
			return nil
		}
		more, ok := m.collect(part, path, hops)
		if !ok {
			m.add(mergePath, "must be an alias of settings, not "+kind(part), "as in <<: *defaults")
		}
		pairs = append(pairs, more...)
	}
	return pairs
}

// keyOf gives a key as it is written, and its place. A number is taken as its digits, so that 101 can be an ID.
func keyOf(n ast.MapKeyNode) (string, place) {
	at := placeOf(n)
	if text, ok := n.(*ast.StringNode); ok {
		return text.Value, at
	}
	if anchor, ok := n.(*ast.AnchorNode); ok && anchor.Value != nil {
		return anchor.Value.GetToken().Value, at
	}
	return n.GetToken().Value, at
}
