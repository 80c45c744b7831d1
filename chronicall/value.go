package chronicall

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"waitboard/domain"
)

// UnknownType describes a value of a type without a formula. It can never be shown.
const UnknownType = "a value of an unknown type"

// The other kinds of unexpected values.
const (
	unreadable     = "a value that can't be read"
	unreadableMsg  = "a message that can't be read"
	wrongFieldType = "a value with a field of another type"
	damaged        = "a value with a part that is not JSON"
	incomplete     = "a value without the fields of its type"
	outOfRange     = "a value out of range"
	undated        = "a running duration without a readable time"
	doubtfulDate   = "a running duration in an answer whose date contradicts earlier ones"
	future         = "a running duration from the future: the server dates values and answers by different clocks"
)

// Limits of values.
const (
	maxCount = 1e12
	maxRate  = 1e6             // calls that count up at the same time
	maxAhead = 5 * time.Second // by which a value may be dated after its answer, as the source's clock is only estimated
)

// reading applies the formulas of the Realtime API's page, "Metric Values". An absent value is no value; one that can't be
// understood is none either, and unexpected says why. A duration of a doubtful date is read by its answer's own date.
func reading(v *wireValue, t timing) (r domain.Reading, unexpected string) {
	switch v.Type {
	case "":
		return domain.Reading{}, "" // documented: a value may be absent
	case "BOOLEAN":
		var flag *bool
		if v.Value != nil && json.Unmarshal(unquoted(v.Value), &flag) == nil {
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
		case v.Count != nil && (v.Count.float < 0 || v.Count.float > maxCount):
			return domain.Reading{}, outOfRange
		case v.Count != nil:
			return domain.CountOf(v.Count.float), ""
		}
	case "DURATION":
		if v.FinishedDuration != nil {
			return line(v, v.FinishedDuration.float, 1, t)
		}
	case "AVERAGE_DURATION":
		switch {
		case v.Count != nil && v.Count.float <= 0:
			return domain.Reading{}, "" // an average of nothing
		case v.Count != nil && v.DurationSum != nil:
			return line(v, v.DurationSum.float, v.Count.float, t)
		}
	default:
		return domain.Reading{}, UnknownType
	}
	return domain.Reading{}, incomplete
}

// unquoted returns the JSON of a boolean, which may be in quotes as numbers may be.
func unquoted(raw json.RawMessage) json.RawMessage {
	switch s := strings.ToLower(string(raw)); s {
	case `"true"`, `"false"`:
		return json.RawMessage(strings.Trim(s, `"`))
	}
	return raw
}

// line returns the reading (sum + (up − down)·(t − lastUpdateTime)) / divisor, with sum in milliseconds.
func line(v *wireValue, sum, divisor float64, t timing) (r domain.Reading, unexpected string) {
	r = domain.Reading{Kind: domain.Duration, Base: sum / divisor, Rate: (v.NumCountingUp.float - v.NumCountingDown.float) / divisor}
	within := func(x, limit float64) bool { return math.Abs(x) <= limit } // false for NaN
	if !within(r.Base, float64(domain.MaxDuration.Milliseconds())) || !within(r.Rate, maxRate) {
		return domain.Reading{}, outOfRange
	}
	if r.Rate == 0 {
		if r.Base < -1000 { // less is the upstream's rounding, and shows as zero
			return domain.Reading{}, outOfRange
		}
		return r, ""
	}
	updated, err := parseTime(string(v.LastUpdateTime))
	if err != nil {
		return domain.Reading{}, undated
	}
	if t.doubtful {
		if t.date.IsZero() {
			return domain.Reading{}, doubtfulDate
		}
		r.Instant = t.answered.Add(updated.Sub(t.date))
		return r, doubtfulDate
	}
	ahead := updated.Add(-t.ahead).Sub(t.answered)
	if ahead > maxAhead {
		return domain.Reading{}, future
	}
	r.Instant = t.answered.Add(ahead) // keeps the monotonic clock reading
	return r, ""
}

// timeLayouts are RFC 3339 and what a Java server makes of it: without seconds, or without the colon of the offset. Go accepts
// a fraction after any seconds.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04Z07",
}

// parseTime reads a lastUpdateTime. It ignores a zone in brackets, as java.time.ZonedDateTime prints it. It rejects times
// without an offset, and years that no phone system has seen.
func parseTime(s string) (time.Time, error) {
	s, _, _ = strings.Cut(s, "[")
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("no time of RFC 3339, in %d characters", len(s))
}
