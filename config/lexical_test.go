package config

import (
	"strings"
	"testing"
)

// TestUnset checks that an error names a variable only if the name can't be a key.
func TestUnset(t *testing.T) {
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
