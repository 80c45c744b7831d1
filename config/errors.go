package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxProblems limits the problems of one Error. A file with more is broken as a whole.
const maxProblems = 200

// Error holds all problems of a configuration file.
type Error struct {
	Problems []Problem // at least one, sorted by line; those of included files come last
	Files    []string  // files that the configuration names and Load looked for; a change of one may correct the problem
	Patterns []string  // of include; a new file that matches one may correct the problem
	cause    error     // why the configuration file could not be read; nil otherwise
}

// Error returns one line for each problem, without a newline at the end.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the error of the file system when the file could not be read, nil otherwise.
func (e *Error) Unwrap() error { return e.cause }

// Problem is one mistake in a configuration file.
type Problem struct {
	File    string // as Load or Parse received it
	Line    int    // from 1; 0 when the mistake has no line, as with a missing file
	Column  int    // from 1, in characters
	Path    string // the key, as in widgets.support.hide_after; "" for the file as a whole
	Message string
	Hint    string // what to do about it; "" when the message says so
}

// String returns one line, as in waitboard.yaml:12:5: widgets.support.hide_after: 30s is shorter than stale_after (write …).
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// report collects the problems of one file and the places of its keys.
type report struct {
	file     string
	text     string           // of the file, with plain line ends
	places   map[string]place // of each key and list item, by path
	failed   map[string]bool  // the paths with a problem
	problems []Problem
	notes    []Problem // what was read, but should be written in another way
}

// newReport returns a report without problems.
func newReport(file string) *report {
	return &report{file: file, places: map[string]place{}, failed: map[string]bool{}}
}

// add adds a problem with the value at path. A missing key has the place of the nearest key above.
func (r *report) add(path, message, hint string) {
	r.addAt(r.nearest(path), path, message, hint)
}

// note adds a note on the value at path, which is read all the same.
func (r *report) note(path, message, hint string) {
	at := r.nearest(path)
	r.notes = append(r.notes, Problem{File: r.file, Line: at.line, Column: at.column, Path: path, Message: message, Hint: hint})
}

// nearest returns the place of a key, or of the nearest one above that the file has.
func (r *report) nearest(path string) place {
	at, found := r.places[path]
	for above := path; !found && above != ""; at, found = r.places[above] {
		above = above[:max(strings.LastIndexAny(above, ".["), 0)]
	}
	return at
}

// addAt adds a problem at a place. It skips a mistake that an alias repeats under another path.
func (r *report) addAt(at place, path, message, hint string) {
	r.failed[path] = true
	p := Problem{File: r.file, Line: at.line, Column: at.column, Path: path, Message: message, Hint: hint}
	same := func(q Problem) bool {
		return q.Line == p.Line && q.Column == p.Column && q.Message == p.Message && q.Hint == p.Hint
	}
	// Several missing keys share the place of the key above.
	if message != isMissing && slices.ContainsFunc(r.problems, same) || r.full() {
		return
	}
	r.problems = append(r.problems, p)
}

// full reports that the report has more problems than an Error lists.
func (r *report) full() bool { return len(r.problems) > maxProblems }

// ok reports that no problem with the value at path itself is known, so that a further check makes sense.
func (r *report) ok(paths ...string) bool {
	return !slices.ContainsFunc(paths, func(path string) bool { return r.failed[path] })
}

// has reports whether the file has a key.
func (r *report) has(path string) bool {
	_, ok := r.places[path]
	return ok
}

// item returns the path of a list's item, or that of the list when the file has one value in place of a list.
func (r *report) item(path string, i int) string {
	if item := fmt.Sprintf("%s[%d]", path, i); r.has(item) {
		return item
	}
	return path
}

// noRepeats reports values that a list has twice.
func (r *report) noRepeats(path string, values []string) {
	seen := map[string]bool{}
	for i, value := range values {
		if seen[value] && value != "" {
			r.add(r.item(path, i), "is repeated in this list", "remove one of them")
		}
		seen[value] = true
	}
}

// err returns the report as an error.
func (r *report) err() *Error {
	r.explainNoBreaks()
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if len(r.problems) > maxProblems {
		r.problems = append(r.problems[:maxProblems], Problem{File: r.file, Message: "there are more problems than can be listed", Hint: "correct these first"})
	}
	return &Error{Problems: r.problems}
}
