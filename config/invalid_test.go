package config

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waitboard/config/internal/cases"
)

// invalidCases returns the cases in testdata/invalid.
func invalidCases(t testing.TB) []cases.Case {
	t.Helper()
	all, err := cases.Read("testdata/invalid")
	if err != nil || len(all) < 100 {
		t.Fatalf("read %d cases, %v", len(all), err)
	}
	return all
}

// TestInvalid compares the exact text of every mistake. testdata/invalid has the cases and explains how to add one.
func TestInvalid(t *testing.T) {
	all := invalidCases(t)
	messages := map[string]string{}
	t.Chdir("testdata")
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			got := mistake(t, c.Text, c.Name != "many")
			messages[c.Name] = got
			if diff := cmp.Diff(c.Message, got); diff != "" && !*update {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if *update {
		if err := cases.Update("invalid", messages); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInvalidBases checks that the mistake of each case is in its change.
func TestInvalidBases(t *testing.T) {
	seen := map[string]bool{"": true}
	for _, c := range invalidCases(t) {
		if seen[c.Base] {
			continue
		}
		seen[c.Base] = true
		if _, err := Parse(cases.File, []byte(c.Base), testEnv); err != nil {
			t.Errorf("the base of %s: %v", c.Name, err)
		}
	}
}

// TestInvalidGenerated has cases that do not fit an archive.
func TestInvalidGenerated(t *testing.T) {
	minimal, err := os.ReadFile("testdata/valid-minimal.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ text, want string }{
		"not UTF-8": {
			string(minimal) + "# caf\xe9\n",
			"waitboard.yaml:10:6: this is not UTF-8 text (save the file as UTF-8)",
		},
		"deep blocks": {
			triangle("canary:", 60),
			"waitboard.yaml:51:57: lists and mappings are nested too deeply (this is not a waitboard configuration; check the path)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want+"\n", mistake(t, test.text, true)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestAliasBomb checks that a file of a few lines, which aliases make large, is rejected.
func TestAliasBomb(t *testing.T) {
	text := "widgets:\n  w: &w\n    metrics: &m\n" + wide("      m%d: {metric: a}\n", 1000) + wide("  x%d: *w\n", 1000)
	const want = "waitboard.yaml:3:5: widgets.x148.metrics: the file has too many values, counting those that aliases (*…) repeat (use fewer aliases)\n"
	if got := mistake(t, text, true); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// mistake returns the error of a configuration, as lines. It checks what holds for all errors.
func mistake(t *testing.T, text string, single bool) string {
	t.Helper()
	config, err := Parse(cases.File, []byte(text), testEnv)
	var problems *Error
	if !errors.As(err, &problems) || config != nil {
		t.Fatalf("parse = %v, %v, want an *Error", config, err)
	}
	got := err.Error() + "\n"
	if strings.Contains(got, canary) {
		t.Error("the error holds a secret")
	}
	if n := len(problems.Problems); single && n != 1 {
		t.Errorf("%d problems, want one:\n%s", n, got)
	}
	return got
}
