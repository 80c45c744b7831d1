package estimate

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"math"
	"slices"
	"time"

	"waitboard/history"
)

// A file begins with the magic text and the version, and ends with a checksum of all before. In between stand unsigned varints: the line, the days, each
// with its waits and scores, and the newest outcomes. What is sorted is stored as the difference to the one before.
const (
	magic   = "waitboard estimate "
	version = 1
	header  = len(magic) + 1
)

// The errors of [Decode].
var (
	ErrVersion = errors.New("estimate: the file is of another version")
	ErrDamaged = errors.New("estimate: the file is damaged")
)

// Encode returns the archive as a file.
func (a *Archive) Encode() []byte {
	w := writer(append([]byte(magic), version))
	w.put(int(a.Line), len(a.days))
	last := 0
	for _, at := range slices.Sorted(maps.Keys(a.days)) {
		w.put(int(at) - last)
		w = a.days[at].encode(w)
		last = int(at)
	}
	w.put(len(a.newest))
	for _, o := range a.newest {
		w.put(int(o.arrived.Unix()), o.ahead, int(o.level))
	}
	return seal(w)
}

func (d *day) encode(w writer) writer {
	w.put(len(d.waits))
	for _, c := range slices.SortedFunc(maps.Keys(d.waits), cell.compare) {
		w.put(c.ahead, int(c.level), d.waits[c])
	}
	w.put(len(d.scores))
	for _, ahead := range slices.Sorted(maps.Keys(d.scores)) {
		w.put(ahead, d.scores[ahead].samples, d.scores[ahead].covered, d.scores[ahead].longer)
	}
	return w
}

// seal appends the checksum.
func seal(file []byte) []byte { return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file)) }

type writer []byte

// put appends numbers, none of which is negative.
func (w *writer) put(numbers ...int) {
	for _, n := range numbers {
		*w = binary.AppendUvarint(*w, uint64(n)) //nolint:gosec // never negative
	}
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
	a := &Archive{Line: uint32(r.next(math.MaxUint32)), days: map[int64]*day{}} //nolint:gosec // bounded
	at := int64(0)
	for n := r.next(most); n > 0 && !r.failed; n-- {
		at += int64(r.next(most))
		a.days[at] = r.day()
	}
	for n := r.next(outcomes); n > 0 && !r.failed; n-- {
		arrived := time.Unix(int64(r.next(mostSeconds)), 0).UTC()
		a.note(outcome{arrived, r.cell()})
	}
	if r.failed || len(r.rest) > 0 {
		return nil, ErrDamaged
	}
	return a, nil
}

// The bounds of what a file may hold.
const (
	most        = 1 << 31
	mostSeconds = 1 << 40
)

// A reader reads unsigned varints.
type reader struct {
	rest   []byte
	failed bool
}

// next returns the next number, which must not be above the limit.
func (r *reader) next(limit int) int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(limit) { //nolint:gosec // not negative
		r.failed, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return int(n) //nolint:gosec // bounded
}

func (r *reader) cell() cell {
	return cell{r.next(mostAhead), history.Level(r.next(history.LastLevel))} //nolint:gosec // bounded
}

func (r *reader) day() *day {
	d := &day{map[cell]int{}, map[int]score{}}
	for n := r.next(most); n > 0 && !r.failed; n-- {
		c := r.cell()
		d.waits[c] = r.next(most)
	}
	for n := r.next(mostAhead + 1); n > 0 && !r.failed; n-- {
		ahead := r.next(mostAhead)
		d.scores[ahead] = score{r.next(most), r.next(most), r.next(most)}
	}
	return d
}
