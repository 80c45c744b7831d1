// Package config owns the YAML configuration file: its keys, their defaults, its validation, and the secrets that it names.
//
// A file passes through the package in these steps:
//
//	yaml.go      text -> syntax tree    limits of size and nesting; syntax.go and characters.go explain errors
//	decode.go    syntax tree -> File    keys, types, defaults and limits, by the tags in schema.go; mappings.go resolves aliases
//	checker.go   File -> Config         rules that tags can't express, in source.go, widget.go, display.go, hours.go …
//	included.go  the same for each included file; ownership.go decides which file an ID belongs to
//
// Every step adds to one report, so that a person sees all mistakes of a file at once, each with its line.
package config

import (
	"net/netip"
	"time"
)

//go:generate go run ./schemagen

// Config is a valid configuration: users of it check no field again.
type Config struct {
	Listen        string        // host:port of the public service
	Admin         string        // host:port for operators, "" for none
	AdminToken    Secret        // what operators must present; only a loopback address may do without
	TLS           TLS           // of the public service
	Cluster       Cluster       // of several replicas
	H2C           bool          // whether the public service accepts HTTP/2 without TLS; never with TLS
	DataDir       string        // the folder for data that survives a restart, which may not exist yet; "" for none
	ShutdownDelay time.Duration // how long serving goes on after SIGTERM
	NoGallery     bool          // whether the page of all listed widgets is off
	Private       bool          // whether /metrics has exact values
	NoEmbeds      bool          // whether requests aren't counted by site
	PublicURL     string        // where visitors reach the service, without a slash at the end; "" when the file has none
	Phrases       Phrases       // they replace those of the catalog; nil for none
	Sources       []Source      // of the file itself, then those of included files by name
	Widgets       []Widget      // likewise
	Webhooks      []Webhook     // in the order of the file
	Included      []FileState   // by name; nil without include
	Files         []string      // that the file names and Load read: included files, keys and certificates
	Notes         []Problem     // what was read, but should be written in another way; those of sources are there
	Patterns      []string      // of include; a new file that matches one belongs to the configuration

	RateLimit      RateLimit
	Events         Events
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; masked, IPv4 as such; nil for none
}

// FileState is the state of an included file.
type FileState struct {
	Name     string    // its path; relative to the folder of the configuration file where include is so
	Problems []Problem // why its contents are not in force; nil if they are
	Previous bool      // with Problems: whether its previous sources and widgets stay in force
}

// Source is one upstream server, in the order of the file.
type Source struct {
	Name     string        // its ID in the file
	File     string        // the Name of the included file that has it; "" for the configuration file
	URL      string        // http or https, up to but not including /api/v1, without a slash at the end
	Key      Secret        // empty only if the source can't be polled, see Usable
	KeyFrom  string        // what the file says of the key: "key_env NAME" or "key_file PATH"
	Mode     Mode          // how values arrive
	Interval time.Duration // between two polls, 100ms to 1h
	Timeout  time.Duration // of one upstream request, 100ms to 1m
	CA       []byte        // PEM with at least one certificate, nil without ca_file

	ServerName string // the name in the server's certificate; "" for the host of URL
	ClientCert []byte // PEM: the certificate that the server demands, and its chain; nil without client_cert_file
	ClientKey  Secret // PEM, of ClientCert

	Trouble []Problem // why a file or a variable that it names can't be read, nil if all can; the previous contents stay in use
	Notes   []Problem // what was read from them, but should be written in another way
}

// Usable reports whether the source has a key. If not, Trouble holds the reason.
func (s Source) Usable() bool { return s.Key.Reveal() != "" }

// Mode is how the values of a source arrive.
type Mode string

// The modes of a source.
const (
	ModeAuto      Mode = "auto"      // poll, and subscribe to changes where the server supports it
	ModePoll      Mode = "poll"      // only poll
	ModeSubscribe Mode = "subscribe" // like auto, but log an error while the subscription is unavailable
)

// Widget is one embeddable widget, in the order of the file.
type Widget struct {
	ID         string
	File       string            // the Name of the included file that has it; "" for the configuration file
	Title      string            // never empty
	Locale     string            // a tag that package locale supports
	Zone       *time.Location    // of the times that visitors see; nil for that of Hours, or UTC without Hours
	Unlisted   bool              // whether the public list leaves it out
	Origins    []string          // who may embed it, as scheme://host[:port] in lower case, the host perhaps *.host; nil for any site
	StaleAfter time.Duration     // an older value is marked stale; at least the interval of each source that it shows
	HideAfter  time.Duration     // an older value is not shown; at least StaleAfter
	Notice     string            // an additional text for visitors, "" for none
	Notices    []ScheduledNotice // in place of Notice at certain times; the first one counts
	Hours      *Hours            // when it is open, nil for always
	Metrics    []WidgetMetric    // at least one, in the order to show
}

// Rows returns how many metrics the widget has, and how many lines they have for levels, links and what is typical.
func (w *Widget) Rows() (metrics, extras int) {
	for _, m := range w.Metrics {
		if m.Link != nil || m.Levels.Unit != "" {
			extras++
		}
		if m.History.Keep > 0 {
			extras += 2 // the text wraps in narrow columns
		}
	}
	return len(w.Metrics), extras
}

// WidgetMetric is one value of a widget.
type WidgetMetric struct {
	ID         string   // unique within its widget
	Source     string   // the Name of one of the sources
	Metric     string   // the upstream's metric ID or its exact name
	Categories []string // the category values that count, nil for all
	Combine    string   // how several values become one: max, min, sum, mean or count
	Label      string   // never empty
	Display    Display  // what visitors may see of the value
	Levels     Levels   // where its levels start
	Link       *Link    // the link next to it, nil for none
	History    History
	Estimate   *Estimate // nil: it is read; otherwise Metric is empty
}

// History is what a metric remembers. The zero History is nothing.
type History struct {
	Keep      time.Duration
	MinWeeks  int
	Low, High float64 // the part of the time that is typical; Low is less than High
	Alone     bool    // the typical range is shown without a value
}
