package main

import (
	"os"
	"testing"

	"waitboard/internal/testlevel"
)

// The files of a release are reproducible, and the Debian package works on this machine.
func TestReleases(t *testing.T) {
	testlevel.Full(t)
	for _, test := range []struct {
		name string
		root bool // needs root on Debian
		run  string
	}{
		{"reproducible", false, "TestReproducible|TestTag"},
		{"Debian package", true, "TestDebianPackage"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.root {
				testlevel.Need(t, "dpkg", "dpkg")
				testlevel.Need(t, "systemd-analyze", "systemd")
				testlevel.Need(t, "adduser", "adduser")
				if os.Getuid() != 0 {
					testlevel.Missing(t, "installing a package needs root")
				}
			}
			inFolder(t, "tools/release", "go", "test", "-count=1", "-run", "^("+test.run+")$", ".")
		})
	}
}
