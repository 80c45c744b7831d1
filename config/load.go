package config

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Load reads and checks the configuration file at path and the files that it includes. env looks up environment variables: os.LookupEnv.
//
// Two kinds of mistakes do not fail Load while something else can be served. Those in an included file are in Config.Included. Those in what
// one source needs (its key, its ca_file) are in Source.Trouble. Any other mistake is an *Error. It holds one problem when the file can't be
// read (errors.Is sees the cause, as with os.ReadFile), and all problems otherwise.
func Load(path string, env func(name string) (value string, ok bool)) (*Config, error) {
	return Reload(path, env, nil)
}

// Reload is Load while last is in force. An included file with a mistake leaves its sources and widgets as they are in last. A source whose
// key or ca_file can't be read continues with those of last, unless its url has changed.
func Reload(path string, env func(name string) (value string, ok bool), last *Config) (*Config, error) {
	data, err := readFile(path, maxFileBytes)
	if err == nil {
		return parse(path, data, env, last)
	}
	problem := Problem{File: path, Message: "cannot be read: " + reason(err)}
	if errors.Is(err, fs.ErrNotExist) {
		problem.Hint = "check the path; " + startFrom
	}
	return nil, &Error{Problems: []Problem{problem}, cause: err}
}

// Parse checks the text of a configuration file. Errors call the file by name, and relative paths start at its folder. The error is an
// *Error with every problem. It never repeats data or the environment, except keys, IDs and the names of sources.
func Parse(name string, data []byte, env func(string) (string, bool)) (*Config, error) {
	return parse(name, data, env, nil)
}

// parse implements Parse while last, which may be nil, is in force.
func parse(name string, data []byte, env func(string) (string, bool), last *Config) (*Config, error) {
	r := newReport(name)
	c := newChecker(r, filepath.Dir(name), env)
	if root := parseYAML(r, data); root != nil {
		if config := c.config(decode[File](r, root)); len(r.problems) == 0 {
			config.Notes = r.notes
			return c.complete(config, last)
		}
	}
	for _, s := range c.sources {
		for _, p := range s.Trouble {
			r.addAt(place{p.Line, p.Column}, p.Path, p.Message, p.Hint)
		}
	}
	err := r.err()
	err.Files, err.Patterns = c.files, c.patterns
	return nil, err
}
