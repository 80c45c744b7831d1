package history

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"
	"time"

	"waitboard/domain"
)

// A file begins with the magic text, the version and the kind of value, and ends with a checksum of all before. In between stand the hours: seconds since the hour
// before, the number of levels, and for each level the difference to the one before and milliseconds, all as unsigned varints.
const (
	magic   = "waitboard history "
	version = 1
	header  = len(magic) + 2
)

// The errors of [Decode].
var (
	ErrVersion = errors.New("history: the file is of another version")
	ErrDamaged = errors.New("history: the file is damaged")
)

// Encode returns the archive as a file.
func (a *Archive) Encode() []byte {
	out := append([]byte(magic), version, byte(a.Kind))
	last := int64(0)
	for _, h := range a.hours {
		out = binary.AppendUvarint(out, uint64(h.Start.Unix()-last)) //nolint:gosec // hours are sorted, and after 1970
		last = h.Start.Unix()
		out = binary.AppendUvarint(out, uint64(len(h.Times)))
		before := Level(0)
		for _, level := range slices.Sorted(maps.Keys(h.Times)) {
			out = binary.AppendUvarint(out, uint64(level-before))
			out = binary.AppendUvarint(out, uint64(h.Times[level].Milliseconds())) //nolint:gosec // never negative
			before = level
		}
	}
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
}

// Decode returns the archive of a file.
func Decode(file []byte) (*Archive, error) {
	if len(file) < header+4 || string(file[:len(magic)]) != magic {
		return nil, ErrDamaged
	}
	if file[len(magic)] != version {
		return nil, ErrVersion
	}
	end := len(file) - 4
	if crc32.ChecksumIEEE(file[:end]) != binary.BigEndian.Uint32(file[end:]) {
		return nil, ErrDamaged
	}
	r := reader{rest: file[header:end]}
	a := &Archive{Kind: domain.Kind(file[len(magic)+1])}
	last := int64(0)
	for len(r.rest) > 0 && !r.failed {
		last += int64(r.next(1 << 40)) //nolint:gosec // bounded
		h := Hour{time.Unix(last, 0).UTC(), map[Level]time.Duration{}}
		level := uint64(0)
		for n := r.next(LastLevel + 1); n > 0; n-- {
			level += r.next(LastLevel)
			h.Times[Level(min(level, LastLevel))] = time.Duration(r.next(1<<32)) * time.Millisecond //nolint:gosec // bounded
		}
		if level > LastLevel {
			return nil, ErrDamaged
		}
		a.hours = append(a.hours, h)
	}
	if r.failed || a.Kind > domain.Count {
		return nil, ErrDamaged
	}
	return a, nil
}

// A reader reads unsigned varints.
type reader struct {
	rest   []byte
	failed bool
}

// next returns the next number, which must not be above the limit.
func (r *reader) next(limit uint64) uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > limit {
		r.failed, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}
