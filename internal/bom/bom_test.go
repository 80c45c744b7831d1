package bom

import "testing"

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name, text, want string
		found            bool
	}{
		{"without a mark", "text", "text", false},
		{"empty", "", "", false},
		{"UTF-8", "\uFEFFtext", "text", true},
		{"UTF-8, a later mark", "\uFEFFa\uFEFFb", "a\uFEFFb", true},
		{"UTF-16, little endian", "\xff\xfet\x00\xfc\x00", "tü", true},
		{"UTF-16, big endian", "\xfe\xff\x00t\x00\xfc", "tü", true},
		{"another encoding", "\xfctext", "\xfctext", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, found := Decode([]byte(test.text)); string(got) != test.want || found != test.found {
				t.Errorf("got %q, %v, want %q, %v", got, found, test.want, test.found)
			}
		})
	}
}
