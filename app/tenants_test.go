package app

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waitboard/config"
)

// Files and sources get into trouble and out of it. The log reports each change once.
func TestTroubles(t *testing.T) {
	one := []config.Problem{{File: "a.yaml", Line: 1, Column: 2, Message: "is wrong"}}
	two := []config.Problem{{File: "a.yaml", Line: 3, Column: 4, Message: "is wrong too"}}
	key := config.NewSecret("k")
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	reported := troubles{log: log}
	for _, step := range []struct {
		name string
		c    config.Config
		want string
	}{
		{"a start with a mistake", config.Config{Included: []config.FileState{{Name: "a.yaml", Problems: one}, {Name: "b.yaml"}}},
			"level=ERROR msg=\"included file can't be used, skipping it\" file=a.yaml problem=\"a.yaml:1:2: is wrong\"\n"},
		{"the same mistake", config.Config{Included: []config.FileState{{Name: "a.yaml", Problems: one}, {Name: "b.yaml"}}}, ""},
		{"repaired", config.Config{Included: []config.FileState{{Name: "a.yaml"}}}, "level=INFO msg=\"included file recovered\" file=a.yaml\n"},
		{"broken while it is in force", config.Config{Included: []config.FileState{{Name: "a.yaml", Problems: one, Previous: true}}},
			"level=ERROR msg=\"included file can't be used, keeping its previous sources and widgets\" file=a.yaml problem=\"a.yaml:1:2: is wrong\"\n"},
		{"another mistake", config.Config{Included: []config.FileState{{Name: "a.yaml", Problems: two, Previous: true}}},
			"level=ERROR msg=\"included file can't be used, keeping its previous sources and widgets\" file=a.yaml problem=\"a.yaml:3:4: is wrong too\"\n"},
		{"removed", config.Config{}, ""},
		{"a source without its key", config.Config{Sources: []config.Source{{Name: "hq", Trouble: one}, {Name: "other", Key: key}}},
			"level=ERROR msg=\"source can't be polled, its widgets have no values\" source=hq problem=\"a.yaml:1:2: is wrong\"\n"},
		{"it has one", config.Config{Sources: []config.Source{{Name: "hq", Key: key}}}, "level=INFO msg=\"source recovered\" source=hq\n"},
		{"it loses it", config.Config{Sources: []config.Source{{Name: "hq", Key: key, Trouble: one}}},
			"level=ERROR msg=\"source lost its key or certificates, continuing with the previous ones\" source=hq problem=\"a.yaml:1:2: is wrong\"\n"},
		{"a key in quotes", config.Config{Sources: []config.Source{{Name: "hq", Key: key, Notes: two}}},
			"level=INFO msg=\"source recovered\" source=hq\nlevel=INFO msg=\"configuration accepted, but not in its usual form\" hint=\"a.yaml:3:4: is wrong too\"\n"},
		{"the same key in quotes, and a token", config.Config{Notes: one, Sources: []config.Source{{Name: "hq", Key: key, Notes: two}}},
			"level=INFO msg=\"configuration accepted, but not in its usual form\" hint=\"a.yaml:1:2: is wrong\"\n"},
	} {
		out.Reset()
		reported.report(&step.c)
		if diff := cmp.Diff(step.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", step.name, diff)
		}
	}
}

// A wrong file makes check fail, even if all sources respond.
func TestFitOfFiles(t *testing.T) {
	wrong := config.FileState{Name: "a.yaml", Problems: []config.Problem{{Message: "is wrong"}}}
	if (CheckResult{Files: []config.FileState{{Name: "b.yaml"}, wrong}}).Fit() || !(CheckResult{Files: []config.FileState{{Name: "b.yaml"}}}).Fit() {
		t.Error("check ignores a mistake in a file")
	}
}
