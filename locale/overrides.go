package locale

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/feature/plural"
)

// A PhraseError is one problem of an override.
type PhraseError struct {
	Key     string
	Form    string // the plural category; "": the whole phrase
	Problem string
	Hint    string // what to do about it; may be empty
}

// Error returns one line.
func (e PhraseError) Error() string {
	text := fmt.Sprintf("phrase %q", e.Key)
	if e.Form != "" {
		text += fmt.Sprintf(", form %q", e.Form)
	}
	text += ": " + e.Problem
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// PhraseErrors lists all problems of the overrides given to New, sorted by key. It isn't empty.
type PhraseErrors []PhraseError

// Error returns a line for each, without a final newline.
func (e PhraseErrors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// maxPhrase is in characters.
const maxPhrase = 300

func (c *catalog) checkAll(overrides map[string]Message) PhraseErrors {
	var problems PhraseErrors
	for _, key := range slices.Sorted(maps.Keys(overrides)) {
		problems = append(problems, c.check(key, overrides[key])...)
	}
	return problems
}

// check returns the problems of an override for key.
func (c *catalog) check(key string, m Message) (problems PhraseErrors) {
	english, known := catalogOf(supported[0]).messages[key]
	add := func(form, problem, hint string) {
		problems = append(problems, PhraseError{Key: key, Form: form, Problem: problem, Hint: hint})
	}
	switch {
	case !known:
		add("", "is not known", suggestion(key))
	case m.Forms == nil:
		needs := c.needs(key, english, "")
		problems = append(problems, checkText(key, "", m.Text, needs)...)
	case m.Text != "":
		add("", "has both one text and plural forms", "write one of them")
	case english.Forms == nil:
		add("", "does not depend on a number", "write one text")
	default:
		if _, ok := m.Forms["other"]; !ok {
			add("", `lacks the plural form "other"`, "it stands for each form that is not given")
		}
		for _, form := range slices.Sorted(maps.Keys(m.Forms)) {
			if !slices.Contains(c.formNames(), form) {
				add(form, fmt.Sprintf("is not a plural form of %s", c.name), "it has "+strings.Join(c.formNames(), ", "))
				continue
			}
			problems = append(problems, checkText(key, form, m.Forms[form], c.needs(key, english, form))...)
		}
	}
	return problems
}

// A need is a placeholder that a phrase must have.
type need struct {
	name     string
	optional bool
}

// needs returns the placeholders of the English phrase. Optional are the number in a form for a single number, and the zone of opening
// hours, for a company whose visitors all live in its zone.
func (c *catalog) needs(key string, english Message, form string) (needs []need) {
	text := english.Text
	if english.Forms != nil {
		text = english.Forms["other"]
	}
	use := c.forms()[plural.Form(slices.Index(formNames[:], cmp.Or(form, "other")))]
	pieces, _ := split(text)
	for _, p := range pieces {
		if p.name != "" {
			few := use == forOne && form != "" && form != "other"
			needs = append(needs, need{name: p.name, optional: few || p.name == "zone" && key != "as_of"})
		}
	}
	return needs
}

// formNames returns the plural categories of the language, sorted.
func (c *catalog) formNames() (names []string) {
	for form := range c.forms() {
		names = append(names, formNames[form])
	}
	slices.Sort(names)
	return names
}

func checkText(key, form, text string, needs []need) (problems PhraseErrors) {
	add := func(problem, hint string) {
		problems = append(problems, PhraseError{Key: key, Form: form, Problem: problem, Hint: hint})
	}
	switch {
	case strings.TrimSpace(text) == "":
		add("is empty", "")
	case !utf8.ValidString(text):
		add("is not UTF-8", "")
	case utf8.RuneCountInString(text) > maxPhrase:
		add(fmt.Sprintf("is longer than %d characters", maxPhrase), "")
	case strings.ContainsFunc(text, breaksLine):
		add("has a line break or another control character", "write one line")
	case strings.ContainsFunc(text, turnsText):
		add("has an invisible character that changes the direction of text", "leave it out; pages set the direction")
	}
	pieces, ok := split(text)
	if !ok {
		add("has a brace that belongs to no placeholder", "it can have "+cmp.Or(listed(needs), "none"))
	}
	if len(problems) > 0 {
		return problems
	}
	for _, p := range pieces {
		if p.name != "" && !slices.ContainsFunc(needs, func(n need) bool { return n.name == p.name }) {
			add(fmt.Sprintf("has no placeholder {%s}", p.name), "it can have "+cmp.Or(listed(needs), "none"))
		}
	}
	for _, n := range needs {
		if !n.optional && !has(pieces, n.name) {
			add(fmt.Sprintf("lacks {%s}", n.name), "that stands for what it is about")
		}
	}
	return problems
}

func breaksLine(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// Misleads reports whether a character ends a line, or turns the direction of text outside its own (Unicode Standard Annex 9). The plain
// direction marks are harmless.
func Misleads(r rune) bool {
	return r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// Visible reports whether a text has a visible character. Marks and fillers are not visible alone.
func Visible(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Other_Default_Ignorable_Code_Point) && r != '\u2800'
	})
}

func turnsText(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

func listed(needs []need) string {
	names := make([]string, len(needs))
	for i, n := range needs {
		names[i] = "{" + n.name + "}"
	}
	return strings.Join(names, ", ")
}

// suggestion returns the most similar key.
func suggestion(key string) string {
	if len(key) > maxPhrase {
		return ""
	}
	best, fewest := "", max(2, len(key)/2)
	for _, known := range slices.Sorted(maps.Keys(catalogOf(supported[0]).messages)) {
		if n := levenshtein.ComputeDistance(strings.ToLower(key), known); n <= fewest && (n < fewest || best == "") {
			best, fewest = known, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}
