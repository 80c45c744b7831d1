package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// part is what an included file adds to the configuration.
type part struct {
	*report
	FileState

	path    string // where it is
	sources []Source
	widgets []Widget
}

// complete adds to a configuration what its included files hold. last is what is in force, nil at a start.
func (c *checker) complete(config, last *Config) (*Config, error) {
	parts := c.parts(config, last)
	owners := ownership{config, filepath.Base(c.report.file), last}
	owners.settle(parts)
	for _, p := range parts {
		p.finish(config)
	}
	for _, p := range parts {
		config.Sources = append(config.Sources, p.sources...)
		config.Widgets = append(config.Widgets, p.widgets...)
		config.Included = append(config.Included, p.FileState)
	}
	config.Files, config.Patterns = c.files, c.patterns
	carryKeys(config.Sources, last)
	if problems := c.nothingToServe(config, last); problems != nil {
		return nil, &Error{Problems: problems, Files: c.files, Patterns: c.patterns}
	}
	return config, nil
}

// parts reads all included files.
func (c *checker) parts(config, last *Config) (parts []*part) {
	left := int64(maxFileBytes)
	for _, f := range c.find(c.patterns) {
		p := &part{report: newReport(c.located(f.path)), path: c.located(f.path)}
		p.Name = f.path
		parts = append(parts, p)
		if f.err != nil {
			p.refuse("the folder cannot be searched: "+strings.Replace(reason(f.err), "such file", "such folder", 1), "")
			parts = append(parts, c.unseen(p, last)...)
			continue
		}
		c.files = append(c.files, p.path)
		c.read(p, config, &left)
		switch {
		case len(p.problems) == 0:
		case isGone(p.path):
			p.fallBack(nil)
		default:
			p.fallBack(last)
		}
	}
	return parts
}

// refuse notes what is wrong with a file as a whole.
func (p *part) refuse(message, hint string) {
	p.problems = append(p.problems, Problem{File: p.file, Message: message, Hint: hint})
}

// unseen returns the files of last in a folder that can't be searched. They stay as they were.
func (c *checker) unseen(folder *part, last *Config) (parts []*part) {
	if last == nil {
		return nil
	}
	for _, before := range last.Included {
		path := c.located(before.Name)
		if filepath.Dir(path) != folder.path || before.Name == folder.Name {
			continue
		}
		p := &part{report: newReport(path), path: path}
		p.Name = before.Name
		p.refuse("cannot be read: its folder cannot be searched", "")
		p.fallBack(last)
		c.files = append(c.files, path)
		parts = append(parts, p)
	}
	return parts
}

// read reads and checks one included file. left is how many bytes all that follow may have.
func (c *checker) read(p *part, config *Config, left *int64) {
	data, err := readFile(p.path, maxIncludedBytes)
	*left -= int64(len(data))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !isGone(p.path):
		p.refuse("cannot be read: it is a link that leads to no file", "")
	case err != nil:
		p.refuse("cannot be read: "+reason(err), "")
	case len(data) > maxIncludedBytes:
		p.refuse(fmt.Sprintf("is larger than %d MiB", maxIncludedBytes>>20), "put its widgets into several files")
	case *left < 0:
		p.refuse(fmt.Sprintf("the included files together are larger than %d MiB", maxFileBytes>>20), "this file and those after it by name are not read")
	default:
		c.check(p, config, data)
	}
}

// check checks the text of one included file.
func (c *checker) check(p *part, config *Config, data []byte) {
	inner := *c
	inner.report, inner.folder, inner.name = p.report, filepath.Dir(p.path), p.Name
	inner.sources, inner.shared, inner.byName = nil, config.Sources, map[string]int{}
	doc := parseYAML(p.report, data)
	if doc == nil {
		return
	}
	if file := decode[FileIncluded](newDecoder(p.report, maxSteps(doc.parts)), doc.root); file != nil {
		p.sources, p.widgets = inner.contents(file.Sources, file.Widgets)
	}
	c.files = inner.files
}

// fallBack puts what last has of the file in place of what it holds now.
func (p *part) fallBack(last *Config) {
	p.sources, p.widgets, p.Kept = nil, nil, false
	if last == nil {
		return
	}
	for _, s := range last.Sources {
		if s.File == p.Name {
			p.sources = append(p.sources, s)
		}
	}
	for _, w := range last.Widgets {
		if w.File == p.Name {
			p.widgets = append(p.widgets, w)
		}
	}
	p.Kept = len(p.sources) > 0 || len(p.widgets) > 0
}

// finish states what is wrong with the file, and drops what it can't have: at a start everything of a file with a mistake; later what of
// before does not go with the configuration file of now.
func (p *part) finish(config *Config) {
	if len(p.problems) == 0 {
		return
	}
	main := func(name string) bool {
		return slices.ContainsFunc(config.Sources, func(s Source) bool { return s.Name == name })
	}
	lost := map[string]bool{}
	p.sources = slices.DeleteFunc(p.sources, func(s Source) bool {
		lost[s.Name] = main(s.Name)
		return lost[s.Name]
	})
	p.widgets = slices.DeleteFunc(p.widgets, func(w Widget) bool {
		return slices.ContainsFunc(config.Widgets, func(other Widget) bool { return other.ID == w.ID }) ||
			slices.ContainsFunc(w.Metrics, func(m Metric) bool {
				own := slices.ContainsFunc(p.sources, func(s Source) bool { return s.Name == m.Source })
				return lost[m.Source] || !own && !main(m.Source)
			})
	})
	p.Kept = len(p.sources) > 0 || len(p.widgets) > 0
	p.Problems = p.err().Problems
}

// carryKeys gives sources in trouble the keys and certificates of before. A source with another url never gets them.
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
			s.Key, s.CA = last.Sources[n].Key, last.Sources[n].CA
		}
	}
}

// nothingToServe returns why there is nothing to serve, nil if there is something. A running service may lose its last included file.
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
		problems = []Problem{{File: c.report.file, Message: "there is nothing to serve: no source, or no widget, neither here nor in the files of include", Hint: "check the patterns of include"}}
	}
	return problems
}
