package chronicall

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"waitboard/domain"
)

// UnknownType is the oddity of a value of a type that there is no formula for. It can never be shown.
const UnknownType = "a value of a type that is not known here"

// What else can be odd about a value.
const (
	unreadable = "a value that can't be read"
	unreadMsg  = "a message that can't be read"
	mistyped   = "a value with a field of another type"
	incomplete = "a value without the fields of its type"
	absurd     = "a value beyond all measure"
	undated    = "a running duration without a readable time"
	unsure     = "a running duration in an answer whose date contradicts those before"
	future     = "a running duration from the future: the clock that dates its values is not the one that dates its answers"
)

// Limits to what is taken for a value: no phone system counts further, and no line is steeper.
const (
	maxCount = 1e12
	maxRate  = 1e6 // calls that count up at the same time

	// maxAhead is how far a value may be dated after the answer that brings it, for the estimate of their clock is not exact.
	maxAhead = 5 * time.Second
)

// reading applies the formulas of the Realtime API's page, "Metric Values". What can't be understood is no value, and
// odd; what is absent is just no value. A duration that is unsure is read by its answer's own date.
func reading(v *wireValue, t timing) (r domain.Reading, oddity string) {
	switch v.Type {
	case "":
		return domain.Reading{}, "" // documented: a value may be absent
	case "BOOLEAN":
		var flag *bool
		if v.Value != nil && json.Unmarshal(v.Value, &flag) == nil {
			if flag == nil {
				return domain.Reading{}, ""
			}
			return domain.BooleanOf(*flag), ""
		}
	case "STRING":
		var text *string
		if v.Value != nil && json.Unmarshal(v.Value, &text) == nil {
			if text == nil {
				return domain.Reading{}, ""
			}
			return domain.TextOf(*text), ""
		}
	case "COUNT":
		switch {
		case v.Count != nil && (*v.Count < 0 || *v.Count > maxCount):
			return domain.Reading{}, absurd
		case v.Count != nil:
			return domain.CountOf(*v.Count), ""
		}
	case "DURATION":
		if v.FinishedDuration != nil {
			return line(v, *v.FinishedDuration, 1, t)
		}
	case "AVERAGE_DURATION":
		switch {
		case v.Count != nil && *v.Count <= 0:
			return domain.Reading{}, "" // an average of nothing
		case v.Count != nil && v.DurationSum != nil:
			return line(v, *v.DurationSum, *v.Count, t)
		}
	default:
		return domain.Reading{}, UnknownType
	}
	return domain.Reading{}, incomplete
}

// line is (sum + (up − down)·(t − lastUpdateTime)) / divisor, sum in milliseconds.
func line(v *wireValue, sum, divisor float64, t timing) (r domain.Reading, oddity string) {
	r = domain.Reading{Kind: domain.Duration, Base: sum / divisor, Rate: (v.NumCountingUp - v.NumCountingDown) / divisor}
	within := func(x, limit float64) bool { return math.Abs(x) <= limit } // which NaN is not
	if !within(r.Base, float64(domain.MaxDuration.Milliseconds())) || !within(r.Rate, maxRate) {
		return domain.Reading{}, absurd
	}
	if r.Rate == 0 { // it is the same at any time
		if r.Base < -1000 { // milliseconds, which may be the upstream's rounding; one that has been counted down to below zero is at zero
			return domain.Reading{}, absurd
		}
		return r, ""
	}
	updated, err := parseTime(string(v.LastUpdateTime))
	if err != nil {
		return domain.Reading{}, undated
	}
	if t.unsure {
		if t.date.IsZero() {
			return domain.Reading{}, unsure
		}
		r.Instant = t.answered.Add(updated.Sub(t.date))
		return r, unsure
	}
	ahead := updated.Add(-t.offset).Sub(t.answered)
	if ahead > maxAhead {
		return domain.Reading{}, future
	}
	r.Instant = t.answered.Add(ahead) // which knows how much time has passed though our clock be set
	return r, ""
}

// timeLayouts are RFC 3339 and what a Java server makes of it: seconds may be missing, as may the colon of the offset.
// Go reads a fraction of a second wherever seconds stand.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04Z07",
}

// parseTime reads a lastUpdateTime. A zone's name in brackets, as java.time.ZonedDateTime prints it, is passed over.
// A time without an offset could mean anything, and is an error, as is one that no phone system can have seen.
func parseTime(s string) (time.Time, error) {
	s, _, _ = strings.Cut(s, "[")
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("no time of RFC 3339, in %d characters", len(s))
}
