package config

import (
	"os"
	"strings"
	"testing"
)

func TestEqual(t *testing.T) {
	text, err := os.ReadFile("testdata/valid-hours.yaml")
	if err != nil {
		t.Fatal(err)
	}
	read := func(text, key string) *Config {
		c, err := Parse("testdata/x.yaml", []byte(text), func(string) (string, bool) { return key, true })
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := read(string(text), "one")
	tests := []struct {
		name      string
		text, key string
		want      bool
	}{
		{"the same", string(text), "one", true},
		{"with a comment", "# changed\n" + string(text), "one", true},
		{"another key", string(text), "two", false},
		{"another address", strings.Replace(string(text), "https://", "http://", 1), "one", false},
		{"another widget", string(text) + "  more: {metrics: {m: {metric: M}}}\n", "one", false},
	}
	for _, test := range tests {
		if got := first.Equal(read(test.text, test.key)); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
