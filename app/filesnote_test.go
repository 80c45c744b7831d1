package app

import (
	"testing"

	"waitboard/config"
)

// /readyz?verbose names included files that are not in force.
func TestFilesNote(t *testing.T) {
	mistake := []config.Problem{{Message: "is empty"}}
	for name, test := range map[string]struct {
		files []config.FileState
		want  string
	}{
		"none": {nil, ""},
		"fine": {[]config.FileState{{Name: "a.yaml"}}, ""},
		"previous and skipped": {
			[]config.FileState{{Name: "a.yaml", Previous: true, Problems: mistake}, {Name: "b.yaml", Problems: mistake}},
			"the included file a.yaml can't be used, and its previous version stays in use; the included file b.yaml is skipped, and its sources and widgets are missing; see the log or the dashboard",
		},
	} {
		if got := filesNote(&config.Config{Included: test.files}); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
