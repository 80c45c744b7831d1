package testlevel

import (
	"strings"
	"testing"
)

// An outcome is a test that records how it ends.
type outcome struct {
	testing.TB
	text string
}

func (o *outcome) Helper()           {}
func (o *outcome) Skip(args ...any)  { o.text = "skipped: " + args[0].(string) }
func (o *outcome) Fatal(args ...any) { o.text = "failed: " + args[0].(string) }

func TestNeed(t *testing.T) {
	for _, test := range []struct{ name, ci, program, file, want string }{
		{"installed", "true", "go", "need.go", ""},
		{"no program", "", "no-such-program", "need.go", "skipped: not tested: no-such-program is not installed: apt-get install some-package"},
		{"no program in CI", "true", "no-such-program", "need.go", "failed: not tested: no-such-program"},
		{"no file", "false", "go", "no-such-file", "skipped: not tested: no-such-file does not exist: npm ci"},
		{"no file in CI", "true", "go", "no-such-file", "failed: not tested: no-such-file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("CI", test.ci)
			var o outcome
			Need(&o, test.program, "some-package")
			NeedFile(&o, test.file, "npm ci")
			if !strings.HasPrefix(o.text, test.want) || (o.text == "") != (test.want == "") {
				t.Errorf("got %q, want %q", o.text, test.want)
			}
		})
	}
}

func TestPick(t *testing.T) {
	t.Setenv("WAITBOARD_FULL", "1")
	if got := Pick(1, 2, 3); got != 3 {
		t.Errorf("full: got %d", got)
	}
	t.Setenv("WAITBOARD_FULL", "")
	want := 2
	if testing.Short() {
		want = 1
	}
	if got := Pick(1, 2, 3); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}
