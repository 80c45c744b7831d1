package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// The lines of a page before and after the tables of fields.
const (
	tablesBegin = "<!-- Made of the comments in api/v1 by: go generate ./api/v1 -->\n"
	tablesEnd   = "<!-- End -->\n"
)

func withSnapshotTables(page []byte, root *jsonschema.Schema) ([]byte, error) {
	return withTables(page, definitions(root))
}

// withTables replaces the tables of fields in a page that is otherwise written by hand.
func withTables(page []byte, all []definition) ([]byte, error) {
	before, rest, found := bytes.Cut(page, []byte(tablesBegin))
	_, after, ended := bytes.Cut(rest, []byte(tablesEnd))
	if !found || !ended {
		return nil, fmt.Errorf("the lines around the tables of fields are missing")
	}
	var out bytes.Buffer
	for _, d := range all {
		fmt.Fprintf(&out, "\n**%s.** %s\n\n| field | what | meaning |\n| --- | --- | --- |\n", d.name, strings.TrimSuffix(d.schema.Description, openness))
		for name, property := range d.schema.Properties.FromOldest() {
			what := kindOf(property)
			if !slices.Contains(d.schema.Required, name) {
				what += "; optional"
			}
			fmt.Fprintf(&out, "| `%s` | %s | %s |\n", name, what, property.Description)
		}
	}
	return slices.Concat(before, []byte(tablesBegin), out.Bytes(), []byte("\n"+tablesEnd), after), nil
}

// kindOf names the type of a property.
func kindOf(s *jsonschema.Schema) string {
	kinds, _ := s.Extras["type"].([]string)
	switch {
	case s.Format == "date-time":
		return "time (RFC 3339)"
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, value := range s.Enum {
			words[i] = fmt.Sprintf("`%v`", value)
		}
		return strings.Join(words, ", ")
	case s.Extras["const"] != nil:
		return fmt.Sprintf("`%v`", s.Extras["const"])
	case s.Ref != "":
		name := strings.TrimPrefix(s.Ref, "#/$defs/")
		return map[bool]string{true: "an ", false: "a "}[strings.ContainsRune("AEIOU", rune(name[0]))] + name
	case s.Items != nil && s.Items.Ref == "":
		return "list of " + s.Items.Type + "s"
	case s.Items != nil:
		return "list of " + strings.TrimPrefix(s.Items.Ref, "#/$defs/")
	case len(kinds) > 0:
		return strings.Join(kinds, ", ")
	}
	return s.Type
}
