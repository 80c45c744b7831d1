package datadir

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Journal is a file to which records are added. After a crash it has all records whose addition succeeded, and perhaps the next one. Calls
// must not overlap.
type Journal struct {
	dir  *Dir
	name string
	file *os.File // nil: it must be opened again
	size int64    // of the whole records
}

// ErrDamaged means that a journal has damage that no crash leaves.
var ErrDamaged = errors.New("file damaged: invalid record")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Journal opens a journal of at most limit bytes, or creates it, and returns its records. It removes what a crash left of the last addition.
func (d *Dir) Journal(name string, limit int64) (*Journal, [][]byte, error) {
	data, err := d.Read(name, limit)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	records, size := parseRecords(data)
	if rest := data[size:]; hasRecord(rest) {
		return nil, nil, ErrDamaged
	}
	j := &Journal{dir: d, name: name, size: size}
	if err := j.open(); err != nil {
		return nil, nil, err
	}
	if err := d.sync(); err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	return j, records, nil
}

// open opens the file, and cuts off everything after the whole records.
func (j *Journal) open() error {
	f, err := os.OpenFile(j.dir.Path(j.name), os.O_WRONLY|os.O_CREATE, 0o600) // O_APPEND would rule out Truncate on Windows
	if err == nil {
		err = f.Truncate(j.size)
	}
	if err == nil {
		_, err = f.Seek(j.size, io.SeekStart)
	}
	if err != nil {
		if f != nil {
			_ = f.Close()
		}
		return fmt.Errorf("can't write %s: %w", j.dir.Path(j.name), reason(err))
	}
	j.file = f
	return nil
}

// Salvage sets a damaged journal of at most limit bytes aside, and stores its intact records in a new one. It returns where the damaged file
// is, and how many lines of it are no records. Journal opens the new one. A crash loses neither file.
func (d *Dir) Salvage(name string, limit int64) (aside string, lost int, err error) {
	data, err := d.Read(name, limit)
	if err != nil {
		return "", 0, err
	}
	var intact []byte
	for line := range bytes.Lines(data) {
		if isRecord(line) {
			intact = append(intact, line...)
		} else {
			lost++
		}
	}
	if aside, err = d.unused(name); err != nil {
		return "", 0, err
	}
	if err := d.Replace(filepath.Base(aside), data); err != nil {
		return "", 0, err
	}
	return aside, lost, d.Replace(name, intact)
}

// Add adds a record without line breaks. If it returns nil, the record survives a crash and a power failure. Otherwise it may, and the caller
// may add it again.
func (j *Journal) Add(record []byte) error {
	if j.file == nil {
		if err := j.open(); err != nil {
			return err
		}
	}
	line := encodeRecord(record)
	_, err := j.file.Write(line)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		_ = j.Close() // the next addition cuts off what was written of this one
		return fmt.Errorf("can't write %s: %w", j.dir.Path(j.name), reason(err))
	}
	j.size += int64(len(line))
	return nil
}

// Size returns the bytes of all records.
func (j *Journal) Size() int64 { return j.size }

// Replace replaces all records.
func (j *Journal) Replace(records [][]byte) error {
	var data []byte
	for _, record := range records {
		data = append(data, encodeRecord(record)...)
	}
	_ = j.Close()
	if err := j.dir.Replace(j.name, data); err != nil {
		return err
	}
	j.size = int64(len(data))
	return nil
}

// Close closes the file.
func (j *Journal) Close() error {
	if j.file == nil {
		return nil
	}
	f := j.file
	j.file = nil
	return f.Close()
}

func encodeRecord(record []byte) []byte {
	return fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(record, castagnoli), record)
}

// parseRecords returns the records up to the first invalid one, and their bytes in the file.
func parseRecords(data []byte) (records [][]byte, size int64) {
	for {
		line, _, found := bytes.Cut(data[size:], []byte("\n"))
		record, ok := decodeRecord(line)
		if !found || !ok {
			return records, size
		}
		records = append(records, record)
		size += int64(len(line)) + 1
	}
}

func decodeRecord(line []byte) (record []byte, ok bool) {
	if len(line) < 9 || line[8] != ' ' {
		return nil, false
	}
	record = line[9:]
	return record, string(line[:8]) == fmt.Sprintf("%08x", crc32.Checksum(record, castagnoli))
}

// hasRecord reports whether any line is a record.
func hasRecord(data []byte) bool {
	for line := range bytes.Lines(data) {
		if isRecord(line) {
			return true
		}
	}
	return false
}

// isRecord reports whether a line is a record, with the line break.
func isRecord(line []byte) bool {
	line, whole := bytes.CutSuffix(line, []byte("\n"))
	_, ok := decodeRecord(line)
	return whole && ok
}
