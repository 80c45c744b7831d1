package config

import (
	"reflect"

	"go.yaml.in/yaml/v4"
)

// Entries is a YAML mapping from IDs to settings. It preserves the order of the file, which is the order that visitors see.
type Entries[T any] []Entry[T]

// Entry is one ID of an Entries.
type Entry[T any] struct {
	ID    string
	Value T
	path  string // as in widgets.support
}

// Element returns the type of the settings.
func (Entries[T]) Element() reflect.Type { return reflect.TypeFor[T]() }

// grow adds an entry and returns its settings, for the caller to fill.
func (e *Entries[T]) grow(id, path string) reflect.Value {
	*e = append(*e, Entry[T]{ID: id, path: path})
	return reflect.ValueOf(&(*e)[len(*e)-1].Value).Elem()
}

// growing is any *Entries.
type growing interface {
	Element() reflect.Type
	grow(id, path string) reflect.Value
}

// needsIDs is the hint for a mapping that lacks IDs.
const needsIDs = "give each its own ID, with its settings indented under it"

// entries decodes a mapping from IDs to sections.
func (d *decoder) entries(n *yaml.Node, path string, into growing) {
	pairs, ok := d.tree.pairs(n, path)
	switch {
	case !ok:
		d.add(path, "must be settings under IDs, not "+kind(n), needsIDs)
	case len(pairs) == 0 && !d.tree.exhausted():
		d.add(path, isEmpty, needsOne)
	}
	for _, p := range pairs {
		if d.isSetting(p, into.Element()) {
			d.add(path, "has settings where IDs should be", needsIDs)
			return
		}
	}
	for _, p := range pairs {
		if !isID(p.key) {
			d.add(p.path, "is not a valid ID", "an ID has 1 to 64 characters out of a-z, 0-9, _ and -, and starts with a letter or a digit")
		}
		d.value(p.value, p.path, into.grow(p.key, p.path), rules{})
	}
}

// isSetting reports whether a pair is a setting, because the ID above it is missing.
func (d *decoder) isSetting(p pair, section reflect.Type) bool {
	if isNull(p.value) || isMapping(p.value) {
		return false
	}
	_, known := d.layout(section).fields[p.key]
	return known || isLiteralKey(section, p.key)
}
