package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// holder has a secret in an unexported field, where package fmt cannot call methods.
type holder struct {
	Name   string
	hidden Secret
	deeper *holder
	list   []Secret
	byName map[string]Secret
	any    any
}

// TestSecretCannotBePrinted prints secrets in every way there is, in every place they may be in.
func TestSecretCannotBePrinted(t *testing.T) {
	text := canary + `-<"key">-4711`
	s := NewSecret(text)
	h := holder{Name: "n", hidden: s, list: []Secret{s}, byName: map[string]Secret{"a": s}, any: s}
	h.deeper = &holder{hidden: s, any: &s}
	source := Source{Name: "hq", Key: s}
	values := map[string]any{
		"secret": s, "pointer": &s, "struct": h, "struct pointer": &h, "source": source, "config": &Config{Sources: []Source{source}},
		"list": []Secret{s}, "map": map[string]Secret{"a": s}, "any": []any{s, &s}, "array": [1]Secret{s},
		"error": fmt.Errorf("wrapped: %w", errors.Join(fmt.Errorf("with %v and %s", s, source))),
		"func":  s.Reveal,
	}
	for name, value := range values {
		var out bytes.Buffer
		for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
			for _, flags := range []string{"", "+", "#", " ", "0", "-", "+#", "# ", "20", ".3", "-20.2"} {
				fmt.Fprintf(&out, "%"+flags+string(verb)+"\n", value)
			}
		}
		fmt.Fprintln(&out, value)
		fmt.Fprint(&out, value)
		log.New(&out, "", 0).Print(value)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "a", value, slog.Group("g", "b", value))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "a", value, slog.Group("g", "b", value))
		if data, err := json.Marshal(value); err == nil {
			out.Write(data)
		}
		if data, err := xml.Marshal(value); err == nil {
			out.Write(data)
		}
		if data, err := yaml.Marshal(value); err == nil {
			out.Write(data)
		}
		for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("%d", []byte(canary))[1:20], "Y2FuYX"} {
			if strings.Contains(out.String(), form) {
				t.Errorf("%s prints the secret as %s", name, form)
			}
		}
	}
}

func TestSecretReadsRedacted(t *testing.T) {
	s := NewSecret(canary)
	encoded, err := json.Marshal(map[string]Secret{"key": s})
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprint(s), fmt.Sprintf("%#v", s), fmt.Sprintf("%q", &s), s.String(), s.LogValue().String()} {
		if got != "[redacted]" {
			t.Errorf("got %s", got)
		}
	}
	if string(encoded) != `{"key":"[redacted]"}` {
		t.Errorf("got %s", encoded)
	}
}

func TestSecretText(t *testing.T) {
	if s := NewSecret(canary); s.Reveal() != canary || !s.Equal(NewSecret(canary)) || s.Equal(NewSecret("")) || s.Equal(Secret{}) {
		t.Error("the text is lost, or compared wrongly")
	}
	if (Secret{}).Reveal() != "" || !(Secret{}).Equal(NewSecret("")) {
		t.Error("the zero Secret is not the empty text")
	}
}

// TestKeysOfSourcesAreNotRepeated has a secret stand where a key or an ID of a source should be, which no problem may repeat.
func TestKeysOfSourcesAreNotRepeated(t *testing.T) {
	const rest = "url: 'http://a/rest', key_env: CHRONICALL_KEY"
	const widgets = "\nwidgets: {w: {metrics: {m: {metric: M, source: canery_4711x}}}}"
	for name, text := range map[string]string{
		"key":              "sources: {hq: {" + rest + ", canary_4711X}}" + widgets,
		"key with a value": "sources: {hq: {" + rest + ", canary_4711X: {a: b}}}" + widgets,
		"key twice":        "sources: {hq: {" + rest + ", canary_4711X: 1, canary_4711X: 2}}" + widgets,
		"merged key":       "sources: {a: &a {" + rest + ", canary_4711X: 1}, b: {<<: *a}}" + widgets,
		"only key":         "sources: {canary_4711X}" + widgets,
		"ID":               "sources: {canary_4711X: {" + rest + ", interval: 1h}, hq: {" + rest + "}}" + widgets,
		"ID twice":         "sources: {canary_4711X: {" + rest + "}, canary_4711X: {}}" + widgets,
	} {
		_, err := Parse("f.yaml", []byte(text), testEnv)
		if err == nil || !strings.Contains(err.Error(), "(the key in line 1)") || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
