// Package cases reads the invalid configurations of config/testdata/invalid. Each is a small change of a base, next to its message.
package cases

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"
)

// File is the file name in all messages.
const File = "waitboard.yaml"

// base is the name of a section that holds the base for the cases below it.
const base = "base"

// A Case is a configuration with a mistake.
type Case struct {
	Name    string // unique in the folder
	Base    string // the configuration without the mistake; empty when the case is a whole configuration
	Text    string // the configuration with the mistake
	Message string // the error that config.Parse must return for Text, as lines
}

// Read returns the cases of all archives (*.txtar) in a folder.
func Read(folder string) ([]Case, error) {
	var all []Case
	names := map[string]bool{}
	err := eachArchive(folder, func(file string, archive *txtar.Archive) error {
		found, err := parse(archive)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, c := range found {
			if names[c.Name] {
				return fmt.Errorf("%s: the folder holds several cases %s", file, c.Name)
			}
			names[c.Name] = true
		}
		all = append(all, found...)
		return nil
	})
	return all, err
}

// Update writes the messages, by the names of cases, into the archives of a folder.
func Update(folder string, messages map[string]string) error {
	return eachArchive(folder, func(file string, archive *txtar.Archive) error {
		for i, section := range archive.Files {
			if message, ok := messages[section.Name]; ok {
				archive.Files[i].Data = []byte(change(section.Data) + quote(message) + "\n")
			}
		}
		return os.WriteFile(file, append(bytes.TrimRight(txtar.Format(archive), "\n"), '\n'), 0o600)
	})
}

func eachArchive(folder string, do func(file string, archive *txtar.Archive) error) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil {
		return err
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			return err
		}
		if err := do(file, archive); err != nil {
			return err
		}
	}
	return nil
}

// parse returns the cases of an archive.
func parse(archive *txtar.Archive) ([]Case, error) {
	var all []Case
	var before *string
	for _, section := range archive.Files {
		if section.Name == base {
			text := strings.TrimRight(string(section.Data), "\n")
			if text != "" {
				text += "\n"
			}
			before = &text
			continue
		}
		if before == nil {
			return nil, fmt.Errorf("%s: the archive has no base above this case", section.Name)
		}
		text, err := apply(*before, change(section.Data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", section.Name, err)
		}
		all = append(all, Case{section.Name, *before, text, message(section.Data)})
	}
	return all, nil
}
