package embeds

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// hours is how long a request counts: in the hour in which it is made, and in the 23 hours after it.
const hours = 24

// A table counts requests by origin in a limited number of rows k. With at most k origins in 24 hours it is exact.
//
// A new origin replaces the smallest row, of weight w, with probability 1/(w+1), and the row then has the weight w+1
// (randomized admission: Ben-Basat and others, "Randomized Admission Policy for Efficient Top-k and Frequency
// Estimation", INFOCOM 2017). So:
//   - A number is never too high. It lacks the requests from before the origin had its row.
//   - Each step of a weight takes a request. An origin with n counted requests loses its row only after at least
//     (k-1)·n requests from other origins within 24 hours.
//   - A flood of origins that are each used once needs about k·n²/2 requests for that: for n = 500 in 40 rows, 5 million
//     within an hour. An origin that begins in such a flood waits for about as many requests as the smallest row has.
type table struct {
	hour int64  // the latest that a row counts; in hours since 1970
	rows []*row // by weight, the greatest first
}

type row struct {
	origin string
	total  int // sum of counts
	credit int // weight from the rows that this one replaced in this hour
	last   time.Time
	counts [hours]uint32 // by the hour, modulo 24
}

func (r *row) weight() int { return r.total + r.credit }

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// add counts a request. Origin may be part of a longer text, which the table doesn't hold.
func (t *table) add(origin string, now time.Time, limit int, random func(n int) int) {
	t.roll(hourOf(now))
	i := slices.IndexFunc(t.rows, func(r *row) bool { return r.origin == origin })
	switch {
	case i >= 0:
	case len(t.rows) < limit:
		i = len(t.rows)
		t.rows = append(t.rows, &row{origin: strings.Clone(origin)})
	default:
		i = limit - 1
		weight := t.rows[i].weight()
		if random(weight+1) != 0 {
			return
		}
		t.rows[i] = &row{origin: strings.Clone(origin), credit: weight}
	}
	r := t.rows[i]
	r.total++
	r.counts[t.hour%hours]++
	r.last = now
	for ; i > 0 && t.rows[i-1].weight() < r.weight(); i-- {
		t.rows[i-1], t.rows[i] = r, t.rows[i-1]
	}
}

// roll begins an hour: it forgets the requests of the same hour of the day before, and rows without others. A clock that
// is set back begins none.
func (t *table) roll(hour int64) {
	if hour <= t.hour {
		return
	}
	passed := min(hour-t.hour, hours)
	t.hour = hour
	for _, r := range t.rows {
		for h := hour - passed + 1; h <= hour; h++ {
			r.total -= int(r.counts[h%hours])
			r.counts[h%hours] = 0
		}
		r.credit = 0
	}
	t.rows = slices.DeleteFunc(t.rows, func(r *row) bool { return r.total == 0 })
	slices.SortStableFunc(t.rows, func(a, b *row) int { return cmp.Compare(b.total, a.total) })
}
