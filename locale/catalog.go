package locale

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"waitboard/internal/lazy"
)

//go:embed catalog/*.json
var files embed.FS

// A Message is a phrase with placeholders such as {count}: one Text, or Forms of it.
type Message struct {
	Text  string
	Forms map[string]string // by CLDR plural category: zero, one, two, few, many, other
}

// MarshalJSON writes a string or an object of strings.
func (m Message) MarshalJSON() ([]byte, error) {
	if m.Forms != nil {
		return json.Marshal(m.Forms)
	}
	return json.Marshal(m.Text)
}

// UnmarshalJSON reads a string or an object of strings.
func (m *Message) UnmarshalJSON(data []byte) error {
	*m = Message{}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return json.Unmarshal(data, &m.Forms)
	}
	return json.Unmarshal(data, &m.Text)
}

func (m Message) clone() Message { return Message{Text: m.Text, Forms: maps.Clone(m.Forms)} }

// A catalog has the phrases of one language. It is immutable.
type catalog struct {
	name     string
	tag      language.Tag
	messages map[string]Message
	phrases  map[string]*phrase
	forms    func() map[plural.Form]formUse // the plural categories that the language has
}

// catalogOf returns the catalog of one of the supported languages. The files are embedded and tested, so reading them can't fail.
var catalogOf = lazy.ByKey(supported, func(name string) *catalog {
	c := &catalog{name: name, tag: language.MustParse(name), phrases: map[string]*phrase{}}
	c.forms = sync.OnceValue(func() map[plural.Form]formUse { return formsOf(c.tag) })
	raw, err := files.ReadFile("catalog/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &c.messages)
	}
	if err != nil {
		panic(fmt.Sprintf("locale: catalog of %s: %v", name, err))
	}
	for key, m := range c.messages {
		c.phrases[key] = compile(m)
	}
	return c
})

// A phrase is a parsed message by plural category. A message without categories has the same pieces for each.
type phrase [plural.Many + 1][]piece

// A piece is text or the name of a placeholder.
type piece struct{ text, name string }

func compile(m Message) *phrase {
	var p phrase
	other := m.Text
	if m.Forms != nil {
		other = m.Forms["other"]
	}
	for form := range p {
		text, ok := m.Forms[formNames[form]]
		if !ok {
			text = other
		}
		p[form], _ = split(text) // its syntax was checked before
	}
	return &p
}

// split parses a text. It returns false if a brace doesn't belong to a placeholder.
func split(text string) (pieces []piece, ok bool) {
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			pieces = append(pieces, piece{text: before})
		}
		if !found {
			return pieces, !strings.Contains(before, "}")
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" || strings.Contains(before, "}") {
			return nil, false
		}
		pieces, text = append(pieces, piece{name: name}), after
	}
	return pieces, true
}

// fill replaces placeholders. Values come in pairs: a name and its text.
func fill(pieces []piece, values ...string) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
		for i := 0; p.name != "" && i < len(values); i += 2 {
			if values[i] == p.name {
				b.WriteString(values[i+1])
			}
		}
	}
	return b.String()
}

func has(pieces []piece, name string) bool {
	for _, p := range pieces {
		if p.name == name {
			return true
		}
	}
	return false
}
