package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// maxSteps bounds the work that a file can cause: with aliases, a few lines can stand for billions of settings. They may be worth fifty
// times as many as it takes to write them, which lets many widgets share what they show, and never more than the largest file.
func maxSteps(parts int) int { return min(200_000+50*parts, maxParts) }

// maxHops bounds a chain of merges, which may run in a circle.
const maxHops = 20

// mappings reads mappings out of the syntax tree, with aliases and merge keys (<<) resolved.
type mappings struct {
	*report
	left int // how many steps may be taken
}

// pair is one key of a mapping.
type pair struct {
	key   string
	path  string
	value *yaml.Node
}

// spend counts a step, which takes more where a long text is looked at, and reports, once, when there have been too many.
func (m *mappings) spend(path, text string) bool {
	before := m.left
	m.left -= 1 + len(text)/100
	if before > 0 && m.left <= 0 {
		m.add(path, "is repeated too often by aliases (*…)", "write it out, with fewer entries")
	}
	return !m.exhausted()
}

// exhausted says that reading has stopped, so that what is missing may well be in the file.
func (m *mappings) exhausted() bool { return m.left <= 0 || m.full() }

// follow gives what an alias stands for, or nil when there is nothing or too much of it, which is reported. Other nodes stand for themselves.
func (m *mappings) follow(n *yaml.Node, path string) *yaml.Node {
	if n.Kind != yaml.AliasNode {
		return n
	}
	if n.Alias == noAnchor {
		m.add(path, "the alias (*…) has no anchor (&…) of that name before it", "put a text that starts with * in quotes")
		return nil
	}
	if !m.spend(path, n.Alias.Value) {
		return nil
	}
	return n.Alias
}

// pairs gives the keys of a mapping, its own first, in the order of the file, and notes where they stand. ok is false when n is no mapping.
func (m *mappings) pairs(n *yaml.Node, path string) (pairs []pair, ok bool) {
	return m.collect(n, path, 0)
}

// collect is pairs, hops merges deep.
func (m *mappings) collect(n *yaml.Node, path string, hops int) (pairs []pair, ok bool) {
	if !isMapping(n) {
		return nil, false
	}
	lines := make(map[string]int, len(n.Content)/2) // of the keys so far
	var merges []*yaml.Node                         // each with the value behind it
	for i := 0; i < len(n.Content); i += 2 {
		key, at := keyOf(n.Content[i])
		if !m.spend(path, key) {
			break
		}
		if n.Content[i].Tag == "!!merge" {
			if merges != nil {
				m.addAt(at, join(path, key), fmt.Sprintf("stands here twice, first in line %d", merges[0].Line), "merge a list: <<: [*one, *other]")
				continue
			}
			merges = append(merges, n.Content[i:i+2]...)
			continue
		}
		p := pair{key, join(path, display(path, key, at)), n.Content[i+1]}
		if first, again := lines[key]; again {
			m.addAt(at, p.path, fmt.Sprintf("stands here twice, first in line %d", first), "remove one of them")
			continue
		}
		lines[key] = at.line
		m.places[p.path] = at
		pairs = append(pairs, p)
	}
	for i := 0; i < len(merges); i += 2 {
		for _, p := range m.merged(merges[i], merges[i+1], path, hops+1) {
			if _, own := lines[p.key]; !own {
				lines[p.key] = 0
				pairs = append(pairs, p)
			}
		}
	}
	return pairs, true
}

// merged gives the keys that a merge key brings in: of one mapping, or of a list of them, the first of which wins.
func (m *mappings) merged(key, value *yaml.Node, path string, hops int) (pairs []pair) {
	mergePath := join(path, "<<")
	m.places[mergePath] = placeOf(key)
	if value = m.follow(value, mergePath); value == nil {
		return nil
	}
	parts := []*yaml.Node{value}
	if isList(value) {
		parts = value.Content
	}
	for _, part := range parts {
		part = m.follow(part, mergePath)
		if part == nil || !m.spend(mergePath, "") {
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

// keyOf gives a key as it is written, and its place. A number is taken as its digits, so that 101 can be an ID. What is no word, such as
// a list, is a key that no settings have; an alias is no word either, since errors repeat keys and it may stand for any text.
func keyOf(n *yaml.Node) (string, place) {
	if n.Kind != yaml.ScalarNode {
		return "", placeOf(n)
	}
	return n.Value, placeOf(n)
}
