package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// limit is how many bytes a program may have.
const limit = 40_000_000

// build makes the files for a target.
func (r *release) build(t target) error {
	program, err := os.MkdirTemp("", "waitboard-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(program) //nolint:errcheck // the system cleans up, too
	program = filepath.Join(program, "waitboard")
	if err := r.compile(t, program); err != nil {
		return err
	}
	if err := r.archive(t, program); err != nil || t.system != "linux" {
		return err
	}
	return r.pack(t, program)
}

// compile builds the program. Nothing in it depends on the machine, the folder or the environment.
func (r *release) compile(t target, program string) error {
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, "-ldflags=-s -w"+ //nolint:gosec,noctx // ours; it ends
		" -X waitboard/cli.commit="+r.commit+" -X waitboard/cli.date="+r.date.Format(time.RFC3339), ".")
	c.Dir, c.Stdout, c.Stderr = r.root, os.Stderr, os.Stderr
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.system, "GOARCH="+t.processor, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w", t, err)
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	fmt.Printf("%9d  %s for %s\n", info.Size(), filepath.Base(program), t)
	if info.Size() > limit {
		return fmt.Errorf("the program for %s has %d bytes, at most %d are allowed", t, info.Size(), limit)
	}
	return nil
}

func (t target) String() string { return t.system + "/" + t.processor }

// components writes the list of components (SBOM) for the system with most of them, Linux. The others lack some.
func (r *release) components() error {
	file := filepath.Join(r.output, "waitboard_"+r.version+".cdx.json")
	source, err := os.MkdirTemp("", "waitboard-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(source)                                                         //nolint:errcheck // the system cleans up, too
	if _, err := command(r.root, "git", "clone", "--quiet", ".", source); err != nil { // the tool can't read a worktree of Git
		return err
	}
	c := exec.Command("go", "tool", "cyclonedx-gomod", "app", "-json", "-licenses", "-std", "-noserial", "-notimestamp", "-main", ".", "-output", file, source) //nolint:gosec,noctx // ours; it ends
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("the list of components: %w\n%s", err, out)
	}
	return nil
}

// checksums writes SHA256SUMS for all other files.
func (r *release) checksums() error {
	entries, err := os.ReadDir(r.output) // by name
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, entry := range entries {
		if entry.Name() == "SHA256SUMS" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(r.output, entry.Name()))
		if err != nil {
			return err
		}
		fmt.Printf("%9d  %s\n", len(content), entry.Name())
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), entry.Name())
	}
	return os.WriteFile(filepath.Join(r.output, "SHA256SUMS"), []byte(sums.String()), 0o644) //nolint:gosec // it is public
}
