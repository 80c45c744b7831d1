package history

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"waitboard/domain"
	"waitboard/internal/checked"
)

// A file holds the kind of value, and then the hours: seconds since the hour before, the number of levels, and for each level the difference to the
// one before and milliseconds, all as unsigned varints.
const (
	magic   = "waitboard history "
	version = 1
)

// The errors of [Decode].
var (
	ErrVersion = checked.ErrVersion
	ErrDamaged = checked.ErrDamaged
)

// Encode returns the archive as a file.
func (a *Archive) Encode() []byte {
	out := append(checked.Begin(magic, version), byte(a.Kind))
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
	return checked.Seal(out)
}

// Decode returns the archive of a file.
func Decode(file []byte) (*Archive, error) {
	body, err := checked.Open(file, magic, version)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 || domain.Kind(body[0]) > domain.Count {
		return nil, ErrDamaged
	}
	r := checked.Reader{Rest: body[1:]}
	a := &Archive{Kind: domain.Kind(body[0])}
	last := int64(0)
	for len(r.Rest) > 0 && !r.Failed {
		last += int64(r.Next(1 << 40)) //nolint:gosec // bounded
		h := Hour{time.Unix(last, 0).UTC(), map[Level]time.Duration{}}
		level := uint64(0)
		for n := r.Next(LastLevel + 1); n > 0; n-- {
			level += r.Next(LastLevel)
			h.Times[Level(min(level, LastLevel))] = time.Duration(r.Next(1<<32)) * time.Millisecond //nolint:gosec // bounded
		}
		if level > LastLevel {
			return nil, ErrDamaged
		}
		a.hours = append(a.hours, h)
	}
	if r.Failed {
		return nil, ErrDamaged
	}
	return a, nil
}
