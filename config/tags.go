package config

import (
	"iter"
	"reflect"
	"strconv"
	"strings"
	"time"

	"waitboard/internal/durations"
)

// rules holds what the tags in schema.go say about one key.
type rules struct {
	name                 string
	required             bool
	standard             string // the default, as a file would have it; "" for none
	example              string
	enum                 []string // nil for any text
	minLength, maxLength int      // in characters, of each text; 0 for no limit
	orInteger            bool     // whether a text of digits needs no quotes
	min, max             time.Duration
	smallest, largest    float64 // of a number
}

// rulesOf returns the rules of each field of a section, by field index. Tests check the tags, so a malformed one is only a zero here.
func rulesOf(section reflect.Type) []rules {
	all := make([]rules, section.NumField())
	for i := range all {
		tag := section.Field(i).Tag
		rule := rules{name: tag.Get("yaml")}
		rule.min, _ = durations.Parse(tag.Get("min"))
		rule.max, _ = durations.Parse(tag.Get("max"))
		for name, value := range TagWords(tag.Get("jsonschema")) {
			switch name {
			case "required":
				rule.required = true
			case "default":
				rule.standard = value
			case "example":
				rule.example = value
			case "enum":
				rule.enum = append(rule.enum, value)
			case "oneof_type":
				rule.orInteger = value == "string;integer"
			case "minimum":
				rule.smallest, _ = strconv.ParseFloat(value, 64)
			case "maximum":
				rule.largest, _ = strconv.ParseFloat(value, 64)
			case "minLength":
				rule.minLength, _ = strconv.Atoi(value)
			case "maxLength":
				rule.maxLength, _ = strconv.Atoi(value)
			}
		}
		all[i] = rule
	}
	return all
}

// TagWords returns the words of a jsonschema tag, each with its value. The tag writes a comma in a value as \, .
func TagWords(tag string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for word := range strings.SplitSeq(strings.ReplaceAll(tag, `\,`, "\x00"), ",") {
			name, value, _ := strings.Cut(word, "=")
			if !yield(name, strings.ReplaceAll(value, "\x00", ",")) {
				return
			}
		}
	}
}

// layout describes the keys of a section.
type layout struct {
	rules  []rules        // of each field, by its index
	fields map[string]int // their indexes, by key
}

// layout returns the layout of a section. It parses the tags once.
func (d *decoder) layout(section reflect.Type) *layout {
	if l, known := d.layouts[section]; known {
		return l
	}
	l := &layout{rulesOf(section), map[string]int{}}
	for i, rule := range l.rules {
		l.fields[rule.name] = i
	}
	d.layouts[section] = l
	return l
}

// like returns a hint that shows how to write the key.
func (r rules) like() string {
	if r.example == "" {
		return ""
	}
	return "for example " + r.name + ": " + r.example
}

// or joins words as in "max, min or sum".
func or(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
