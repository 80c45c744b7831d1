package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// isMissing is the message for a required key that is not there.
const isMissing = "is missing"

// isLiteral is the message for a key or token that was written into the file.
const isLiteral = "a key must not be written into the file"

// decoder fills a File from a syntax tree by the tags in file.go. goccy/go-yaml could do so by itself, but stops at the first mistake.
type decoder struct {
	*report
	tree mappings
}

// decodeFile gives what could be understood of the file. A key with a problem keeps its default or stays empty. The answer is nil when
// nothing further can sensibly be said about the file.
func decodeFile(r *report, doc *document) *File {
	d := decoder{report: r, tree: mappings{report: r, aliases: doc.aliases}}
	d.places[""] = place{1, 1}
	file := new(File)
	d.value(doc.root, "", reflect.ValueOf(file).Elem(), rules{})
	if d.tree.exhausted() || !d.ok("") {
		return nil
	}
	return file
}

// value decodes one node into whatever the field is.
func (d *decoder) value(n ast.Node, path string, into reflect.Value, rule rules) {
	n = d.tree.follow(n, path)
	if n == nil {
		return
	}
	if n.Type() == ast.NullType {
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
func (d *decoder) section(n ast.Node, path string, into reflect.Value, rule rules) {
	pairs, ok := d.tree.pairs(n, path)
	if !ok {
		subject := ""
		if path == "" {
			subject = "the file "
		}
		d.add(path, subject+"must be settings, each as key: value, not "+kind(n), rule.like())
		return
	}
	all := rulesOf(into.Type())
	fields := map[string]int{}
	setDefaults(into, all)
	for i, rule := range all {
		fields[rule.name] = i
	}
	present := map[string]bool{}
	for _, p := range pairs {
		present[p.key] = true
		if i, known := fields[p.key]; known {
			d.value(p.value, p.path, into.Field(i), all[i])
		} else {
			d.unknown(p, into.Type(), all)
		}
	}
	for i, rule := range all {
		if rule.required && !present[rule.name] && !d.tree.exhausted() {
			hint := rule.like()
			if _, ok := into.Field(i).Addr().Interface().(growing); ok {
				hint = "at least one is needed"
			}
			d.add(join(path, rule.name), isMissing, hint)
		}
	}
}

// short decodes a section that is written as the value of its first key alone, or in full.
func (d *decoder) short(n ast.Node, path string, into reflect.Value) {
	if isMapping(n) {
		d.section(n, path, into, rules{})
		return
	}
	all := rulesOf(into.Type())
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
	switch {
	case isLiteralKey(section, p.key):
		hint := "name the environment variable that holds it with key_env, or the file with key_file"
		if section == reflect.TypeFor[File]() {
			hint = "name the environment variable that holds it with admin_token_env"
		}
		d.add(p.path, isLiteral, hint)
	case near != "":
		d.add(p.path, "is not a known key", "did you mean "+near+"?")
	default:
		d.add(p.path, "is not a known key", "known here: "+strings.Join(names, ", "))
	}
}

// kind says what a node is, for "must be text, not a list".
func kind(n ast.Node) string {
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "settings"
	case ast.SequenceType:
		return "a list"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	case ast.BoolType:
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

// plainWord matches the keys that errors repeat. Whatever else stands where a key should be, such as a forgotten space after a colon and
// then a secret, is called by its line.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_ ,-]{1,64}$`)

// display is how a key appears in paths.
func display(key string, at place) string {
	if plainWord.MatchString(key) {
		return key
	}
	return fmt.Sprintf("(the key in line %d)", at.line)
}
