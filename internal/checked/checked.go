// Package checked frames small binary files: a magic text and a version at the start, a checksum at the end, and unsigned varints in between.
package checked

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// The errors of [Open].
var (
	ErrVersion = errors.New("the file is of another version")
	ErrDamaged = errors.New("the file is damaged")
)

const checksum = 4 // bytes

// Begin returns the start of a file.
func Begin(magic string, version byte) []byte { return append([]byte(magic), version) }

// Seal appends the checksum.
func Seal(file []byte) []byte { return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file)) }

// Open returns what is between the start and the checksum of a file.
func Open(file []byte, magic string, version byte) ([]byte, error) {
	start, end := len(magic)+1, len(file)-checksum
	switch {
	case end < start || string(file[:len(magic)]) != magic:
		return nil, ErrDamaged
	case file[len(magic)] != version:
		return nil, ErrVersion
	case crc32.ChecksumIEEE(file[:end]) != binary.BigEndian.Uint32(file[end:]):
		return nil, ErrDamaged
	}
	return file[start:end], nil
}

// A Reader reads unsigned varints.
type Reader struct {
	Rest   []byte
	Failed bool // a number was missing, or above its limit
}

// Next returns the next number, which must not be above the limit.
func (r *Reader) Next(limit uint64) uint64 {
	n, size := binary.Uvarint(r.Rest)
	if size <= 0 || n > limit {
		r.Failed, r.Rest = true, nil
		return 0
	}
	r.Rest = r.Rest[size:]
	return n
}
