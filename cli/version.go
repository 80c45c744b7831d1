package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the version in CHANGELOG.md.
const version = "0.1.0"

type versionCommand struct{}

func (versionCommand) Run(i *invocation) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(i.stdout, "waitboard %s%s %s %s/%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
