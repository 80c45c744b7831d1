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

	"waitboard/internal/durations"
	"waitboard/locale"
)

// text decodes one text. It returns otherwise when it rejects the text.
func (d *decoder) text(n *yaml.Node, path string, rule rules, otherwise string) string {
	text, ok := d.words(n, path, rule)
	if !ok {
		return otherwise
	}
	length := utf8.RuneCountInString(text)
	switch {
	case rule.minLength > 0 && strings.TrimSpace(text) == "":
		d.add(path, isEmpty, rule.like())
	case rule.minLength > 0 && !locale.Visible(text):
		d.add(path, "has no visible character", "write the text, or remove the key")
	case rule.maxLength > 0 && length > rule.maxLength:
		d.add(path, fmt.Sprintf("has %d characters, more than %d", length, rule.maxLength), "")
	case strings.ContainsFunc(text, unicode.IsControl):
		d.add(path, "must be one line, without control characters", "")
	case rule.enum != nil && !slices.Contains(rule.enum, text):
		d.add(path, "must be "+or(rule.enum), didYouMean(text, rule.enum, ""))
	default:
		return text
	}
	return otherwise
}

// words returns one text as it is written. It rejects numbers and the like instead of converting them. Only a key that takes an ID of
// digits accepts a whole number.
func (d *decoder) words(n *yaml.Node, path string, rule rules) (string, bool) {
	k := kind(n)
	switch {
	case k == "a text" && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return strings.TrimRight(n.Value, "\n"), true // the line break belongs to the notation
	case k == "a text", n.Tag == "!!int" && rule.orInteger:
		return n.Value, true
	}
	hint := rule.like()
	if rule.maxLength > 0 && (k == "a number" || k == "true or false") { // a text that may be anything
		hint = "put it in quotes"
	}
	d.add(path, "must be text, not "+k, hint)
	return "", false
}

// texts decodes one text or a list of texts. It returns nil when it rejects one of them.
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

// items calls read for each item of a list. It returns false when the list is empty or an item is rejected.
func (d *decoder) items(list *yaml.Node, path string, read func(item *yaml.Node, path string)) bool {
	if len(list.Content) == 0 {
		d.add(path, "is an empty list", "remove the key, or write at least one value")
	}
	for i, item := range list.Content {
		n := resolve(item)
		if !d.tree.count(path, len(n.Value)) {
			return false
		}
		itemPath := fmt.Sprintf("%s[%d]", path, i)
		d.places[itemPath] = startOf(item)
		if isNull(n) {
			d.add(itemPath, noValue, "give it one, or remove it from the list; put the word null in quotes")
		} else {
			read(n, itemPath)
		}
		if !d.ok(itemPath) {
			d.failed[path] = true
		}
	}
	return d.ok(path)
}

// yesNo decodes true or false.
func (d *decoder) yesNo(n *yaml.Node, path string) bool {
	if n.Tag != "!!bool" {
		d.add(path, "must be true or false, not "+kind(n), "")
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// number decodes a number within the rule's limits. It returns otherwise when it rejects the number.
func (d *decoder) number(n *yaml.Node, path string, rule rules, otherwise float64, whole bool) float64 {
	written, name := isNumber, "number"
	if whole {
		written, name = isWhole, "whole number"
	}
	if !isQuoted(n) && written(n.Value) {
		if number, err := strconv.ParseFloat(n.Value, 64); err == nil && number >= rule.smallest && number <= rule.largest {
			return number
		}
	}
	d.add(path, fmt.Sprintf("must be a %s from %.0f to %s", name, rule.smallest, strconv.FormatFloat(rule.largest, 'f', -1, 64)), rule.like())
	return otherwise
}

// duration decodes a duration within the rule's limits. It returns otherwise when it rejects the duration.
func (d *decoder) duration(n *yaml.Node, path string, rule rules, otherwise time.Duration) time.Duration {
	if kind(n) != "a text" || !isDuration(n.Value) {
		message := "is not a duration"
		if kind(n) == "a number" {
			message = "is a number without a unit"
		}
		d.add(path, message, "write a number and a unit, as in 10s, 5m or 1h30m; units are ms, s, m, h, d and w")
		return otherwise
	}
	length, err := durations.Parse(n.Value)
	if err != nil || length < rule.min || length > rule.max { // err means that it is too long for the type
		d.add(path, "must be from "+short(rule.min)+" to "+short(rule.max), "")
		return otherwise
	}
	return length
}

// short formats a duration as people write it: 5m, not 5m0s.
func short(d time.Duration) string {
	const day, week = 24 * time.Hour, 7 * 24 * time.Hour
	switch {
	case d >= week && d%week == 0:
		return strconv.FormatInt(int64(d/week), 10) + "w"
	case d > day && d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
