package estimate

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"waitboard/history"
	"waitboard/internal/checked"
)

// A file holds unsigned varints: the line, the days, each with its waits and scores, and the newest outcomes. What is sorted is stored as the
// difference to the one before.
const (
	magic   = "waitboard estimate "
	version = 1
)

// The errors of [Decode].
var (
	ErrVersion = checked.ErrVersion
	ErrDamaged = checked.ErrDamaged
)

// Encode returns the archive as a file.
func (a *Archive) Encode() []byte {
	w := writer(checked.Begin(magic, version))
	w.put(int64(a.Line), int64(len(a.days)))
	last := int64(0)
	for _, at := range slices.Sorted(maps.Keys(a.days)) {
		w.put(at - last)
		w = a.days[at].encode(w)
		last = at
	}
	w.put(int64(len(a.newest)))
	for _, o := range a.newest {
		w.put(o.arrived.Unix(), int64(o.ahead), int64(o.level))
	}
	return checked.Seal(w)
}

func (d *day) encode(w writer) writer {
	w.put(int64(len(d.waits)))
	for _, c := range slices.SortedFunc(maps.Keys(d.waits), cell.compare) {
		w.put(int64(c.ahead), int64(c.level), int64(d.waits[c]))
	}
	w.put(int64(len(d.scores)))
	for _, ahead := range slices.Sorted(maps.Keys(d.scores)) {
		c := d.scores[ahead]
		w.put(int64(ahead), int64(c.samples), int64(c.covered), int64(c.longer))
	}
	return w
}

type writer []byte

// put appends numbers, none of which is negative.
func (w *writer) put(numbers ...int64) {
	for _, n := range numbers {
		*w = binary.AppendUvarint(*w, uint64(n)) //nolint:gosec // never negative
	}
}

// Decode returns the archive of a file.
func Decode(file []byte) (*Archive, error) {
	body, err := checked.Open(file, magic, version)
	if err != nil {
		return nil, err
	}
	r := reader{checked.Reader{Rest: body}}
	a := &Archive{Line: uint32(r.Next(math.MaxUint32)), days: map[int64]*day{}} //nolint:gosec // bounded
	at := int64(0)
	for n := r.count(most); n > 0 && !r.Failed; n-- {
		at += int64(r.count(most))
		a.days[at] = r.day()
	}
	for n := r.count(outcomes); n > 0 && !r.Failed; n-- {
		arrived := time.Unix(int64(r.Next(mostSeconds)), 0).UTC() //nolint:gosec // bounded
		a.note(outcome{arrived, r.cell()})
	}
	if r.Failed || len(r.Rest) > 0 {
		return nil, ErrDamaged
	}
	return a, nil
}

// The bounds of what a file may hold.
const (
	most        = math.MaxInt32
	mostSeconds = 1 << 40
)

type reader struct{ checked.Reader }

// count returns the next number, which must not be above the limit.
func (r *reader) count(limit int) int { return int(r.Next(uint64(limit))) } //nolint:gosec // bounded

func (r *reader) cell() cell {
	return cell{r.count(mostAhead), history.Level(r.count(history.LastLevel))} //nolint:gosec // bounded
}

func (r *reader) day() *day {
	d := &day{map[cell]int{}, map[int]score{}}
	for n := r.count(most); n > 0 && !r.Failed; n-- {
		c := r.cell()
		d.waits[c] = r.count(most)
	}
	for n := r.count(mostAhead + 1); n > 0 && !r.Failed; n-- {
		ahead := r.count(mostAhead)
		d.scores[ahead] = score{r.count(most), r.count(most), r.count(most)}
	}
	return d
}
