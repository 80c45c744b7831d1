package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"waitboard/internal/durations"
)

const (
	isMissing = "is missing"                              // a required key that is not there
	isEmpty   = "is empty"                                // an empty text, list or mapping
	noValue   = "has no value"                            // a key without a value, or null
	isLiteral = "a key must not be written into the file" // a key or token in the file itself
	giveValue = "give it one, or remove the key"          // the hint for noValue
	needsOne  = "at least one is needed"                  // the hint for a missing source, widget or metric
	notWith   = "can't be combined with "                 // a key that excludes another
)

// decoder fills a File from a syntax tree by the tags in schema.go. The parser's own decoder also collects all errors. It is not used
// because its errors repeat values, which may be secrets, and name neither the path of a key nor a remedy; because it converts what people
// misread (010, 1_000); and because it drops the order of mappings and the places of keys, which later checks need.
type decoder struct {
	*report
	tree    mappings
	layouts map[reflect.Type]*layout // of the sections so far
}

// decode returns what it understands of a File or a FileIncluded. A key with a problem keeps its default or stays empty. decode returns
// nil when further checks make no sense.
func decode[F any](r *report, root *yaml.Node) *F {
	d := &decoder{report: r, tree: mappings{report: r, left: maxValues}, layouts: map[reflect.Type]*layout{}}
	d.places[""] = place{1, 1}
	file := new(F)
	d.value(root, "", reflect.ValueOf(file).Elem(), rules{})
	if d.tree.exhausted() || !d.ok("") {
		return nil
	}
	return file
}

// value decodes one node into a field of any type.
func (d *decoder) value(n *yaml.Node, path string, into reflect.Value, rule rules) {
	if isNull(n) {
		hint := giveValue
		if rule.required {
			hint = "a value is needed"
		}
		d.add(path, noValue, hint)
		return
	}
	if into.Kind() == reflect.Pointer { // nil means that the key is missing
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch target := into.Addr().Interface().(type) {
	case *string:
		*target = d.text(n, path, rule, *target)
	case *bool:
		*target = d.yesNo(n, path)
	case *int:
		*target = int(d.number(n, path, rule, 0, true))
	case *float64:
		*target = d.number(n, path, rule, *target, false)
	case *time.Duration:
		*target = d.duration(n, path, rule, *target)
	case *Amount:
		*target = d.amount(n, path)
	case *[]string:
		*target = d.texts(n, path, rule)
	case *Phrases:
		*target = d.phrases(n, path)
	case *Quantiles:
		*target = d.quantiles(n, path)
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
				hint = needsOne
			}
			d.add(join(path, rule.name), isMissing, hint)
		}
	}
}

// short decodes a section that is written in full, or as the value of its first key alone.
func (d *decoder) short(n *yaml.Node, path string, into reflect.Value) {
	if isMapping(n) {
		d.section(n, path, into, rules{})
		return
	}
	all := d.layout(into.Type()).rules
	setDefaults(into, all)
	d.value(n, path, into.Field(0), all[0])
}

// setDefaults sets the fields of a section to their defaults. A field without a default becomes zero.
func setDefaults(into reflect.Value, all []rules) {
	for i, rule := range all {
		switch target := into.Field(i).Addr().Interface().(type) {
		case *string:
			*target = rule.standard
		case *time.Duration:
			*target, _ = durations.Parse(rule.standard)
		case *int:
			*target, _ = strconv.Atoi(rule.standard)
		case *float64:
			*target, _ = strconv.ParseFloat(rule.standard, 64)
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
	case section == reflect.TypeFor[FileWebhook]() && (p.key == "url" || p.key == "secret"):
		d.add(p.path, "must not be written into the file", "name the environment variable that holds it with "+p.key+"_env, or the file with "+p.key+"_file")
	case isLiteralKey(section, p.key) && section == reflect.TypeFor[FileSource]():
		d.add(p.path, isLiteral, "name the environment variable that holds it with key_env, or the file with key_file")
	case isLiteralKey(section, p.key):
		d.add(p.path, isLiteral, "name the environment variable that holds it with admin_token_env")
	case section == reflect.TypeFor[FileInput]() && p.key == "source":
		d.add(p.path, "is not a known key", "all that an estimate reads is of one source; write source next to estimate")
	case section == reflect.TypeFor[FileIncluded]() && slices.Contains(topKeys, p.key):
		d.add(p.path, "is not allowed in an included file", "move it to the file that includes this one; known here: "+strings.Join(names, ", "))
	case near != "":
		d.add(p.path, "is not a known key", "did you mean "+near+"?")
	default:
		d.add(p.path, "is not a known key", "known here: "+strings.Join(names, ", "))
	}
}
