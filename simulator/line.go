package simulator

import "time"

// The types of values that the vendor documents, and two others.
const (
	Boolean         = "BOOLEAN"
	Count           = "COUNT"
	String          = "STRING"
	Duration        = "DURATION"
	AverageDuration = "AVERAGE_DURATION"
	// Percentage is missing on the vendor's page.
	Percentage = "PERCENTAGE"
	// Absent is not a type on the wire: such a value has only a
	// lastUpdateTime. Values of other types are absent at times.
	Absent = "ABSENT"
)

// line is a value as a function of time, as the API publishes it: the value at
// its last change, and its rate since.
type line struct {
	kind    string
	updated time.Time // when the line began; whole milliseconds

	sum      time.Duration // Duration, AverageDuration: at updated
	up, down int           // Duration, AverageDuration: calls that count up and down
	count    int64         // Count, AverageDuration
	yes      bool          // Boolean
	text     string        // String
	percent  float64       // Percentage
}

// sumAt returns the sum of durations at an instant.
func (l line) sumAt(t time.Time) time.Duration {
	return l.sum + time.Duration(l.up-l.down)*t.Sub(l.updated)
}

// continues reports whether next has the same values as l at its beginning, so
// that lastUpdateTime does not change.
func (l line) continues(next line) bool {
	l.sum, l.updated = l.sumAt(next.updated), next.updated
	return l == next
}

// The constructors of lines. The desk sets updated.

func absent() line               { return line{kind: Absent} }
func counted(n int) line         { return line{kind: Count, count: int64(n)} }
func stated(yes bool) line       { return line{kind: Boolean, yes: yes} }
func worded(text string) line    { return line{kind: String, text: text} }
func percent(share float64) line { return line{kind: Percentage, percent: share} }

func lasting(sum time.Duration, up, down int) line {
	return line{kind: Duration, sum: sum, up: up, down: down}
}

func averaging(sum time.Duration, count, up int) line {
	return line{kind: AverageDuration, sum: sum, count: int64(count), up: up}
}

// history has the recent lines of one value, oldest first. Each holds until the
// next begins.
type history []line

// record adds a line unless the last one continues.
func (h *history) record(l line) {
	last := len(*h) - 1
	switch {
	case last >= 0 && (*h)[last].continues(l):
	case last >= 0 && (*h)[last].updated.Equal(l.updated):
		(*h)[last] = l // of several events at one instant the last counts
	default:
		*h = append(*h, l)
	}
}

// at returns the line at an instant. ok is false before the first.
func (h history) at(t time.Time) (l line, ok bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if !h[i].updated.After(t) {
			return h[i], true
		}
	}
	return line{}, false
}

// forget removes the lines that ended before an instant.
func (h *history) forget(before time.Time) {
	keep := len(*h) - 1
	for keep > 0 && (*h)[keep].updated.After(before) {
		keep--
	}
	if keep > 0 {
		*h = append((*h)[:0], (*h)[keep:]...)
	}
}
