package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"waitboard/locale"
)

// usualText is how long texts are that cost no more than the key before them, in bytes.
const usualText = 200

// text reads one text, and gives otherwise when it is refused.
func (d *decoder) text(n *yaml.Node, path string, rule rules, otherwise string) string {
	text, ok := d.words(n, path, rule)
	if !ok || len(text) > usualText && !d.tree.spend(path, text) { // it may be in something that is repeated by aliases
		return otherwise
	}
	length := utf8.RuneCountInString(text)
	switch {
	case rule.minLength > 0 && strings.TrimSpace(text) == "":
		d.add(path, "is empty", rule.like())
	case rule.minLength > 0 && !locale.Visible(text):
		d.add(path, "has nothing that can be seen", "write the text, or remove the key")
	case rule.maxLength > 0 && length > rule.maxLength:
		d.add(path, fmt.Sprintf("has %d characters, more than %d", length, rule.maxLength), "")
	case strings.ContainsFunc(text, unicode.IsControl):
		d.add(path, "must be one line, without control characters", "")
	case rule.enum != nil && !slices.Contains(rule.enum, text):
		d.addNotOneOf(path, text, rule)
	default:
		d.allowNoBreaks(n, path)
		return text
	}
	return otherwise
}

// addNotOneOf reports a word that is not one of the few allowed.
func (d *decoder) addNotOneOf(path, text string, rule rules) {
	hint := ""
	if isPlain(text) {
		if near := Near(text, rule.enum); near != "" {
			hint = "did you mean " + near + "?"
		}
	}
	d.add(path, "must be "+or(rule.enum), hint)
}

// words reads one text as it is written. Numbers and the like are refused rather than converted, but for a whole number where an ID of
// digits is expected, which is taken to the letter.
func (d *decoder) words(n *yaml.Node, path string, rule rules) (string, bool) {
	switch k := kind(n); {
	case k == "a text" && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return strings.TrimRight(n.Value, "\n"), true // the line break belongs to the notation
	case k == "a text", n.Tag == "!!int" && rule.orInteger:
		return n.Value, true
	}
	hint := rule.like()
	if k := kind(n); rule.maxLength > 0 && (k == "a number" || k == "true or false") { // a text that may be anything
		hint = "put it in quotes"
	}
	d.add(path, "must be text, not "+kind(n), hint)
	return "", false
}

// texts reads one text or a list of them; nil when one of them is refused.
func (d *decoder) texts(n *yaml.Node, path string, rule rules) []string {
	if !isList(n) {
		if text := d.text(n, path, rule, ""); text != "" {
			return []string{text}
		}
		return nil
	}
	var all []string
	if !d.items(n, path, func(item *yaml.Node, itemPath string) { all = append(all, d.text(item, itemPath, rule, "")) }) {
		return nil
	}
	return all
}

// items reads the items of a list one by one, and says whether all of them are there and none was refused.
func (d *decoder) items(list *yaml.Node, path string, read func(item *yaml.Node, path string)) bool {
	if len(list.Content) == 0 {
		d.add(path, "is an empty list", "remove the key, or write at least one value")
	}
	for i, item := range list.Content {
		if !d.tree.spend(path, "") {
			return false
		}
		itemPath := fmt.Sprintf("%s[%d]", path, i)
		d.places[itemPath] = placeOf(item)
		switch n := d.tree.follow(item, itemPath); {
		case n == nil:
		case isNull(n):
			d.add(itemPath, "has no value", "give it one, or remove it from the list; put the word null in quotes")
		default:
			read(n, itemPath)
		}
		if !d.ok(itemPath) {
			d.failed[path] = true
		}
	}
	return d.ok(path)
}

// yesNo reads true or false.
func (d *decoder) yesNo(n *yaml.Node, path string) bool {
	if n.Tag != "!!bool" {
		d.add(path, "must be true or false, not "+kind(n), "")
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// whole reads a whole number, from the smallest up to the largest that the rule allows.
func (d *decoder) whole(n *yaml.Node, path string, rule rules) int {
	if !isQuoted(n) && isWhole(n.Value) {
		if number, err := strconv.Atoi(n.Value); err == nil && float64(number) >= rule.smallest && float64(number) <= rule.largest {
			return number
		}
	}
	d.add(path, fmt.Sprintf("must be a whole number from %.0f to %.0f", rule.smallest, rule.largest), "")
	return 0
}

// number reads a number from 0 up to the largest that the rule allows, and gives otherwise when it is refused.
func (d *decoder) number(n *yaml.Node, path string, rule rules, otherwise float64) float64 {
	if !isQuoted(n) && isNumber(n.Value) {
		if number, err := strconv.ParseFloat(n.Value, 64); err == nil && number <= rule.largest {
			return number
		}
	}
	d.add(path, fmt.Sprintf("must be a number from 0 to %v", rule.largest), rule.like())
	return otherwise
}

// duration reads a duration, and gives otherwise when it is refused.
func (d *decoder) duration(n *yaml.Node, path string, rule rules, otherwise time.Duration) time.Duration {
	const hint = "write a number and a unit, as in 10s, 5m or 1h30m; units are ms, s, m and h"
	if kind(n) != "a text" || !isDuration(n.Value) {
		message := "is not a duration"
		if kind(n) == "a number" {
			message = "is a number without a unit"
		}
		d.add(path, message, hint)
		return otherwise
	}
	// What the pattern lets through can only be too long, and is then longer than any limit.
	length, err := time.ParseDuration(n.Value)
	if err != nil || length < rule.min || length > rule.max {
		d.add(path, "must be from "+short(rule.min)+" to "+short(rule.max), "")
		return otherwise
	}
	return length
}

// short writes a duration as a person would: 5m, not 5m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
