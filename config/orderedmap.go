package config

import (
	"reflect"

	"go.yaml.in/yaml/v4"
)

// Entries is a YAML mapping from IDs to settings, in the order of the file: it is the order in which visitors see things.
type Entries[T any] []Entry[T]

// Entry is one ID of an Entries.
type Entry[T any] struct {
	ID    string
	Value T
	path  string // where it stands, as in widgets.support
}

// Element is the type of the settings.
func (Entries[T]) Element() reflect.Type { return reflect.TypeFor[T]() }

// grow adds an entry and gives its settings, to be filled in.
func (e *Entries[T]) grow(id, path string) reflect.Value {
	*e = append(*e, Entry[T]{ID: id, path: path})
	return reflect.ValueOf(&(*e)[len(*e)-1].Value).Elem()
}

// growing is any *Entries.
type growing interface {
	Element() reflect.Type
	grow(id, path string) reflect.Value
}

// needsIDs is a hint for Entries.
const needsIDs = "give each an ID of its own, with its settings indented under it"

// isSetting says whether a pair that should be an ID with its settings is a setting itself, the ID having been left out.
func (d *decoder) isSetting(p pair, section reflect.Type) bool {
	if n := d.tree.follow(p.value, p.path); n == nil || isNull(n) || isMapping(n) {
		return false
	}
	_, known := d.layout(section).fields[p.key]
	return known || isLiteralKey(section, p.key)
}

// entries decodes a mapping from IDs to sections.
func (d *decoder) entries(n *yaml.Node, path string, into growing) {
	pairs, ok := d.tree.pairs(n, path)
	switch {
	case !ok:
		d.add(path, "must be settings under IDs, not "+kind(n), needsIDs)
	case len(pairs) == 0 && !d.tree.exhausted():
		d.add(path, "is empty", "at least one is needed")
	}
	for _, p := range pairs {
		if d.isSetting(p, into.Element()) {
			d.add(path, "has settings where IDs should be", needsIDs)
			return
		}
	}
	for _, p := range pairs {
		if !isID(p.key) {
			d.add(p.path, "this ID cannot be used", "an ID has 1 to 64 characters out of a-z, 0-9, _ and -, and starts with a letter or a digit")
		}
		d.value(p.value, p.path, into.grow(p.key, p.path), rules{})
	}
}
