package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the version in CHANGELOG.md.
const version = "0.1.0"

// commit and date are of the source. The linker sets them in a release; a build in a checkout reads them from Git.
var commit, date string

type versionCommand struct{}

func (versionCommand) Run(i *invocation) error {
	source := commit + " " + date
	if info, ok := debug.ReadBuildInfo(); ok && commit == "" {
		settings := map[string]string{}
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		source = settings["vcs.revision"] + " " + settings["vcs.time"]
		if settings["vcs.modified"] == "true" {
			source += " (changed)"
		}
	}
	if source == " " {
		source = "of an unknown commit"
	}
	_, err := fmt.Fprintf(i.stdout, "waitboard %s %s %s %s/%s\n", version, source, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
