package config

import (
	"regexp"
	"strings"
	"testing"
)

// FuzzWords holds what is read by hand against the patterns that say the same.
func FuzzWords(f *testing.F) {
	for _, word := range []string{
		"", "0", "7", "00", "01", "10", "1.5", "0.25", "1.", ".5", "1.5.0", "-1", "1_000", "1e3", "0x10", "123456789012345678901234567890",
		"10s", "5m", "1h30m", "1.5h", "100ms", "1mms", "1sm", "1.s", ".5s", "1s.5s", "1m1", "h", "1 h", "1us", "0s", "1h2h",
		"hq", "a-b_c", "-a", "_a", "9", "A", "key", "CHRONICALL_KEY", "_X", "9X", "a b", "mon, wed", "13:00-17:00", "key:secret", "é", "a\n", "\x00",
		"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz012", "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123",
		"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01234",
	} {
		f.Add(word)
	}
	type reader struct {
		pattern *regexp.Regexp
		read    func(string) bool
	}
	readers := map[string]reader{
		"ID":       {regexp.MustCompile(IDPattern), isID},
		"duration": {regexp.MustCompile(DurationPattern), isDuration},
		"whole":    {regexp.MustCompile(`^(0|[1-9][0-9]*)$`), isWhole},
		"number":   {regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?$`), isNumber},
		"variable": {regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`), isVariable},
		"plain":    {regexp.MustCompile(`^([A-Za-z0-9_ ,-]{1,64}|[0-9: -]{1,64})$`), isPlain},
	}
	f.Fuzz(func(t *testing.T, word string) {
		for name, r := range readers {
			if got, want := r.read(word), r.pattern.MatchString(word); got != want {
				t.Errorf("%s: %q is %v, want %v", name, word, got, want)
			}
		}
	})
}

// A variable is named if that can't give a key away.
func TestUnsetVariable(t *testing.T) {
	for name, named := range map[string]bool{
		"CHRONICAL_KEY": true, "_": true, strings.Repeat("A", 40): true,
		strings.Repeat("A", 41): false, "KEY_2": false, "Key": false, "canary": false, "0A1B2C3D": false,
	} {
		want := "the environment variable is not set"
		if named {
			want = "the environment variable " + name + " is not set"
		}
		if got := unset(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
