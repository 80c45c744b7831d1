package locale

import "testing"

func TestNames(t *testing.T) {
	seen := map[string]string{}
	for _, tag := range Supported() {
		name := Name(tag)
		if name == "" || seen[name] != "" {
			t.Errorf("%s has the name %q of %q", tag, name, seen[name])
		}
		seen[name] = tag
	}
	if len(names) != len(seen) {
		t.Errorf("%d names for %d supported languages", len(names), len(seen))
	}
}
