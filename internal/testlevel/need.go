package testlevel

import (
	"os"
	"os/exec"
	"testing"
)

// Need returns the path of a program that a test runs. Without the program it skips the test, or fails it if CI=true. packages are the Debian
// packages with the program.
func Need(t testing.TB, program, packages string) (path string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		Missing(t, program+" is not installed: apt-get install "+packages)
	}
	return path
}

// NeedFile skips a test without a generated file, or fails it if CI=true.
func NeedFile(t testing.TB, path, command string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		Missing(t, path+" does not exist: "+command)
	}
}

// Missing skips a test that lacks a tool, or fails it if CI=true: CI installs every tool.
func Missing(t testing.TB, what string) {
	t.Helper()
	end := t.Skip
	if os.Getenv("CI") == "true" {
		end = t.Fatal
	}
	end("not tested: " + what)
}
