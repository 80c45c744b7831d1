package locale

import "testing"

func TestEachLanguageHasAName(t *testing.T) {
	seen := map[string]string{}
	for _, tag := range Supported() {
		name := Name(tag)
		if name == "" || seen[name] != "" {
			t.Errorf("%s is called %q, as is %q", tag, name, seen[name])
		}
		seen[name] = tag
	}
	if len(names) != len(seen) {
		t.Errorf("%d languages are named, and %d supported", len(names), len(seen))
	}
}
