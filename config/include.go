package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxIncluded limits the included files. Each is opened, hashed and watched.
const maxIncluded = 1000

// includePatterns checks the list of include and returns it as paths.
func (c *checker) includePatterns(path string, in []string) (patterns []string) {
	for i, text := range in {
		itemPath, pattern := c.item(path, i), c.located(text)
		switch _, err := filepath.Match(pattern, ""); {
		case err != nil:
			c.add(itemPath, "is not a pattern", "* matches any characters and ? one, as in clients/*.yaml")
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

// isItself reports whether a path leads to the configuration file.
func (c *checker) isItself(path string) bool {
	main, err := os.Stat(c.report.file)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && os.SameFile(main, info)
}

// match is a file to include, or a folder that can't be searched.
type match struct {
	path string
	err  error // why the folder can't be searched
}

// find returns the files that patterns match, by name and each once, and the folders that can't be searched.
func (c *checker) find(patterns []string) (all []match) {
	seen := map[string]bool{}
	for _, pattern := range patterns {
		for _, f := range expand(pattern, false) {
			if f.path = c.relative(f.path); !seen[f.path] && !c.isItself(c.located(f.path)) {
				seen[f.path] = true
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b match) int { return strings.Compare(a.path, b.path) })
	return all
}

// relative returns a path relative to the folder of the configuration file, if it is in there.
func (c *checker) relative(path string) string {
	if short, err := filepath.Rel(c.folder, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}

// hasMeta reports whether a path is a pattern.
func hasMeta(path string) bool { return strings.ContainsAny(path, `*?[\`) }

// expand returns the files or folders that a pattern matches, and the folders that can't be searched. As in a shell, only a pattern that
// starts with a dot matches hidden files: editors and mounted Kubernetes volumes add some.
func expand(pattern string, folders bool) (all []match) {
	if !hasMeta(pattern) {
		return []match{{path: pattern}}
	}
	above, element := filepath.Split(pattern)
	for _, folder := range expand(filepath.Clean(above), true) {
		if folder.err != nil {
			all = append(all, folder)
			continue
		}
		entries, err := os.ReadDir(folder.path)
		if err != nil {
			all = append(all, match{folder.path, err})
		}
		for _, entry := range entries {
			matches, _ := filepath.Match(element, entry.Name())
			path := filepath.Join(folder.path, entry.Name())
			hidden := strings.HasPrefix(entry.Name(), ".") && !strings.HasPrefix(element, ".")
			if matches && !hidden && (!folders || isFolder(path)) {
				all = append(all, match{path: path})
			}
		}
	}
	return all
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// isGone reports whether nothing is at a path, not even a broken link.
func isGone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// sumOfPattern returns a hash of the names that match a pattern, and the error of a folder that can't be searched.
func sumOfPattern(pattern string) (sum [sha256.Size]byte, err error) {
	hash := sha256.New()
	for _, f := range expand(pattern, false) {
		fmt.Fprintf(hash, "%q %t\n", f.path, f.err != nil || isGone(f.path))
		err = errors.Join(err, f.err)
	}
	return [sha256.Size]byte(hash.Sum(nil)), err
}
