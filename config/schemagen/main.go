// Command schemagen writes docs/waitboard.schema.json, the JSON Schema of the configuration file for editors, and docs/configuration.md. It
// reads the types of package config, their tags and their comments. Run it with: go generate ./config
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/invopop/jsonschema"

	"waitboard/config"
	"waitboard/internal/comments"
	"waitboard/locale"
)

func main() {
	// go generate runs this in the folder of package config.
	for file, generate := range map[string]func(string) ([]byte, error){
		"../docs/waitboard.schema.json": generateSchema,
		"../docs/configuration.md":      generateMarkdown,
	} {
		text, err := generate(".")
		if err == nil {
			err = os.WriteFile(file, text, 0o644) //nolint:gosec // it is for everyone to read
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "schemagen:", err)
			os.Exit(1)
		}
	}
}

// generateSchema returns the schema as indented JSON. folder holds the source of package config, for its comments.
func generateSchema(folder string) ([]byte, error) {
	schema, _, err := reflected(folder)
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	return append(text, '\n'), err
}

// generateMarkdown returns docs/configuration.md.
func generateMarkdown(folder string) ([]byte, error) {
	schema, described, err := reflected(folder)
	if err != nil {
		return nil, err
	}
	return markdown(schema, described)
}

// reflected returns the schema of the file and the comments of its types.
func reflected(folder string) (schema *jsonschema.Schema, described map[string]string, err error) {
	if described, err = comments.Read(folder, reflect.TypeFor[config.File]()); err != nil {
		return nil, nil, err
	}
	schema = reflector(described).Reflect(config.File{})
	schema.Title = "waitboard configuration"
	return schema, described, nil
}

// reflector returns a Reflector for the types of package config. It writes out each type where it is used, since none is used twice.
func reflector(described map[string]string) *jsonschema.Reflector {
	r := &jsonschema.Reflector{
		Anonymous:                  true,
		DoNotReference:             true,
		RequiredFromJSONSchemaTags: true,
		FieldNameTag:               "yaml",
		CommentMap:                 described,
	}
	r.Mapper = func(t reflect.Type) *jsonschema.Schema {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if entries, ok := reflect.Zero(t).Interface().(interface{ Element() reflect.Type }); ok {
			return mapping(reflector(described).ReflectFromType(entries.Element()))
		}
		if short, ok := reflect.Zero(t).Interface().(interface{ Section() reflect.Type }); ok {
			return shortOrFull(r, reflector(described).ReflectFromType(short.Section()), short.Section())
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

// mapping returns the schema of at least one ID with its settings.
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

// shortOrFull returns the schema of a section, or of the value of its first key alone.
func shortOrFull(r *jsonschema.Reflector, full *jsonschema.Schema, section reflect.Type) *jsonschema.Schema {
	full.Version = ""
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{r.Mapper(section.Field(0).Type), full}}
}

// amount returns the schema of a duration or a number.
func amount() *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Type: "string", Pattern: config.DurationPattern},
		{Type: "number", ExclusiveMinimum: "0"},
	}}
}

// phrases returns the schema of a mapping from languages to phrases by key.
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

// hours returns the schema of a mapping from days, which match pattern, to hours.
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

// oneOrMore returns the schema of a text or a list of different texts.
func oneOrMore() *jsonschema.Schema {
	one := uint64(1)
	text := &jsonschema.Schema{Type: "string", MinLength: &one}
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		text,
		{Type: "array", Items: text, MinItems: &one, UniqueItems: true},
	}}
}
