package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

const (
	// maxValues limits the values of a file, counting each repetition by an alias. The parser limits aliases only where it decodes; here a
	// few lines of aliases could stand for billions of values.
	maxValues = 300_000
	// maxMerges limits a chain of merges, which may be a circle.
	maxMerges = 20
)

// mappings reads mappings from the syntax tree. It resolves aliases and merge keys (<<).
type mappings struct {
	*report
	left int // how many values may follow
}

// pair is one key of a mapping.
type pair struct {
	key   string
	path  string
	value *yaml.Node
}

// count counts a value, a long text as several. It reports, once, that the file has too many.
func (m *mappings) count(path string, bytes int) bool {
	before := m.left
	m.left -= 1 + bytes/100
	if before > 0 && m.left <= 0 {
		m.add(path, "the file has too many values, counting those that aliases (*…) repeat", "use fewer aliases")
	}
	return !m.exhausted()
}

// exhausted reports that reading has stopped, so that a key that seems missing may be in the file.
func (m *mappings) exhausted() bool { return m.left <= 0 || m.full() }

// pairs returns the keys of a mapping, its own first, in the order of the file, and notes their places. ok is false when n is no mapping.
func (m *mappings) pairs(n *yaml.Node, path string) (pairs []pair, ok bool) {
	return m.collect(n, path, 0)
}

// collect implements pairs for a mapping that so many merges lead to.
func (m *mappings) collect(n *yaml.Node, path string, merges int) (pairs []pair, ok bool) {
	if !isMapping(n) {
		return nil, false
	}
	lines := make(map[string]int, len(n.Content)/2) // of the keys so far
	var merge, merged *yaml.Node                    // the merge key and its value
	for i := 0; i < len(n.Content); i += 2 {
		at, value := startOf(n.Content[i]), resolve(n.Content[i+1])
		key := "" // a list, or an alias, which may stand for a secret
		if n.Content[i].Kind == yaml.ScalarNode {
			key = n.Content[i].Value // digits for a number, so that 101 can be an ID
		}
		if !m.count(path, len(key)+len(value.Value)) {
			break
		}
		p := pair{key, join(path, display(path, key, at)), value}
		first, again := lines[key]
		if !again {
			lines[key] = at.line
		}
		switch isMerge := n.Content[i].Tag == "!!merge"; {
		case again && isMerge:
			m.addAt(at, join(path, key), fmt.Sprintf("is repeated; it is in line %d already", first), "merge a list: <<: [*one, *other]")
		case again:
			m.addAt(at, p.path, fmt.Sprintf("is repeated; it is in line %d already", first), "remove one of them")
		case isMerge:
			merge, merged = n.Content[i], value
		default:
			m.places[p.path] = at
			pairs = append(pairs, p)
		}
	}
	if merge == nil {
		return pairs, true
	}
	m.places[join(path, "<<")] = startOf(merge)
	for _, p := range m.merged(merged, path, merges+1) {
		if _, own := lines[p.key]; !own {
			lines[p.key] = 0
			pairs = append(pairs, p)
		}
	}
	return pairs, true
}

// merged returns the keys that a merge key brings in: those of one mapping, or of a list of mappings, the first of which wins.
func (m *mappings) merged(value *yaml.Node, path string, merges int) (pairs []pair) {
	mergePath := join(path, "<<")
	parts := []*yaml.Node{value}
	if isList(value) {
		parts = value.Content
	}
	for _, part := range parts {
		part = resolve(part)
		if !m.count(mergePath, 0) {
			return pairs
		}
		if merges > maxMerges {
			m.add(mergePath, "the settings are merged into themselves", "remove this line")
			return nil
		}
		more, ok := m.collect(part, path, merges)
		if !ok {
			m.add(mergePath, "must be an alias of settings, not "+kind(part), "as in <<: *defaults")
		}
		pairs = append(pairs, more...)
	}
	return pairs
}

// join returns the path of a key.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// display returns how paths show a key of the section at path.
func display(path, key string, at place) string {
	if isPlain(key) && (!mayBeSecret(path) || isSourceWord(path, key)) {
		return key
	}
	return fmt.Sprintf("(the key in line %d)", at.line)
}
