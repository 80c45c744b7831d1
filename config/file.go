package config

import (
	"reflect"
	"time"
)

// The types below are the configuration file as it is written. They are the one description of it: the decoder reads their tags, and
// schemagen makes docs/waitboard.schema.json from the same tags and comments, which editors show to whoever writes a file. They are
// exported for schemagen only; everyone else wants Config.
//
// The tag jsonschema holds what JSON Schema has a word for (required, default, enum, minLength, maxLength, example), min and max are the
// limits of a duration.

// File is a waitboard configuration file.
type File struct {
	// The address of the public service, as host:port.
	Listen string `yaml:"listen" jsonschema:"default=127.0.0.1:8080,minLength=1,example=0.0.0.0:8080"`
	// The address of the operators' pages (metrics, profiles, dashboard), as host:port. Empty text turns them off. Keep it private.
	Admin string `yaml:"admin" jsonschema:"default=127.0.0.1:9090,example=127.0.0.1:9090"`
	// Where visitors reach the public service, when a proxy stands before it.
	PublicURL string `yaml:"public_url" jsonschema:"minLength=1,example=https://wait.example.com"`
	// The servers to read from. Each has an ID of its own, with its settings under it.
	Sources Entries[FileSource] `yaml:"sources" jsonschema:"required"`
	// What can be embedded. Each has an ID of its own, which is part of its address, with its settings under it.
	Widgets Entries[FileWidget] `yaml:"widgets" jsonschema:"required"`
}

// FileSource is a server to read from: one Chronicall or Xima CCaaS, with one key.
type FileSource struct {
	// The server's address, up to but not including /api/v1. No key or password may stand in it.
	URL string `yaml:"url" jsonschema:"required,minLength=1,example=https://chronicall.example.com:9080/rest"`
	// The name of the environment variable that holds the key. Either this or key_file is needed.
	KeyEnv string `yaml:"key_env" jsonschema:"oneof_required=key_env,minLength=1,example=CHRONICALL_KEY"`
	// The file that holds the key and nothing else; a relative path starts at the folder of this file. Either this or key_env is needed.
	KeyFile string `yaml:"key_file" jsonschema:"oneof_required=key_file,minLength=1,example=/run/secrets/chronicall"`
	// How values are fetched: poll asks at every interval, auto takes the best way that the server offers.
	Mode string `yaml:"mode" jsonschema:"default=auto,enum=auto,enum=poll"`
	// The time between two polls, from 1s to 1h.
	Interval time.Duration `yaml:"interval" jsonschema:"default=10s,example=10s" min:"1s" max:"1h"`
	// How long one request to the server may take, from 1s to 1m.
	Timeout time.Duration `yaml:"timeout" jsonschema:"default=10s,example=10s" min:"1s" max:"1m"`
	// A PEM file with the certificates to trust besides the system's, for a server with a private or self-signed certificate; a relative path starts at the folder of this file.
	CAFile string `yaml:"ca_file" jsonschema:"minLength=1,example=private-ca.pem"`
}

// FileWidget is one thing to embed in web pages.
type FileWidget struct {
	// The heading that visitors see. Default: the widget's ID.
	Title string `yaml:"title" jsonschema:"minLength=1,maxLength=200,example=Customer support"`
	// The web sites that may embed the widget, each as https://www.example.com or, for all names under one, https://*.example.com. Default: any site.
	Origins []string `yaml:"origins" jsonschema:"minLength=1,example=https://www.example.com"`
	// A value older than this is marked stale, from 1s to 24h; at least the interval of the sources. Default: 45s, or three intervals if that is longer.
	StaleAfter time.Duration `yaml:"stale_after" jsonschema:"example=45s" min:"1s" max:"24h"`
	// A value older than this is not shown at all, from 1s to 24h; at least stale_after. Default: 5m, or three times stale_after if that is longer.
	HideAfter time.Duration `yaml:"hide_after" jsonschema:"example=5m" min:"1s" max:"24h"`
	// The values to show, in this order. Each has an ID of its own, with its settings under it.
	Metrics Entries[FileMetric] `yaml:"metrics" jsonschema:"required"`
}

// FileMetric is one value of a widget.
type FileMetric struct {
	// The ID of the source to read from. May be left out when there is only one.
	Source string `yaml:"source" jsonschema:"minLength=1,example=hq"`
	// The metric's ID or its exact name on the server.
	Metric string `yaml:"metric" jsonschema:"required,oneof_type=string;integer,minLength=1,maxLength=300,example=Current Wait Time"`
	// Which category values count, such as groups or agents: one, a list, or the word all. Default: all.
	Category []string `yaml:"category" jsonschema:"minLength=1,maxLength=300,example=Support"`
	// What to show of several values.
	Combine string `yaml:"combine" jsonschema:"default=max,enum=max,enum=min,enum=sum,enum=mean,enum=count"`
	// What visitors read beside the value. Default: the metric's ID in this widget.
	Label string `yaml:"label" jsonschema:"minLength=1,maxLength=200,example=Current wait time"`
}

// IDPattern is what the ID of a source, widget or metric looks like: it becomes part of addresses, of HTML attributes and of metric labels.
const IDPattern = `^[a-z0-9][a-z0-9_-]{0,63}$`

// DurationPattern is what a duration looks like.
const DurationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`

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
