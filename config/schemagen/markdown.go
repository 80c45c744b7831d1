package main

import (
	"bytes"
	_ "embed" // the prose
	"fmt"
	"maps"
	"reflect"
	"slices"
	"text/template"

	"github.com/invopop/jsonschema"

	"waitboard/config"
	"waitboard/locale"
)

// prose holds the parts of docs/configuration.md that people write: templates head, file and tail, and one named by the path of each section.
// A section without a template has the comment of its type.
//
//go:embed configuration.md.tmpl
var prose string

// markdown returns docs/configuration.md: the prose, and a table of the keys of each section.
func markdown(schema *jsonschema.Schema, described map[string]string) ([]byte, error) {
	all := sections("", reflect.TypeFor[config.File](), schema, described)
	written, err := template.New("").Parse(prose)
	if err != nil {
		return nil, err
	}
	for _, t := range written.Templates() {
		if name := t.Name(); name != "" && name != "head" && name != "file" && name != "tail" && !slices.ContainsFunc(all, func(s section) bool { return s.Path == name }) {
			return nil, fmt.Errorf("configuration.md.tmpl has a text for %s, which is not a section", name)
		}
	}
	var out bytes.Buffer
	if err := written.ExecuteTemplate(&out, "head", all); err != nil {
		return nil, err
	}
	for _, s := range all {
		heading, name := "\n## `"+s.Path+"`\n\n", s.Path
		if s.Path == "" {
			heading, name = "\n## The file\n\n", "file"
		}
		out.WriteString(heading)
		if written.Lookup(name) == nil {
			out.WriteString(s.Doc + "\n")
		} else if err := written.ExecuteTemplate(&out, name, s); err != nil {
			return nil, err
		}
		out.WriteString("\n| key | what | default | meaning | example | limits |\n| --- | --- | --- | --- | --- | --- |\n")
		for _, k := range s.Keys {
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", k.Name, k.Type, k.Default, k.Meaning, k.Example, k.Limits)
		}
	}
	err = written.ExecuteTemplate(&out, "tail", phraseRows())
	return out.Bytes(), err
}

// A phraseRow is a phrase that a file can replace, in English.
type phraseRow struct{ Key, English string }

func phraseRows() (rows []phraseRow) {
	catalog := locale.English().Phrases()
	for _, key := range slices.Sorted(maps.Keys(catalog)) {
		text := catalog[key].Text
		if forms := catalog[key].Forms; forms != nil {
			text = forms["other"]
		}
		rows = append(rows, phraseRow{key, text})
	}
	return rows
}
