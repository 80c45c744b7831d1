package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxIncluded is how many files may be included. Each is opened, hashed and watched.
	maxIncluded = 1000
	// maxIncludedBytes is how large one of them may be: enough for a thousand widgets with a dozen metrics each. All of them together may be as
	// large as the configuration file.
	maxIncludedBytes = 4 << 20
)

// includePatterns checks what include lists, and returns it as paths.
func (c *checker) includePatterns(path string, in []string) (patterns []string) {
	for i, text := range in {
		itemPath := path + "[" + strconv.Itoa(i) + "]"
		if !c.has(itemPath) {
			itemPath = path
		}
		pattern := c.located(text)
		switch _, err := filepath.Match(pattern, ""); {
		case err != nil:
			c.add(itemPath, "is not a pattern", "* stands for any characters and ? for one, as in clients/*.yaml")
		case !hasMeta(pattern) && c.isItself(pattern):
			c.add(itemPath, "is this file itself", "name other files")
		default:
			patterns = append(patterns, pattern)
		}
	}
	c.noRepeats(path, in)
	if files := c.find(patterns); len(files) > maxIncluded {
		c.add(path, fmt.Sprintf("matches %d files, more than %d", len(files), maxIncluded), "put several clients into one file")
	}
	return patterns
}

// isItself tells whether a path leads to the configuration file.
func (c *checker) isItself(path string) bool {
	main, err := os.Stat(c.report.file)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && os.SameFile(main, info)
}

// found is a file to include, or a folder that should be searched for such files.
type found struct {
	path string
	err  error // why it can't be read, if that is known already
}

// find lists the files that patterns match, by name and each once, and the folders that could not be searched.
func (c *checker) find(patterns []string) (all []found) {
	seen := map[string]bool{}
	for _, pattern := range patterns {
		for _, f := range expand(pattern, false) {
			if f.path = c.shortened(f.path); !seen[f.path] && !c.isItself(c.located(f.path)) {
				seen[f.path] = true
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(a.path, b.path) })
	return all
}

// shortened returns a path as people name it: relative to the folder of the configuration file if it is in there.
func (c *checker) shortened(path string) string {
	if short, err := filepath.Rel(c.folder, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}

// hasMeta tells whether a path is a pattern.
func hasMeta(path string) bool { return strings.ContainsAny(path, `*?[\`) }

// expand lists what a pattern matches, files or folders, and the folders that could not be searched. As in a shell, hidden files are matched only by a
// pattern that starts with a dot: editors and mounted Kubernetes volumes have files of their own beside those that are meant.
func expand(pattern string, folders bool) (all []found) {
	if !hasMeta(pattern) {
		return []found{{path: pattern}}
	}
	above, element := filepath.Split(pattern)
	for _, folder := range expand(filepath.Clean(above), true) {
		if folder.err != nil {
			all = append(all, folder)
			continue
		}
		entries, err := os.ReadDir(folder.path)
		if err != nil {
			all = append(all, found{folder.path, err})
		}
		for _, entry := range entries {
			matches, _ := filepath.Match(element, entry.Name())
			path := filepath.Join(folder.path, entry.Name())
			hidden := strings.HasPrefix(entry.Name(), ".") && !strings.HasPrefix(element, ".")
			if matches && !hidden && (!folders || isFolder(path)) {
				all = append(all, found{path: path})
			}
		}
	}
	return all
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// isGone tells whether nothing is at a path, not even a link that leads nowhere.
func isGone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// sumOfPattern returns a hash of the names that a pattern matches.
func sumOfPattern(pattern string) [sha256.Size]byte {
	hash := sha256.New()
	for _, f := range expand(pattern, false) {
		fmt.Fprintf(hash, "%q %t\n", f.path, f.err != nil || isGone(f.path))
	}
	return [sha256.Size]byte(hash.Sum(nil))
}
