package config

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"waitboard/locale"
)

// Phrases are texts in place of those of the catalog of package locale, by language and key.
type Phrases map[string]map[string]locale.Message

// phrases reads texts by language and key. What they say is checked later.
func (d *decoder) phrases(n *yaml.Node, path string) Phrases {
	languages, ok := d.tree.pairs(n, path)
	if !ok {
		d.add(path, "must be phrases under languages, not "+kind(n), "for example phrases: {en: {closed: We are closed.}}")
		return nil
	}
	all := Phrases{}
	for _, language := range languages {
		if !slices.Contains(locale.Supported(), language.key) {
			d.add(language.path, "is not a language that there are phrases in", "use one of "+strings.Join(locale.Supported(), ", "))
			continue
		}
		node := d.tree.follow(language.value, language.path)
		if node == nil {
			continue
		}
		keys, ok := d.tree.pairs(node, language.path)
		if !ok {
			d.add(language.path, "must be phrases, each as key: text, not "+kind(node), "")
			continue
		}
		all[language.key] = map[string]locale.Message{}
		for _, key := range keys {
			if _, known := locale.English().Phrases()[key.key]; !known {
				d.unknownPhrase(key)
				continue
			}
			if message, ok := d.message(key); ok {
				all[language.key][key.key] = message
			}
		}
	}
	return all
}

// message reads one phrase: a text, or texts by plural category.
func (d *decoder) message(p pair) (message locale.Message, ok bool) {
	n := d.tree.follow(p.value, p.path)
	switch {
	case n == nil:
		return message, false
	case isNull(n):
		d.add(p.path, "has no value", "give it one, or remove the key")
		return message, false
	case !isMapping(n):
		message.Text = d.text(n, p.path, phraseRule, "")
		return message, d.ok(p.path)
	}
	forms, _ := d.tree.pairs(n, p.path)
	message.Forms = map[string]string{}
	for _, form := range forms {
		if !slices.Contains(pluralCategories, form.key) {
			d.add(form.path, "is not a plural category", "there are "+strings.Join(pluralCategories, ", "))
		} else if n := d.tree.follow(form.value, form.path); n != nil {
			message.Forms[form.key] = d.text(n, form.path, phraseRule, "")
		}
		if !d.ok(form.path) {
			d.failed[p.path] = true
		}
	}
	return message, d.ok(p.path)
}

// pluralCategories are those of CLDR. No language has all of them.
var pluralCategories = []string{"zero", "one", "two", "few", "many", "other"}

func (d *decoder) unknownPhrase(p pair) {
	hint := "docs/configuration.md lists them"
	if near := Near(p.key, slices.Sorted(maps.Keys(locale.English().Phrases()))); near != "" {
		hint = "did you mean " + near + "?"
	}
	d.add(p.path, "is not a phrase", hint)
}

// phraseRule is the rule of a phrase, of which package locale knows the rest.
var phraseRule = rules{minLength: 1, maxLength: 300}

// locale checks a language.
func (c *checker) locale(path, tag string) {
	supported, known := c.languages[tag]
	if !known {
		_, err := locale.New(tag, nil)
		supported = err == nil
		c.languages[tag] = supported
	}
	if !supported {
		c.add(path, "is not a language that is supported", "use one of "+strings.Join(locale.Supported(), ", ")+", or a regional form such as de-AT")
	}
}

// phrases checks what phrases say.
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
