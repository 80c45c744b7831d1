// Command licenses prints the licenses of everything that the program contains: Go, its libraries and its fonts. A release and the image include
// them. It reads the module cache. Run it at the top of the repository.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// systems are the operating systems of a release. Their programs contain different modules.
var systems = []string{"linux", "darwin", "windows"}

// licenseFile matches the names of files with a license.
var licenseFile = regexp.MustCompile(`(?i)^(((un)?licen[cs]e|copying|notice|patents)(-\w+)?|ofl)(\.(txt|md))?$`)

// readmes lists the modules whose README has the licenses of their fonts.
var readmes = []string{"github.com/hajimehoshi/bitmapfont/v3"}

func main() {
	modules, err := linked()
	if err == nil {
		err = write(os.Stdout, modules)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

// A module is a part of the program with licenses of its own.
type module struct {
	name, folder string
	files        []string // with licenses, relative to folder
}

// linked returns Go and the modules of the program for all systems, by name.
func linked() ([]*module, error) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // it ends
	if err != nil {
		return nil, err
	}
	golang := &module{name: "Go " + strings.TrimPrefix(runtime.Version(), "go"), folder: strings.TrimSpace(string(goroot))}
	all := map[string]*module{"": golang}
	err = golang.add(".")
	for _, system := range systems {
		if err != nil {
			return nil, err
		}
		err = list(system, all)
	}
	if err != nil {
		return nil, err
	}
	var modules []*module
	for _, m := range all {
		if m.files == nil {
			return nil, fmt.Errorf("%s has no file with a license", m.name)
		}
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b *module) int { return strings.Compare(a.name, b.name) })
	return modules, nil
}

// list adds the modules of the program for a system, and that of the bitmap font, of which it has a part.
func list(system string, all map[string]*module) error {
	command := exec.Command("go", "list", "-deps", "-json=Dir,Module", ".", "./badge/pixelgen") //nolint:noctx // it ends
	command.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return err
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir    string
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case p.Module == nil || p.Module.Main:
			continue
		}
		m := all[p.Module.Path]
		if m == nil {
			m = &module{name: p.Module.Path + " " + p.Module.Version, folder: p.Module.Dir}
			all[p.Module.Path] = m
			if slices.Contains(readmes, p.Module.Path) {
				m.files = []string{"README.md"}
			}
		}
		below, err := filepath.Rel(m.folder, p.Dir)
		if err != nil {
			return err
		}
		if err := m.add(below); err != nil {
			return err
		}
	}
}

// add adds the files with licenses in a folder of the module and in the folders above it.
func (m *module) add(folder string) error {
	for {
		entries, err := fs.ReadDir(os.DirFS(m.folder), filepath.ToSlash(folder))
		if err != nil {
			return err
		}
		for _, entry := range entries {
			file := filepath.Join(folder, entry.Name())
			if entry.Type().IsRegular() && licenseFile.MatchString(entry.Name()) && !slices.Contains(m.files, file) {
				m.files = append(m.files, file)
			}
		}
		if folder == "." {
			return nil
		}
		folder = filepath.Dir(folder)
	}
}

// write prints the licenses.
func write(w io.Writer, modules []*module) error {
	text := bytes.NewBufferString("waitboard contains these works of others, under the licenses below.\n\n")
	for _, m := range modules {
		fmt.Fprintf(text, "- %s\n", m.name)
	}
	for _, m := range modules {
		slices.Sort(m.files)
		for _, file := range m.files {
			content, err := os.ReadFile(filepath.Join(m.folder, file)) //nolint:gosec // of the module cache
			if err != nil {
				return err
			}
			fmt.Fprintf(text, "\n%s\n%s: %s\n\n%s\n", strings.Repeat("=", 80), m.name, filepath.ToSlash(file), bytes.TrimSpace(content))
		}
	}
	_, err := text.WriteTo(w)
	return err
}
