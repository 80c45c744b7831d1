package main

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"waitboard/config"
)

// A section holds the settings under one path of a file.
type section struct {
	Path string // as in a file, with ID for every ID; "" for the whole file
	Doc  string // the comment of its type
	Keys []key
}

// A key is one row of a section's table. Its texts are Markdown.
type key struct {
	Name, Type, Default, Meaning, Example, Limits string
}

// Anchor returns the name of a link to the section's heading.
func (s section) Anchor() string { return strings.ToLower(strings.ReplaceAll(s.Path, ".", "")) }

// sections returns the section of t, which schema describes, and after it those that it holds.
func sections(path string, t reflect.Type, schema *jsonschema.Schema, described map[string]string) []section {
	here := section{Path: path, Doc: described[t.PkgPath()+"."+t.Name()]}
	var below []section
	for _, f := range reflect.VisibleFields(t) {
		name := f.Tag.Get("yaml")
		property, _ := schema.Properties.Get(name)
		row := newKey(name, f.Tag, property, schema)
		if child, settings, at := inner(f.Type, property); child != nil {
			within := sections(strings.TrimPrefix(path+"."+name+at, "."), child, settings, described)
			row.Meaning += " See [`" + within[0].Path + "`](#" + within[0].Anchor() + ")."
			below = append(below, within...)
		}
		here.Keys = append(here.Keys, row)
	}
	return append([]section{here}, below...)
}

// inner returns the type and schema of the settings that a key holds, and the rest of their path. The type is nil if it holds none.
func inner(t reflect.Type, property *jsonschema.Schema) (child reflect.Type, settings *jsonschema.Schema, at string) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch held := reflect.Zero(t).Interface().(type) {
	case interface{ Element() reflect.Type }:
		return held.Element(), property.AdditionalProperties, ".ID"
	case interface{ Section() reflect.Type }:
		return held.Section(), property.OneOf[1], ""
	}
	if t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Tag.Get("yaml") != "" {
		return t, property, ""
	}
	return nil, nil, ""
}

// newKey returns the row of a key. holder is the schema of the settings that hold it.
func newKey(name string, tags reflect.StructTag, s, holder *jsonschema.Schema) key {
	k := key{Name: "`" + name + "`", Type: typeWords(s), Meaning: s.Description, Default: needed(name, holder)}
	if found := writtenDefault.FindStringSubmatch(k.Meaning); found != nil {
		k.Default, k.Meaning = found[1], strings.Replace(k.Meaning, found[0], " ", 1)
	}
	tagged := func(word string) string { return tagWord(tags.Get("jsonschema"), word) }
	if text := tagged("default"); text != "" {
		k.Default = "`" + text + "`"
	}
	if text := tagged("example"); text != "" {
		k.Example = "`" + text + "`"
	}
	// Comments repeat the limits for editors, which do not show tags. Here they have a column.
	between := func(least, most string) string {
		k.Meaning = strings.Replace(k.Meaning, ", from "+least+" to "+most, "", 1)
		return "`" + least + "` to `" + most + "`"
	}
	switch {
	case tags.Get("max") != "":
		k.Limits = between(tags.Get("min"), tags.Get("max"))
	case tagged("maximum") != "":
		k.Limits = between(tagged("minimum"), tagged("maximum"))
	case tagged("maxLength") != "":
		k.Limits = "up to " + tagged("maxLength") + " characters"
	case isAmount(s):
		k.Limits = "more than 0"
	}
	for _, cell := range []*string{&k.Type, &k.Default, &k.Meaning, &k.Example, &k.Limits} {
		*cell = strings.ReplaceAll(strings.TrimSpace(*cell), "|", `\|`)
	}
	return k
}

// writtenDefault matches a default in a comment, which no tag can hold.
var writtenDefault = regexp.MustCompile(` ?\bDefault: (.+?)\.(?:$| )`)

// needed returns the text of the default column for a key without a default: required, or none.
func needed(name string, holder *jsonschema.Schema) string {
	if slices.Contains(holder.Required, name) {
		return "required"
	}
	for _, group := range slices.Concat(holder.OneOf, holder.AnyOf) {
		if !slices.Contains(group.Required, name) {
			continue
		}
		var all, others []string
		for _, g := range slices.Concat(holder.OneOf, holder.AnyOf) {
			all = append(all, g.Required...)
			if g != group {
				others = append(others, g.Required...)
			}
		}
		with := slices.DeleteFunc(slices.Clone(group.Required), func(key string) bool { return key == name })
		switch {
		case len(with) > 0:
			return "required with " + quoted(with, " and ") + ", unless " + quoted(others, " or ") + " is set"
		case len(others) >= len(holder.OneOf)+len(holder.AnyOf): // some of them belong together
			return "required unless " + quoted(others, " and ") + " are set"
		}
		return quoted(all, " or ") + " is required"
	}
	return "none"
}

func quoted(names []string, separator string) string {
	return "`" + strings.Join(names, "`"+separator+"`") + "`"
}

// tagWord returns the value of a word in a jsonschema tag.
func tagWord(tag, word string) string {
	for name, value := range config.TagWords(tag) {
		if name == word {
			return value
		}
	}
	return ""
}

func isAmount(s *jsonschema.Schema) bool {
	if s.Items != nil {
		return isAmount(s.Items)
	}
	return slices.ContainsFunc(s.OneOf, func(of *jsonschema.Schema) bool { return of.ExclusiveMinimum == "0" || isAmount(of) })
}

var kinds = map[string]string{"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`", "object": "settings"}

// typeWords names the type of a key.
func typeWords(s *jsonschema.Schema) string {
	switch {
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, word := range s.Enum {
			words[i] = "`" + word.(string) + "`"
		}
		return strings.Join(words, ", ")
	case len(s.OneOf) > 0 && s.Properties == nil:
		words := make([]string, len(s.OneOf))
		for i, each := range s.OneOf {
			words[i] = typeWords(each)
		}
		return strings.Join(slices.Compact(words), " or ")
	case s.Items != nil:
		return "list of " + strings.NewReplacer("text", "texts", "duration", "durations", "number", "numbers").Replace(typeWords(s.Items))
	case s.Pattern == config.DurationPattern:
		return "duration"
	case s.AdditionalProperties != nil && s.PropertyNames != nil && s.PropertyNames.Pattern == config.IDPattern:
		return "settings by ID"
	case s.AdditionalProperties != nil && s.PropertyNames != nil && s.PropertyNames.Enum != nil:
		return "texts by language and key"
	case s.AdditionalProperties != nil && s.PropertyNames != nil:
		return "texts by day"
	}
	return kinds[s.Type]
}
