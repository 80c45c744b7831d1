package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
)

// A file is what an archive holds.
type file struct {
	name    string
	content []byte
	mode    int64
}

// files returns what the archive for a target holds, by name.
func (r *release) files(t target, program string) (all []file, err error) {
	read := func(name, source string) {
		content, failed := os.ReadFile(filepath.Join(r.root, source)) //nolint:gosec // of the repository
		err = errors.Join(err, failed)
		all = append(all, file{name, content, 0o644})
	}
	read("CHANGELOG.md", "CHANGELOG.md")
	read("LICENSE", "LICENSE")
	read("README.md", "README.md")
	all = append(all, file{"THIRD_PARTY_LICENSES.txt", r.licenses, 0o644})
	content, failed := os.ReadFile(program) //nolint:gosec // just built
	all = append(all, file{"waitboard" + t.suffix(), content, 0o755})
	if t.system == "linux" {
		read("waitboard.service", "deploy/waitboard.service")
	}
	read("waitboard.yaml", "examples/waitboard.yaml")
	return all, errors.Join(err, failed)
}

// suffix returns how the name of a program ends.
func (t target) suffix() string {
	if t.system == "windows" {
		return ".exe"
	}
	return ""
}

// archive writes the archive for a target: a zip file for Windows, else a compressed tar file. It holds one folder.
func (r *release) archive(t target, program string) error {
	all, err := r.files(t, program)
	if err != nil {
		return err
	}
	name := "waitboard_" + r.version + "_" + t.system + "_" + t.processor
	kind, write := ".tar.gz", r.tar
	if t.system == "windows" {
		kind, write = ".zip", r.zip
	}
	out, err := os.Create(filepath.Join(r.output, name+kind)) //nolint:gosec // the caller names the folder
	if err != nil {
		return err
	}
	return errors.Join(write(out, name, all), out.Close())
}

func (r *release) tar(out *os.File, folder string, all []file) error {
	compressed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(compressed)
	for _, f := range all {
		if err := w.WriteHeader(&tar.Header{Name: folder + "/" + f.name, Size: int64(len(f.content)), Mode: f.mode, ModTime: r.date}); err != nil {
			return err
		}
		if _, err := w.Write(f.content); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), compressed.Close())
}

func (r *release) zip(out *os.File, folder string, all []file) error {
	w := zip.NewWriter(out)
	for _, f := range all {
		header := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: r.date}
		header.SetMode(os.FileMode(f.mode))
		part, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := part.Write(f.content); err != nil {
			return err
		}
	}
	return w.Close()
}
