package config

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"waitboard/locale"
)

// Phrases replace texts of package locale, by language and key.
type Phrases map[string]map[string]locale.Message

// phraseRule limits a phrase. Package locale checks the rest.
var phraseRule = rules{minLength: 1, maxLength: 300}

// pluralCategories are those of CLDR. No language has all of them.
var pluralCategories = []string{"zero", "one", "two", "few", "many", "other"}

// phrases decodes texts by language and key.
func (d *decoder) phrases(n *yaml.Node, path string) Phrases {
	languages, ok := d.tree.pairs(n, path)
	if !ok {
		d.add(path, "must be phrases under languages, not "+kind(n), "for example phrases: {en: {closed: We are closed.}}")
		return nil
	}
	known := locale.English().Phrases()
	all := Phrases{}
	for _, language := range languages {
		if !slices.Contains(locale.Supported(), language.key) {
			d.add(language.path, "is not a supported language", "use one of "+strings.Join(locale.Supported(), ", "))
			continue
		}
		keys, ok := d.tree.pairs(language.value, language.path)
		if !ok {
			d.add(language.path, "must be phrases, each as key: text, not "+kind(language.value), "")
			continue
		}
		all[language.key] = map[string]locale.Message{}
		for _, p := range keys {
			if _, ok := known[p.key]; !ok {
				d.add(p.path, "is not a phrase", didYouMean(p.key, slices.Sorted(maps.Keys(known)), "docs/configuration.md lists them"))
			} else if message, ok := d.message(p); ok {
				all[language.key][p.key] = message
			}
		}
	}
	return all
}

// message decodes one phrase: a text, or texts by plural category.
func (d *decoder) message(p pair) (message locale.Message, ok bool) {
	switch {
	case isNull(p.value):
		d.add(p.path, noValue, giveValue)
		return message, false
	case !isMapping(p.value):
		message.Text = d.text(p.value, p.path, phraseRule, "")
		return message, d.ok(p.path)
	}
	forms, _ := d.tree.pairs(p.value, p.path)
	message.Forms = map[string]string{}
	for _, form := range forms {
		if !slices.Contains(pluralCategories, form.key) {
			d.add(form.path, "is not a plural category", "use one of "+strings.Join(pluralCategories, ", "))
		} else {
			message.Forms[form.key] = d.text(form.value, form.path, phraseRule, "")
		}
		if !d.ok(form.path) {
			d.failed[p.path] = true
		}
	}
	return message, d.ok(p.path)
}

// phrases checks the texts of phrases: placeholders and plural categories.
func (c *checker) phrases(path string, all Phrases) Phrases {
	for _, language := range slices.Sorted(maps.Keys(all)) {
		_, err := locale.New(language, all[language])
		var problems locale.PhraseErrors
		if !errors.As(err, &problems) {
			continue
		}
		for _, p := range problems {
			at := join(join(path, language), p.Key)
			if p.Form != "" {
				at = join(at, p.Form)
			}
			if c.ok(at) {
				c.add(at, p.Problem, p.Hint)
			}
		}
	}
	return all
}

// locale checks a language tag.
func (c *checker) locale(path, tag string) {
	if _, err := locale.New(tag, nil); err != nil {
		c.add(path, "is not a supported language", "use one of "+strings.Join(locale.Supported(), ", ")+", or a regional form such as de-AT")
	}
}
