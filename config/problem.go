package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxProblems is how many problems one Error lists; a file with more is broken as a whole, and a screen holds no more.
const maxProblems = 200

// Error is what is wrong with a configuration file, all of it.
type Error struct {
	Problems []Problem // at least one, sorted by line; those of included files come last
	Files    []string  // that the file names and that were looked for; correcting one of them may be the remedy
	Patterns []string  // of include: where files may come that are the remedy
	cause    error     // why the file could not be read, if that is the problem
}

// Error has one line for each problem, without a newline at the end.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the error of the file system when the file could not be read, nil otherwise.
func (e *Error) Unwrap() error { return e.cause }

// Problem is one mistake.
type Problem struct {
	File    string // as it was named to Load or Parse
	Line    int    // from 1; 0 when the mistake is not in a line, as with a missing file
	Column  int    // from 1, in characters
	Path    string // the key, as in widgets.support.hide_after; "" for the file as a whole
	Message string
	Hint    string // what to do about it, "" when the message says that
}

// String is one line, as in waitboard.yaml:12:5: widgets.support.hide_after: 30s is shorter than stale_after (write …).
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

// place is a position in the file; both count from 1.
type place struct{ line, column int }

// report collects the problems of one file, and knows where its keys stand.
type report struct {
	file     string
	places   map[string]place // of each key and list item, by path
	failed   map[string]bool  // the paths that have a problem
	problems []Problem
	lines    []string     // of the file, if it holds no-break spaces
	spaced   []spacedText // those of its texts that hold some
}

// newReport returns a report without problems.
func newReport(file string) *report {
	return &report{file: file, places: map[string]place{}, failed: map[string]bool{}}
}

// add notes a problem with the value at path. When the file has no such key, it is placed at the nearest key above.
func (r *report) add(path, message, hint string) {
	at, found := r.places[path]
	for above := path; !found && above != ""; at, found = r.places[above] {
		above = above[:max(strings.LastIndexAny(above, ".["), 0)]
	}
	r.addAt(at, path, message, hint)
}

// addAt notes a problem at a place of its own.
func (r *report) addAt(at place, path, message, hint string) {
	r.failed[path] = true
	p := Problem{File: r.file, Line: at.line, Column: at.column, Path: path, Message: message, Hint: hint}
	// An alias brings the same lines in again, with the same mistakes under another path: as many as there are, one is enough to fix.
	same := func(q Problem) bool {
		return q.Line == p.Line && q.Column == p.Column && q.Message == p.Message && q.Hint == p.Hint
	}
	if !p.missing() && slices.ContainsFunc(r.problems, same) || r.full() {
		return
	}
	r.problems = append(r.problems, p)
}

// adopt notes problems that another report has found.
func (r *report) adopt(problems []Problem) {
	for _, p := range problems {
		r.addAt(place{p.Line, p.Column}, p.Path, p.Message, p.Hint)
	}
}

// full says that there are more problems than are listed, so that looking for more is of no use.
func (r *report) full() bool { return len(r.problems) > maxProblems }

// missing says whether the problem is a key that is not there. Several of these share the place of the key above.
func (p Problem) missing() bool { return p.Message == isMissing }

// ok says that nothing has been found wrong with the value at path itself, so that a further check makes sense.
func (r *report) ok(path string) bool { return !r.failed[path] }

// err gives the report as an error.
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
