package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// includedFile holds what an included file adds to the configuration.
type includedFile struct {
	*report
	FileState

	path    string
	sources []Source
	widgets []Widget
}

// complete adds the contents of included files to a configuration. last is in force, nil at a start.
func (c *checker) complete(config, last *Config) (*Config, error) {
	all := c.readIncluded(config, last)
	ownership{config, filepath.Base(c.report.file), last}.settle(all)
	for _, f := range all {
		f.finish(config)
	}
	for _, f := range all {
		config.Sources = append(config.Sources, f.sources...)
		config.Widgets = append(config.Widgets, f.widgets...)
		config.Included = append(config.Included, f.FileState)
	}
	if config.RateLimit.Per == 0 { // rate_limit isn't set
		config.RateLimit = defaultRateLimit(config.Sources)
	}
	config.Files, config.Patterns = c.files, c.patterns
	carryKeys(config.Sources, last)
	c.completeWebhooks(config, last)
	if problems := c.nothingToServe(config, last); problems != nil {
		return nil, &Error{Problems: problems, Files: c.files, Patterns: c.patterns}
	}
	return config, nil
}

// readIncluded reads all included files.
func (c *checker) readIncluded(config, last *Config) (all []*includedFile) {
	for _, match := range c.find(c.patterns) {
		f := c.newIncluded(match.path)
		all = append(all, f)
		if match.err != nil {
			f.reject("the folder cannot be searched: "+strings.Replace(reason(match.err), "such file", "such folder", 1), "")
			all = append(all, c.unseen(f, last)...)
			continue
		}
		c.files = append(c.files, f.path)
		c.read(f, config)
		switch {
		case len(f.problems) == 0:
		case isGone(f.path):
			f.fallBack(nil)
		default:
			f.fallBack(last)
		}
	}
	return all
}

func (c *checker) newIncluded(name string) *includedFile {
	path := c.located(name)
	return &includedFile{report: newReport(path), FileState: FileState{Name: name}, path: path}
}

// reject adds a problem of the file as a whole.
func (f *includedFile) reject(message, hint string) {
	f.problems = append(f.problems, Problem{File: f.file, Message: message, Hint: hint})
}

// unseen returns the files of last in a folder that can't be searched. They stay in force.
func (c *checker) unseen(folder *includedFile, last *Config) (all []*includedFile) {
	if last == nil {
		return nil
	}
	for _, before := range last.Included {
		f := c.newIncluded(before.Name)
		if filepath.Dir(f.path) != folder.path || before.Name == folder.Name {
			continue
		}
		f.reject("cannot be read: its folder cannot be searched", "")
		f.fallBack(last)
		c.files = append(c.files, f.path)
		all = append(all, f)
	}
	return all
}

// read reads and checks one included file.
func (c *checker) read(f *includedFile, config *Config) {
	data, err := readFile(f.path, maxFileBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !isGone(f.path):
		f.reject("cannot be read: it is a link that leads to no file", "")
		return
	case err != nil:
		f.reject("cannot be read: "+reason(err), "")
		return
	case len(data) > maxFileBytes:
		f.reject(fmt.Sprintf("is larger than %d MiB", maxFileBytes>>20), "put its widgets into several files")
		return
	}
	root := parseYAML(f.report, data)
	if root == nil {
		return
	}
	inner := *c
	inner.report, inner.folder, inner.included = f.report, filepath.Dir(f.path), f.Name
	inner.sources, inner.shared = nil, config.Sources
	if file := decode[FileIncluded](f.report, root); file != nil {
		f.sources, f.widgets = inner.contents(file.Sources, file.Widgets)
	}
	c.files = inner.files
}

// fallBack replaces the file's contents by those of last.
func (f *includedFile) fallBack(last *Config) {
	f.sources, f.widgets = nil, nil
	if last == nil {
		return
	}
	f.sources = slices.DeleteFunc(slices.Clone(last.Sources), func(s Source) bool { return s.File != f.Name })
	f.widgets = slices.DeleteFunc(slices.Clone(last.Widgets), func(w Widget) bool { return w.File != f.Name })
}

// finish states the problems of a file. It drops previous contents that do not fit the present configuration file.
func (f *includedFile) finish(config *Config) {
	if len(f.problems) == 0 {
		return
	}
	named := func(name string) func(Source) bool {
		return func(s Source) bool { return s.Name == name }
	}
	lost := map[string]bool{}
	f.sources = slices.DeleteFunc(f.sources, func(s Source) bool {
		lost[s.Name] = slices.ContainsFunc(config.Sources, named(s.Name))
		return lost[s.Name]
	})
	f.widgets = slices.DeleteFunc(f.widgets, func(w Widget) bool {
		taken := slices.ContainsFunc(config.Widgets, func(other Widget) bool { return other.ID == w.ID })
		return taken || slices.ContainsFunc(w.Metrics, func(m WidgetMetric) bool {
			return lost[m.Source] || !slices.ContainsFunc(f.sources, named(m.Source)) && !slices.ContainsFunc(config.Sources, named(m.Source))
		})
	})
	f.Previous = len(f.sources) > 0 || len(f.widgets) > 0
	f.Problems = f.err().Problems
}

// carryKeys gives sources in trouble their previous keys and certificates, unless their url has changed.
func carryKeys(sources []Source, last *Config) {
	if last == nil {
		return
	}
	for i := range sources {
		s := &sources[i]
		n := slices.IndexFunc(last.Sources, func(before Source) bool {
			return before.Name == s.Name && before.File == s.File && before.URL == s.URL
		})
		if s.Trouble != nil && n >= 0 {
			before := last.Sources[n]
			s.Key, s.CA, s.ClientCert, s.ClientKey = before.Key, before.CA, before.ClientCert, before.ClientKey
		}
	}
}

// nothingToServe returns why nothing can be served, nil if something can. A running service may lose its last included file.
func (c *checker) nothingToServe(config, last *Config) (problems []Problem) {
	if len(config.Widgets) > 0 && slices.ContainsFunc(config.Sources, Source.Usable) {
		return nil
	}
	for _, s := range config.Sources {
		problems = append(problems, s.Trouble...)
	}
	for _, f := range config.Included {
		problems = append(problems, f.Problems...)
	}
	if problems == nil && last == nil {
		problems = []Problem{{File: c.report.file, Message: "there is nothing to serve: neither this file nor those that include lists have both a source and a widget", Hint: "check the patterns of include"}}
	}
	return problems
}
