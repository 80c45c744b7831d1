// Package config owns the YAML configuration file: what may stand in it, what is assumed when something is left out, which mistakes are
// refused, and how the keys of the sources are kept out of anything that prints.
//
// The way of a file through the package, one source file for each step:
//
//	yaml.go    text -> syntax tree      size, nesting and anchors; what is no YAML is explained in syntax.go
//	decode.go  syntax tree -> File      keys, types, defaults and limits, all read from the tags in file.go
//	check.go   File -> Config           the rules that tags cannot say, in source.go, widget.go, display.go, hours.go …
//	include.go, part.go                 the same for each file that include names, and who of them owns an ID
//
// Every step adds to one report, so that a person sees all the mistakes of a file at once, each with its line.
package config

import (
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"
	"runtime/debug"
	"time"
)

//go:generate go run ./schemagen

// Config is a configuration that has passed every check: no field needs to be checked again.
type Config struct {
	Listen     string      // host:port of the public service
	Admin      string      // host:port for operators, "" for none
	AdminToken Secret      // what operators must show; empty for nothing, which only a loopback address may have
	TLS        TLS         // of the public service
	H2C        bool        // whether the public service takes HTTP/2 without TLS; never with TLS
	DataDir    string      // the folder for what must survive a restart, which may be there or have to be made; "" for none
	NoGallery  bool        // whether there is no page of all listed widgets
	PublicURL  string      // where visitors reach the service, without a slash at the end; "" when the file does not say
	Phrases    Phrases     // instead of those of the catalog; nil for none
	Sources    []Source    // of the file itself, then those of included files by name
	Widgets    []Widget    // likewise
	Included   []FileState // by name; nil without include
	Files      []string    // that the file names and that were read: included files, keys and certificates
	Patterns   []string    // of include: a file that comes to match one belongs to the configuration

	RateLimit      RateLimit
	Events         Events
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed, without bits after the range, IPv4 as such; nil for none
}

// FileState tells how an included file fares.
type FileState struct {
	Name     string    // its path; relative to the folder of the configuration file where include is so
	Problems []Problem // why its contents are not in force; nil: they are
	Kept     bool      // its sources and widgets of before are in force instead; false: it has none
}

// Source is one upstream server, in the order of the file.
type Source struct {
	Name     string        // its ID in the file
	File     string        // the Name of the included file that has it; "" for the configuration file
	URL      string        // http or https, up to but not including /api/v1, without a slash at the end
	Key      Secret        // empty only if the source can't be asked, see Usable
	Mode     Mode          // how values are fetched
	Interval time.Duration // between two polls, 100ms to 1h
	Timeout  time.Duration // of one upstream request, 100ms to 1m
	CA       []byte        // PEM with at least one certificate, nil without ca_file
	Trouble  []Problem     // why its key or ca_file can't be read; nil: nothing. Those of before are used instead where there are any
}

// Usable tells whether the source has a key to be asked with. If not, Trouble tells why.
func (s Source) Usable() bool { return s.Key.Reveal() != "" }

// Mode says how a source's values are fetched.
type Mode string

// The modes of a source.
const (
	ModeAuto      Mode = "auto"      // ask, and be told of changes where that works
	ModePoll      Mode = "poll"      // only ask
	ModeSubscribe Mode = "subscribe" // like auto, but it is an error while it does not work
)

// Widget is one thing to embed, in the order of the file.
type Widget struct {
	ID         string
	File       string         // the Name of the included file that has it; "" for the configuration file
	Title      string         // never empty
	Locale     string         // a tag that package locale knows
	Zone       *time.Location // in which times are shown; nil for the one of Hours, or UTC without Hours
	Unlisted   bool           // whether it is left out of the public list
	Origins    []string       // who may embed it, as scheme://host[:port] in lower case, perhaps scheme://*.host[:port]; nil for anyone
	StaleAfter time.Duration  // an older value is marked stale; never under the interval of a source it shows
	HideAfter  time.Duration  // an older value is not shown; never under StaleAfter
	Notice     string         // what visitors are told besides, "" for nothing
	Hours      *Hours         // when it is open, nil for always
	Metrics    []Metric       // at least one, in the order to show
}

// Rows is how many metrics the widget has, and how many of them have more to show: levels, or a link.
func (w *Widget) Rows() (metrics, extras int) {
	for _, m := range w.Metrics {
		if m.Link != nil || m.Levels.Unit != "" {
			extras++
		}
	}
	return len(w.Metrics), extras
}

// Metric is one value of a widget.
type Metric struct {
	ID         string   // unique within its widget
	Source     string   // Name of one of the sources
	Metric     string   // the upstream's metric ID or its exact name
	Categories []string // which category values count, nil for all
	Combine    string   // of several values: max, min, sum, mean or count
	Label      string   // never empty
	Display    Display  // what visitors may see of the value
	Levels     Levels   // where its levels start
	Link       *Link    // what is offered beside it, nil for nothing
}

// Load reads and checks the configuration file at path, and those that it includes. A mistake in an included file is in Included, and one in
// what a single source needs (its key, its ca_file) in the source's Trouble, as long as there is something else to serve. Any other mistake is an *Error: with
// one problem when the file cannot be read at all (errors.Is tells why, as with os.ReadFile) and with all of them otherwise.
// env looks up environment variables: os.LookupEnv.
func Load(path string, env func(name string) (value string, ok bool)) (*Config, error) {
	return Reload(path, env, nil)
}

// Reload is Load while last is in force: an included file with a mistake leaves its sources and widgets as they are there, and a source whose
// key or ca_file can't be read goes on with those of last, unless it has another url now.
func Reload(path string, env func(name string) (value string, ok bool), last *Config) (*Config, error) {
	data, err := readFile(path, maxFileBytes)
	if err == nil {
		config, err := parseAfter(last, path, data, env, maxSteps)
		if len(data) > 1<<20 {
			debug.FreeOSMemory() // reading takes up to forty times the file, and what comes next shall not be laid on top of that
		}
		return config, err
	}
	problem := Problem{File: path, Message: "cannot be read: " + reason(err)}
	if errors.Is(err, fs.ErrNotExist) {
		problem.Hint = "check the path; " + startFrom
	}
	return nil, &Error{Problems: []Problem{problem}, cause: err}
}

// Parse checks the text of a configuration file. name is what errors call the file; a relative key_file, ca_file or include starts at its
// folder. The error is an *Error with every problem found. Neither data nor anything that env gives is ever part of an error's text,
// other than keys, IDs and the names of sources.
func Parse(name string, data []byte, env func(string) (string, bool)) (*Config, error) {
	return parse(name, data, env, maxSteps)
}

// parse is Parse with a bound of the steps that a file may cause, by its parts. Tests lower it.
func parse(name string, data []byte, env func(string) (string, bool), steps func(parts int) int) (*Config, error) {
	return parseAfter(nil, name, data, env, steps)
}

// parseAfter is parse while last is in force, which may be nil.
func parseAfter(last *Config, name string, data []byte, env func(string) (string, bool), steps func(parts int) int) (*Config, error) {
	r := newReport(name)
	c := newChecker(r, filepath.Dir(name), env)
	if doc := parseYAML(r, data); doc != nil {
		file := newDecoder(r, steps(doc.parts)).file(doc.root)
		if config := c.config(file); len(r.problems) == 0 {
			return c.complete(config, last)
		}
	}
	for _, s := range c.sources { // what else there is to correct
		r.adopt(s.Trouble)
	}
	err := r.err()
	err.Files, err.Patterns = c.files, c.patterns
	return nil, err
}
