package config

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"waitboard/internal/bom"
)

// maxPEMBytes limits a file of certificates or of a certificate's key.
const maxPEMBytes = 1 << 20

// certificates reads a PEM file of valid certificates. It returns nil after reporting any other file.
func (c *checker) certificates(path, name string) []byte {
	data, ok := c.file(path, name, maxPEMBytes)
	if !ok {
		return nil
	}
	found := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			c.add(path, "the file holds a damaged certificate", "export it again, as PEM")
			return nil
		}
		found++
	}
	if found == 0 {
		c.add(path, "the file holds no certificate", "it must be PEM text, with a line -----BEGIN CERTIFICATE-----")
		return nil
	}
	return data
}

// file reads a file that the configuration names, or reports why it can't. A problem never repeats the file's text.
func (c *checker) file(path, name string, limit int64) ([]byte, bool) {
	hint := c.relativeHint(name)
	name = c.located(name)
	c.files = append(c.files, name)
	data, err := readFile(name, limit)
	switch {
	case err != nil:
		c.add(path, "the file cannot be read: "+reason(err), hint)
	case int64(len(data)) > limit:
		c.add(path, "the file is too large", "check the path")
	default:
		plain, marked := bom.Decode(data)
		if marked {
			c.note(path, "the file starts with a byte order mark, which is ignored", "save it as UTF-8 without one")
		}
		return bytes.ReplaceAll(plain, []byte("\uFEFF"), nil), true // files that were joined have several
	}
	return nil, false
}

// relativeHint returns a hint on where a relative path starts, "" for an absolute one.
func (c *checker) relativeHint(name string) string {
	switch {
	case filepath.IsAbs(name):
		return ""
	case c.included != "":
		return "a relative path starts at the folder of this file"
	default:
		return "a relative path starts at the folder of the configuration file"
	}
}

// located returns the path of a file that the configuration names.
func (c *checker) located(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(c.folder, name)
}

var errNotRegular = errors.New("not a regular file")

// readFile reads at most one byte more than limit. It rejects anything but a regular file before it opens it: opening a pipe would block
// until another process writes to it.
func readFile(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// reason returns why a file can't be read, in plain words. It leaves out the path, which may be a key in the wrong place.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, errNotRegular):
		return "it is a folder or a device, not a file"
	}
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return "reading failed"
}
