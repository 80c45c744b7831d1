package locale

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// sameAsEnglish lists the phrases that are correctly the same as in English. Phrases without letters are exempt.
var sameAsEnglish = map[string][]string{
	"es":    {"minute.one", "minute.other", "hour.one", "hour.other", "second.one", "second.other", "no"},
	"de":    {"april", "august", "september", "november"},
	"pt-BR": {"minute.one", "minute.other", "hour.one", "hour.other", "second.one", "second.other"},
	"it":    {"minute.one", "minute.other", "hour.one", "hour.other", "second.one", "second.other", "no"},
	"nl":    {"minute.one", "minute.other", "april", "september", "november", "december"},
	"pl":    {"minute.one", "minute.few", "minute.many", "minute.other"},
}

var placeholder = regexp.MustCompile(`\{[a-z_]*\}`)

func hasLetters(text string) bool {
	return strings.ContainsFunc(placeholder.ReplaceAllString(text, ""), unicode.IsLetter)
}

// texts returns all texts of a catalog, plural forms as "minute.one".
func texts(c *catalog) map[string]string {
	all := map[string]string{}
	for key, m := range c.messages {
		if m.Forms == nil {
			all[key] = m.Text
		}
		for form, text := range m.Forms {
			all[key+"."+form] = text
		}
	}
	return all
}

func eachCatalog(t *testing.T, test func(t *testing.T, c *catalog)) {
	for _, name := range supported {
		t.Run(name, func(t *testing.T) { test(t, catalogOf(name)) })
	}
}

// Each catalog has every phrase with the same placeholders, and exactly the plural forms of its language.
func TestCatalogsAreComplete(t *testing.T) {
	english := keysInOrder(t, "en")
	eachCatalog(t, func(t *testing.T, c *catalog) {
		if diff := cmp.Diff(english, keysInOrder(t, c.name)); diff != "" {
			t.Errorf("keys (-English +%s):\n%s", c.name, diff)
		}
		for _, problem := range c.checkAll(c.messages) {
			t.Error(problem)
		}
		for key, m := range c.messages {
			plural := catalogOf("en").messages[key].Forms != nil
			if plural != (m.Forms != nil) {
				t.Errorf("%s: plural %t in English, %t here", key, plural, m.Forms != nil)
			}
			if plural && len(m.Forms) != len(c.formNames()) {
				t.Errorf("%s has the forms %v, the language %v", key, m.Forms, c.formNames())
			}
		}
	})
	files, err := filepath.Glob("catalog/*")
	if err != nil || len(files) != len(supported) {
		t.Errorf("%d files for %d languages, %v", len(files), len(supported), err)
	}
}

// keysInOrder returns the keys in the order of the file, with duplicates.
func keysInOrder(t *testing.T, name string) (keys []string) {
	t.Helper()
	raw, err := os.ReadFile("catalog/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		var m Message
		if err == nil {
			err = decoder.Decode(&m)
		}
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
	}
	return keys
}

func TestCatalogsAreTranslated(t *testing.T) {
	english := texts(catalogOf("en"))
	eachCatalog(t, func(t *testing.T, c *catalog) {
		var same []string
		for key, text := range texts(c) {
			base, _, plural := strings.Cut(key, ".")
			original := english[key]
			if plural {
				original = english[base+".other"]
			}
			if hasLetters(text) && strings.EqualFold(text, original) {
				same = append(same, key)
			}
		}
		want := slices.Sorted(slices.Values(sameAsEnglish[c.name]))
		slices.Sort(same)
		if diff := cmp.Diff(want, same); c.name != "en" && diff != "" {
			t.Errorf("the same as in English (-allowed +found):\n%s", diff)
		}
	})
}

// Catalogs use the scripts of their languages, and no stray spaces.
func TestScriptsAndSpaces(t *testing.T) {
	scripts := map[string][]*unicode.RangeTable{
		"ar": {unicode.Arabic}, "he": {unicode.Hebrew}, "ja": {unicode.Han, unicode.Hiragana, unicode.Katakana}, "zh-Hans": {unicode.Han},
	}
	eachCatalog(t, func(t *testing.T, c *catalog) {
		script := scripts[c.name]
		if script == nil {
			script = []*unicode.RangeTable{unicode.Latin}
		}
		for key, text := range texts(c) {
			for _, r := range strings.ReplaceAll(placeholder.ReplaceAllString(text, ""), "UTC", "") { // the same in every language
				noBreak := r == '\u00a0' && c.name == "fr"
				if unicode.IsLetter(r) && !unicode.In(r, script...) && r != 'ー' || unicode.IsSpace(r) && r != ' ' && !noBreak ||
					unicode.In(r, unicode.Cc, unicode.Cf) {
					t.Errorf("%s: %q has %U", key, text, r)
				}
			}
			if trimmed := strings.Join(strings.Split(strings.TrimSpace(text), "  "), " "); trimmed != text && key != "separator" {
				t.Errorf("%s: stray space in %q", key, text)
			}
		}
	})
}

func TestDaysAndMonthsDiffer(t *testing.T) {
	eachCatalog(t, func(t *testing.T, c *catalog) {
		l, names := locale(t, c.name), map[string]string{}
		add := func(key string) {
			name := l.say(strings.ToLower(key))
			if name == "" || names[name] != "" {
				t.Errorf("%s is %q, as is %q", key, name, names[name])
			}
			names[name] = key
		}
		for i := range 7 {
			add(time.Weekday(i).String())
		}
		for i := range 12 {
			add(time.Month(i + 1).String())
		}
	})
}

// The catalogs depend on these plural rules of x/text. Browsers have newer ones: no "many" in Hebrew, and one for millions in Spanish,
// French, Italian and Portuguese, which "other" replaces.
func TestPluralForms(t *testing.T) {
	want := map[string]string{
		"en": "[one other]", "es": "[one other]", "fr": "[one other]", "de": "[one other]", "pt-BR": "[one other]", "it": "[one other]",
		"nl": "[one other]", "pl": "[few many one other]", "ar": "[few many one other two zero]", "he": "[many one other two]",
		"ja": "[other]", "zh-Hans": "[other]",
	}
	eachCatalog(t, func(t *testing.T, c *catalog) {
		if got := fmt.Sprint(c.formNames()); got != want[c.name] {
			t.Errorf("%s, want %s", got, want[c.name])
		}
	})
	for _, test := range []struct {
		tag         string
		thousandths int64
		want        string
	}{
		{"en", 1000, "one"}, {"en", 1500, "other"}, {"en", 0, "other"}, {"fr", 1500, "one"}, {"fr", 0, "one"}, {"fr", 2000, "other"},
		{"pt-BR", 500, "one"}, {"es", 1000, "one"}, {"es", 1005, "other"}, {"pl", 1000, "one"}, {"pl", 2000, "few"}, {"pl", 5000, "many"},
		{"pl", 12000, "many"}, {"pl", 22000, "few"}, {"pl", 1500, "other"}, {"pl", 21000, "many"}, {"ar", 0, "zero"}, {"ar", 1000, "one"},
		{"ar", 2000, "two"}, {"ar", 3000, "few"}, {"ar", 11000, "many"}, {"ar", 100_000, "other"}, {"ar", 1500, "other"},
		{"he", 2000, "two"}, {"he", 20_000, "many"}, {"he", 1500, "other"}, {"ja", 1000, "other"}, {"pl", 1_000_000_005_000, "many"},
	} {
		if got := formNames[formOf(catalogOf(test.tag).tag, test.thousandths)]; got != test.want {
			t.Errorf("%s: %d/1000 is %s, want %s", test.tag, test.thousandths, got, test.want)
		}
	}
}
