package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// isMissing is the message for a required key that is not there.
const isMissing = "is missing"

// isLiteral is the message for a key or token that was written into the file.
const isLiteral = "a key must not be written into the file"

// decoder fills a File from a syntax tree by the tags in file.go. The parser could do so by itself, but stops at the first mistake.
type decoder struct {
	*report
	tree    mappings
	layouts map[reflect.Type]*layout // of the sections read so far
}

// newDecoder returns a decoder that takes at most so many steps.
func newDecoder(r *report, steps int) *decoder {
	return &decoder{report: r, tree: mappings{report: r, left: steps}, layouts: map[reflect.Type]*layout{}}
}

// file decodes the configuration file.
func (d *decoder) file(root *yaml.Node) *File { return decode[File](d, root) }

// decode returns what could be understood of a file, which is a File or a FileIncluded. A key with a problem keeps its default or stays empty.
// The answer is nil when nothing further can sensibly be said about the file.
func decode[F any](d *decoder, root *yaml.Node) *F {
	d.places[""] = place{1, 1}
	file := new(F)
	d.value(root, "", reflect.ValueOf(file).Elem(), rules{})
	if d.tree.exhausted() || !d.ok("") {
		return nil
	}
	return file
}

// value decodes one node into whatever the field is.
func (d *decoder) value(n *yaml.Node, path string, into reflect.Value, rule rules) {
	n = d.tree.follow(n, path)
	if n == nil {
		return
	}
	if isNull(n) {
		hint := "give it one, or remove the key"
		if rule.required {
			hint = "a value is needed"
		}
		d.add(path, "has no value", hint)
		return
	}
	if into.Kind() == reflect.Pointer { // what is nil when it is left out
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch target := into.Addr().Interface().(type) {
	case *string:
		*target = d.text(n, path, rule, *target)
	case *bool:
		*target = d.yesNo(n, path)
	case *int:
		*target = d.whole(n, path, rule)
	case *float64:
		*target = d.number(n, path, rule, *target)
	case *time.Duration:
		*target = d.duration(n, path, rule, *target)
	case *Amount:
		*target = d.amount(n, path)
	case *[]string:
		*target = d.texts(n, path, rule)
	case *Phrases:
		*target = d.phrases(n, path)
	case *[]Amount:
		*target = d.amounts(n, path)
	case *ByDay:
		*target = d.dayTexts(n, path, "mon-fri")
	case *ByDate:
		*target = ByDate(d.dayTexts(n, path, "2026-12-24"))
	case shortened:
		d.short(n, path, target.settings())
	case growing:
		d.entries(n, path, target)
	default:
		d.section(n, path, into, rule)
	}
}

// section decodes a mapping whose keys are the fields of a struct.
func (d *decoder) section(n *yaml.Node, path string, into reflect.Value, rule rules) {
	pairs, ok := d.tree.pairs(n, path)
	if !ok {
		subject := ""
		if path == "" {
			subject = "the file "
		}
		d.add(path, subject+"must be settings, each as key: value, not "+kind(n), rule.like())
		return
	}
	l := d.layout(into.Type())
	setDefaults(into, l.rules)
	present := make([]bool, len(l.rules))
	for _, p := range pairs {
		if i, known := l.fields[p.key]; known {
			present[i] = true
			d.value(p.value, p.path, into.Field(i), l.rules[i])
		} else if !d.full() {
			d.unknown(p, into.Type(), l.rules)
		}
	}
	for i, rule := range l.rules {
		if rule.required && !present[i] && !d.tree.exhausted() {
			hint := rule.like()
			if _, ok := into.Field(i).Addr().Interface().(growing); ok {
				hint = "at least one is needed"
			}
			d.add(join(path, rule.name), isMissing, hint)
		}
	}
}

// short decodes a section that is written as the value of its first key alone, or in full.
func (d *decoder) short(n *yaml.Node, path string, into reflect.Value) {
	if isMapping(n) {
		d.section(n, path, into, rules{})
		return
	}
	all := d.layout(into.Type()).rules
	setDefaults(into, all)
	d.value(n, path, into.Field(0), all[0])
}

// setDefaults fills the fields of a section with their defaults.
func setDefaults(into reflect.Value, all []rules) {
	for i, rule := range all {
		switch target := into.Field(i).Addr().Interface().(type) {
		case *string:
			*target = rule.standard
		case *time.Duration:
			*target, _ = time.ParseDuration(rule.standard) // "" is zero
		case *int:
			*target, _ = strconv.Atoi(rule.standard) // "" is zero
		case *float64:
			*target, _ = strconv.ParseFloat(rule.standard, 64) // "" is zero
		case *bool:
			*target = rule.standard == "true"
		}
	}
}

// unknown reports a key that the section does not have.
func (d *decoder) unknown(p pair, section reflect.Type, all []rules) {
	names := make([]string, len(all))
	for i, rule := range all {
		names[i] = rule.name
	}
	near := Near(p.key, names)
	d.allowNoBreaks(p.value, p.path+".") // whatever it is for
	switch {
	case isLiteralKey(section, p.key):
		hint := "name the environment variable that holds it with key_env, or the file with key_file"
		if section != reflect.TypeFor[FileSource]() {
			hint = "name the environment variable that holds it with admin_token_env"
		}
		d.add(p.path, isLiteral, hint)
	case section == reflect.TypeFor[FileIncluded]() && slices.Contains(topKeys(), p.key):
		d.add(p.path, "can't stand in an included file", "move it to the file that includes this one; known here: "+strings.Join(names, ", "))
	case near != "":
		d.add(p.path, "is not a known key", "did you mean "+near+"?")
	default:
		d.add(p.path, "is not a known key", "known here: "+strings.Join(names, ", "))
	}
}

// kind says what a node is, for "must be text, not a list".
func kind(n *yaml.Node) string {
	switch {
	case isMapping(n):
		return "settings"
	case isList(n):
		return "a list"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "a number"
	case n.Tag == "!!bool":
		return "true or false"
	default:
		return "a text"
	}
}

// join makes the path of a key.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// display is how a key of the section at path appears in paths.
func display(path, key string, at place) string {
	if isPlain(key) && (!mayBeSecret(path) || isSourceWord(path, key)) {
		return key
	}
	return fmt.Sprintf("(the key in line %d)", at.line)
}
