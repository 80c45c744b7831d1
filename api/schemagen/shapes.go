package main

import (
	"github.com/invopop/jsonschema"
)

// A shape is one form of an object: its fields and their values. No tag can express it, because it concerns several fields at once.
type shape struct {
	title, description string
	fields             []field
}

// A field is a property of a shape. It is always present, unless it is absent.
type field struct {
	name   string
	schema *jsonschema.Schema // nil: any value
}

func constant(name string, to any) field { return field{name, &jsonschema.Schema{Const: to}} }
func value(kind string) field            { return field{"value", &jsonschema.Schema{Type: kind}} }
func present(name string) field          { return field{name, nil} }
func absent(name string) field           { return field{name, jsonschema.FalseSchema} }

var (
	none, one = uint64(0), uint64(1)
	seconds   = field{"value", &jsonschema.Schema{Type: "number", Minimum: "0"}}
	anything  = field{"metrics", &jsonschema.Schema{MinItems: &one}}
	nothing   = field{"metrics", &jsonschema.Schema{MaxItems: &none}}
)

// shapes holds the forms of each object. An object has exactly one of them.
var shapes = map[string][]shape{
	"Snapshot": {
		{"OpenSnapshot", "A widget with something to show.", []field{
			constant("state", "open"), present("observed_at"), absent("opens_at"), absent("message"), anything}},
		{"ClosedSnapshot", "A closed widget.", []field{
			constant("state", "closed"), constant("stale", false), absent("observed_at"), present("message"), nothing}},
		{"InitializingSnapshot", "A widget whose first values have not arrived.", []field{
			constant("state", "initializing"), constant("stale", false), absent("observed_at"), absent("opens_at"), absent("message"), anything}},
		{"UnavailableSnapshot", "A widget whose values are all too old to show.", []field{
			constant("state", "unavailable"), constant("stale", false), absent("observed_at"), absent("opens_at"), absent("message"), anything}},
	},
	"Metric": {
		{"RunningDurationMetric", "A duration that grows or shrinks.", []field{
			constant("type", "duration"), seconds, absent("range"), present("unit"), present("rate"), present("as_of")}},
		{"DurationMetric", "A duration that stands still, or that the company's display settings changed, such as by rounding.", []field{
			constant("type", "duration"), seconds, absent("range"), present("unit"), absent("rate"), absent("as_of")}},
		{"CountMetric", "A number of something.", []field{
			constant("type", "count"), value("number"), absent("range"), absent("unit"), absent("rate"), absent("as_of")}},
		{"BooleanMetric", "A yes or no.", []field{
			constant("type", "boolean"), value("boolean"), absent("range"), absent("unit"), absent("rate"), absent("as_of")}},
		{"TextMetric", "A text of the phone system. Plain text, not HTML.", []field{
			constant("type", "text"), value("string"), absent("range"), absent("unit"), absent("rate"), absent("as_of")}},
		{"DurationRangeMetric", "A duration that is shown as a range.", []field{
			constant("type", "duration"), absent("value"), present("range"), present("unit"), absent("rate"), absent("as_of")}},
		{"CountRangeMetric", "A number of something that is shown as a range.", []field{
			constant("type", "count"), absent("value"), present("range"), absent("unit"), absent("rate"), absent("as_of")}},
		{"EmptyMetric", "A metric without a current value.", []field{
			value("null"), absent("range"), absent("rate"), absent("as_of"), absent("level"), absent("compared"), absent("link")}},
	},
}

// addShapes adds the shapes to the schema, and other rules about several fields.
func addShapes(root *jsonschema.Schema) {
	for _, s := range shapes["Snapshot"] {
		root.OneOf = append(root.OneOf, s.toSchema())
	}
	shapeMetric(root)
}

// shapeMetric adds what concerns metrics.
func shapeMetric(root *jsonschema.Schema) {
	metric := root.Definitions["Metric"]
	for _, s := range shapes["Metric"] {
		metric.OneOf = append(metric.OneOf, s.toSchema())
	}
	metric.DependentRequired = map[string][]string{"unit": {"type"}}
	root.Definitions["Range"].MinProperties = &one
}

func (s shape) toSchema() *jsonschema.Schema {
	out := &jsonschema.Schema{Title: s.title, Description: s.description, Properties: jsonschema.NewProperties()}
	for _, f := range s.fields {
		if f.schema != nil {
			out.Properties.Set(f.name, f.schema)
		}
		if f.schema != jsonschema.FalseSchema {
			out.Required = append(out.Required, f.name)
		}
	}
	return out
}
