package chronicall

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"waitboard/wait"
)

// The JSON of the Realtime API, read liberally: unknown fields are passed over, and one value that can't be read is
// one value missing.
type (
	wireMetric struct {
		ID                wireID   `json:"metricId"`
		Name              string   `json:"metricName"`
		CategoryType      string   `json:"categoryType"`
		CategorySelection []string `json:"categorySelection"`
	}
	wireAnswer struct {
		Results      []json.RawMessage `json:"results"`
		Initializing []wireKey         `json:"initializing"`
	}
	wireKey struct {
		MetricID      wireID `json:"metricId"`
		CategoryValue string `json:"categoryValue"`
	}
	wireResult struct {
		Key   wireKey   `json:"key"`
		Value wireValue `json:"value"`
	}
	wireValue struct {
		Type             string          `json:"type"`
		LastUpdateTime   string          `json:"lastUpdateTime"`
		Value            json.RawMessage `json:"value"`
		Count            *float64        `json:"count"`
		FinishedDuration *float64        `json:"finishedDuration"`
		DurationSum      *float64        `json:"durationSum"`
		NumCountingUp    float64         `json:"numCountingUp"`
		NumCountingDown  float64         `json:"numCountingDown"`
	}
)

// A wireID is an opaque string; a bare number is taken for one too.
type wireID string

func (id *wireID) UnmarshalJSON(raw []byte) error {
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		*id = wireID(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(id))
}

// UnmarshalJSON takes a bare metric ID for a key too: the API's page speaks of "a list of metric IDs".
func (k *wireKey) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return json.Unmarshal(raw, &k.MetricID)
	}
	type plain wireKey
	return json.Unmarshal(raw, (*plain)(k))
}

func (k wireKey) key() wait.Key {
	return wait.Key{Metric: string(k.MetricID), Category: k.CategoryValue}
}

// A decoder turns values into readings, and logs each kind of surprise once.
type decoder struct {
	log       *slog.Logger
	surprises sync.Map // of text already logged
}

// readings translates results whose lastUpdateTime is on a clock that is offset ahead of ours.
func (d *decoder) readings(results []json.RawMessage, offset time.Duration) []wait.KeyedReading {
	readings := make([]wait.KeyedReading, 0, len(results))
	for _, raw := range results {
		var result wireResult
		err := json.Unmarshal(raw, &result)
		if err != nil && result.Key.MetricID == "" {
			d.surprise(unreadable, "")
			continue
		}
		out := wait.KeyedReading{Key: result.Key.key()}
		if err != nil { // say that it has no value, rather than let an old one stand
			out.Oddity = mistyped
		} else {
			out.Reading, out.Oddity = reading(&result.Value, offset)
		}
		if out.Oddity != "" {
			d.surprise(out.Oddity, result.Value.Type)
		}
		readings = append(readings, out)
	}
	return readings
}

// What can be odd about a value.
const (
	unreadable  = "a value that can't be read"
	mistyped    = "a value with a field of another type"
	unknownType = "a value of a type that is not known here"
	incomplete  = "a value without the fields of its type"
	absurd      = "a value beyond all measure"
	undated     = "a running duration without a readable time"
)

// Limits to what is taken for a value: no phone system counts further, and no line is steeper.
const (
	maxCount = 1e12
	maxRate  = 1e6 // calls that count up at the same time
)

// reading applies the formulas of the Realtime API's page, "Metric Values". What can't be understood is no value, and
// odd; what is absent is just no value.
func reading(v *wireValue, offset time.Duration) (r wait.Reading, oddity string) {
	switch v.Type {
	case "":
		return wait.Reading{}, "" // documented: a value may be absent
	case "BOOLEAN":
		var flag bool
		if v.Value != nil && json.Unmarshal(v.Value, &flag) == nil {
			return wait.BooleanOf(flag), ""
		}
	case "STRING":
		var text *string
		if v.Value != nil && json.Unmarshal(v.Value, &text) == nil {
			if text == nil {
				return wait.Reading{}, ""
			}
			return wait.TextOf(*text), ""
		}
	case "COUNT":
		switch {
		case v.Count != nil && math.Abs(*v.Count) > maxCount:
			return wait.Reading{}, absurd
		case v.Count != nil:
			return wait.CountOf(*v.Count), ""
		}
	case "DURATION":
		if v.FinishedDuration != nil {
			return line(v, *v.FinishedDuration, 1, offset)
		}
	case "AVERAGE_DURATION":
		switch {
		case v.Count != nil && *v.Count <= 0:
			return wait.Reading{}, "" // an average of nothing
		case v.Count != nil && v.DurationSum != nil:
			return line(v, *v.DurationSum, *v.Count, offset)
		}
	default:
		return wait.Reading{}, unknownType
	}
	return wait.Reading{}, incomplete
}

// line is (sum + (up − down)·(t − lastUpdateTime)) / divisor, sum in milliseconds.
func line(v *wireValue, sum, divisor float64, offset time.Duration) (r wait.Reading, oddity string) {
	r = wait.Reading{Kind: wait.Duration, Base: sum / divisor, Rate: (v.NumCountingUp - v.NumCountingDown) / divisor}
	within := func(x, limit float64) bool { return math.Abs(x) <= limit } // which NaN is not
	if !within(r.Base, float64(wait.MaxDuration.Milliseconds())) || !within(r.Rate, maxRate) {
		return wait.Reading{}, absurd
	}
	if r.Rate == 0 {
		return r, "" // it is the same at any time
	}
	updated, err := parseTime(v.LastUpdateTime)
	if err != nil {
		return wait.Reading{}, undated
	}
	r.Instant = updated.Add(-offset)
	return r, ""
}

// surprise logs what is odd about an upstream's values, once. The type is upstream's word, so it is shown only if it
// looks like one of its type names.
func (d *decoder) surprise(what, typeName string) {
	if len(typeName) > 32 || strings.Trim(typeName, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		typeName = "(unprintable)"
	}
	if _, before := d.surprises.LoadOrStore(what+typeName, true); !before {
		d.log.Warn("upstream sends "+what+"; it is shown as no value", "type", typeName)
	}
}

// timeLayouts are RFC 3339 and what a Java server makes of it: seconds may be missing, as may the colon of the offset.
// Go reads a fraction of a second wherever seconds stand.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04Z07",
}

// parseTime reads a lastUpdateTime. A zone's name in brackets, as java.time.ZonedDateTime prints it, is passed over.
// A time without an offset could mean anything, and is an error, as is one that no phone system can have seen.
func parseTime(text string) (time.Time, error) {
	text, _, _ = strings.Cut(text, "[")
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("no time of RFC 3339, in %d characters", len(text))
}
