// Command schemagen writes docs/waitboard.schema.json, the JSON Schema of the configuration file, which editors use to complete and
// check it. It is made of the types that package config decodes into, their tags and their comments. Run it by: go generate ./config
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/invopop/jsonschema"

	"waitboard/config"
	"waitboard/locale"
)

func main() {
	// go generate runs this in the folder of package config.
	if err := write(".", "../docs/waitboard.schema.json"); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

// write makes the schema from the source in folder and stores it.
func write(folder, file string) error {
	text, err := generate(folder)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644) //nolint:gosec // it is for everyone to read
}

// generate gives the schema as indented JSON. folder is where the source of package config is, for the comments.
func generate(folder string) ([]byte, error) {
	comments, err := readComments(folder)
	if err != nil {
		return nil, err
	}
	schema := reflector(comments).Reflect(config.File{})
	schema.Title = "waitboard configuration"
	text, err := json.MarshalIndent(schema, "", "  ")
	return append(text, '\n'), err
}

// readComments gives the doc comments of the types by name, each as one line.
func readComments(folder string) (map[string]string, error) {
	// AddGoComments builds its keys from the folder as it is written, so it has to stand in that folder.
	back, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(folder); err != nil {
		return nil, err
	}
	defer func() { _ = os.Chdir(back) }()
	r := new(jsonschema.Reflector)
	if err := r.AddGoComments(reflect.TypeFor[config.File]().PkgPath(), "."); err != nil {
		return nil, err
	}
	for name, text := range r.CommentMap {
		text = strings.Join(strings.Fields(text), " ")
		// A type's comment starts with its Go name, which means nothing to the reader of a YAML file.
		if _, rest, ok := strings.Cut(text, " is "); ok && strings.HasPrefix(text, name[strings.LastIndexByte(name, '.')+1:]) {
			text = strings.ToUpper(rest[:1]) + rest[1:]
		}
		r.CommentMap[name] = text
	}
	return r.CommentMap, nil
}

// reflector turns the types of package config into schemas, each written out where it is used: none is used twice.
func reflector(comments map[string]string) *jsonschema.Reflector {
	r := &jsonschema.Reflector{
		Anonymous:                  true,
		DoNotReference:             true,
		RequiredFromJSONSchemaTags: true,
		FieldNameTag:               "yaml",
		CommentMap:                 comments,
	}
	r.Mapper = func(t reflect.Type) *jsonschema.Schema {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if entries, ok := reflect.Zero(t).Interface().(interface{ Element() reflect.Type }); ok {
			return mapping(reflector(comments).ReflectFromType(entries.Element()))
		}
		if short, ok := reflect.Zero(t).Interface().(interface{ Section() reflect.Type }); ok {
			return shortOrFull(r, reflector(comments).ReflectFromType(short.Section()), short.Section())
		}
		switch t {
		case reflect.TypeFor[time.Duration]():
			return &jsonschema.Schema{Type: "string", Pattern: config.DurationPattern}
		case reflect.TypeFor[config.Amount]():
			return amount()
		case reflect.TypeFor[[]config.Amount]():
			one := uint64(1)
			return &jsonschema.Schema{Type: "array", Items: amount(), MinItems: &one, UniqueItems: true}
		case reflect.TypeFor[config.ByDay]():
			return hours(config.DaysPattern)
		case reflect.TypeFor[config.ByDate]():
			return hours(config.DatePattern)
		case reflect.TypeFor[config.Phrases]():
			return phrases()
		case reflect.TypeFor[[]string]():
			return oneOrMore()
		}
		return nil
	}
	return r
}

// mapping is at least one ID with its settings.
func mapping(settings *jsonschema.Schema) *jsonschema.Schema {
	settings.Version = ""
	one := uint64(1)
	return &jsonschema.Schema{
		Type:                 "object",
		MinProperties:        &one,
		PropertyNames:        &jsonschema.Schema{Pattern: config.IDPattern},
		AdditionalProperties: settings,
	}
}

// shortOrFull is a section, or the value of its first key alone.
func shortOrFull(r *jsonschema.Reflector, full *jsonschema.Schema, section reflect.Type) *jsonschema.Schema {
	full.Version = ""
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{r.Mapper(section.Field(0).Type), full}}
}

// amount is a duration or a number.
func amount() *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Type: "string", Pattern: config.DurationPattern},
		{Type: "number", ExclusiveMinimum: "0"},
	}}
}

// phrases is a mapping from languages to phrases by key.
func phrases() *jsonschema.Schema {
	one := uint64(1)
	text := &jsonschema.Schema{Type: "string", MinLength: &one}
	names := func(all []string) *jsonschema.Schema {
		out := &jsonschema.Schema{}
		for _, name := range all {
			out.Enum = append(out.Enum, name)
		}
		return out
	}
	return &jsonschema.Schema{
		Type:          "object",
		PropertyNames: names(locale.Supported()),
		AdditionalProperties: &jsonschema.Schema{
			Type:          "object",
			Description:   "Phrases in this language, by key.",
			PropertyNames: names(slices.Sorted(maps.Keys(locale.English().Phrases()))),
			AdditionalProperties: &jsonschema.Schema{Description: "What visitors read, with the placeholders of the phrase.", OneOf: []*jsonschema.Schema{
				text,
				{Type: "object", AdditionalProperties: text, Required: []string{"other"}},
			}},
		},
	}
}

// hours is a mapping from days, which look like pattern, to hours.
func hours(pattern string) *jsonschema.Schema {
	one := uint64(1)
	return &jsonschema.Schema{
		Type:          "object",
		MinProperties: &one,
		PropertyNames: &jsonschema.Schema{Pattern: pattern},
		AdditionalProperties: &jsonschema.Schema{Type: "string", Pattern: config.HoursPattern,
			Description: `The hours of the day, as in "08:00-12:00, 13:00-17:00", or closed.`},
	}
}

// oneOrMore is a text or a list of different texts.
func oneOrMore() *jsonschema.Schema {
	one := uint64(1)
	text := &jsonschema.Schema{Type: "string", MinLength: &one}
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		text,
		{Type: "array", Items: text, MinItems: &one, UniqueItems: true},
	}}
}
