// Command release builds the files of a release: archives, packages for Debian and RPM, a list of components, and checksums. The same commit and
// the same version of Go give the same bytes. Run it at the top of the repository with: go -C tools/release run .
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// targets are the systems of a release. Those with Linux also get packages.
var targets = []target{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"}}

// A target is what a program runs on, in the words of Go.
type target struct{ system, processor string }

// A release is what all its files have in common.
type release struct {
	root, output    string // absolute folders
	version, commit string
	date            time.Time // of the commit; all files have it
	licenses        []byte    // of Go, libraries and fonts
}

func main() {
	output := flag.String("output", "../../dist", "the folder for the files")
	tag := flag.String("tag", "", "the tag of the release; it must be v and the version")
	flag.Parse()
	if err := run(*output, *tag); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(output, tag string) error {
	r, err := checkout("../..", output)
	if err != nil {
		return err
	}
	if changed, err := command(r.root, "git", "status", "--porcelain"); err != nil || changed != "" {
		return errors.Join(err, fmt.Errorf("commit these changes first:\n%s", changed))
	}
	if old, err := os.ReadDir(r.output); err != nil || len(old) > 0 {
		return errors.Join(err, fmt.Errorf("%s must be empty, it has %d files", r.output, len(old)))
	}
	if tag != "" {
		if err := r.fits(tag); err != nil {
			return err
		}
	}
	for _, t := range targets {
		if err := r.build(t); err != nil {
			return err
		}
	}
	if err := r.components(); err != nil {
		return err
	}
	return r.checksums()
}

// checkout returns the release of the commit in a folder.
func checkout(root, output string) (*release, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if output, err = filepath.Abs(output); err != nil {
		return nil, err
	}
	source, err := os.ReadFile(filepath.Join(root, "cli", "version.go")) //nolint:gosec // of the repository
	if err != nil {
		return nil, err
	}
	version := regexp.MustCompile(`const version = "(.+)"`).FindSubmatch(source)
	if version == nil {
		return nil, errors.New("cli/version.go has no version")
	}
	commit, err := command(root, "git", "log", "-1", "--format=%H %ct")
	if err != nil {
		return nil, err
	}
	hash, seconds, _ := strings.Cut(commit, " ")
	date, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return nil, err
	}
	licenses, err := command(root, "go", "run", "./internal/licenses")
	if err != nil {
		return nil, err
	}
	return &release{root, output, string(version[1]), hash, time.Unix(date, 0).UTC(), []byte(licenses + "\n")}, os.MkdirAll(output, 0o755) //nolint:gosec // it is public
}

// fits returns an error unless all files in the repository have the version of a tag.
func (r *release) fits(tag string) error {
	if tag != "v"+r.version {
		return fmt.Errorf("the tag is %s, and cli/version.go has %s", tag, r.version)
	}
	for file, want := range map[string]string{
		"CHANGELOG.md":                             `(?m)^## ` + regexp.QuoteMeta(r.version) + `, \d{4}-\d\d-\d\d$`,
		"web/npm/package.json":                     `"version": "` + regexp.QuoteMeta(r.version) + `"`,
		"deploy/wordpress/waitboard/readme.txt":    `(?m)^Stable tag: ` + regexp.QuoteMeta(r.version) + `$`,
		"deploy/wordpress/waitboard/waitboard.php": `(?m)^ \* Version: ` + regexp.QuoteMeta(r.version) + `$`,
	} {
		text, err := os.ReadFile(filepath.Join(r.root, file))
		if err != nil {
			return err
		}
		if !regexp.MustCompile(want).Match(text) {
			return fmt.Errorf("%s has nothing like %s", file, want)
		}
	}
	return nil
}

// command runs a program in a folder, and returns its output without the last end of line.
func command(folder, name string, arguments ...string) (string, error) {
	c := exec.Command(name, arguments...) //nolint:gosec,noctx // ours; it ends
	c.Dir, c.Stderr = folder, os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(c.Args, " "), err)
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}
