package estimate

import (
	"strings"
	"testing"
)

func TestReadJSON(t *testing.T) {
	const row = `{"time": "2026-11-30T09:00:00-07:00", "wait": 240, "ahead": 0}`
	for _, c := range []struct{ name, file, err string }{
		{"a row", "[" + row + "]\n", ""},
		{"with a mark", "\ufeff[" + row + "]", ""},
		{"no list", row, "must be a list"},
		{"two lists", "[" + row + "][]", "must be a list"},
		{"unknown field", `[{"queue": 3}]`, "must be a list"},
		{"no rows", "null", "has no rows"},
		{"without a wait", "[" + row + `, {"time": "2026-11-30T09:00:00Z", "ahead": 3}]`, "row 2: needs wait and ahead"},
		{"without ahead", `[{"time": "2026-11-30T09:00:00Z", "wait": 3, "ahead": null}]`, "row 1: needs wait and ahead"},
		{"without a time", `[{"wait": 3, "ahead": 1}]`, "row 1: has no time"},
		{"a wait of a day", `[{"time": "2026-11-30T09:00:00Z", "wait": 86400, "ahead": 1}]`, "row 1: the wait must be"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := ReadJSON([]byte(c.file))
			switch {
			case c.err == "" && (err != nil || len(rows) != 1 || rows[0].Wait != 240):
				t.Errorf("%v, %v", rows, err)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}
