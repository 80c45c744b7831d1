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
		if err := json.Unmarshal(raw, &result); err != nil && result.Key.MetricID == "" {
			d.surprise("a value that can't be read", "")
			continue
		} else if err != nil { // say that it has no value, rather than let an old one stand
			d.surprise("a value with a field of another type", "")
			result.Value = wireValue{}
		}
		readings = append(readings, wait.KeyedReading{Key: result.Key.key(), Reading: d.reading(&result.Value, offset)})
	}
	return readings
}

// reading applies the formulas of the Realtime API's page, "Metric Values". What can't be understood is no value.
func (d *decoder) reading(v *wireValue, offset time.Duration) wait.Reading {
	switch v.Type {
	case "":
		return wait.Reading{} // documented: a value may be absent
	case "BOOLEAN":
		var flag bool
		if v.Value != nil && json.Unmarshal(v.Value, &flag) == nil {
			return wait.BooleanOf(flag)
		}
	case "STRING":
		var text *string
		if v.Value != nil && json.Unmarshal(v.Value, &text) == nil {
			if text == nil {
				return wait.Reading{}
			}
			return wait.TextOf(*text)
		}
	case "COUNT":
		if v.Count != nil {
			return wait.CountOf(*v.Count)
		}
	case "DURATION":
		if v.FinishedDuration != nil {
			return d.line(v, *v.FinishedDuration, 1, offset)
		}
	case "AVERAGE_DURATION":
		switch {
		case v.Count != nil && *v.Count <= 0:
			return wait.Reading{} // an average of nothing
		case v.Count != nil && v.DurationSum != nil:
			return d.line(v, *v.DurationSum, *v.Count, offset)
		}
	default:
		d.surprise("a value of an unknown type", v.Type)
		return wait.Reading{}
	}
	d.surprise("a value without the fields of its type", v.Type)
	return wait.Reading{}
}

// line is (sum + (up − down)·(t − lastUpdateTime)) / divisor, sum in milliseconds.
func (d *decoder) line(v *wireValue, sum, divisor float64, offset time.Duration) wait.Reading {
	r := wait.Reading{Kind: wait.Duration, Base: sum / divisor, Rate: (v.NumCountingUp - v.NumCountingDown) / divisor}
	if math.Abs(r.Base) > float64(wait.MaxDuration.Milliseconds()) {
		d.surprise("a duration of more than a hundred years", v.Type)
		return wait.Reading{}
	}
	if r.Rate == 0 {
		return r // it is the same at any time
	}
	updated, err := parseTime(v.LastUpdateTime)
	if err != nil {
		d.surprise("a running duration without a readable time", v.Type)
		return wait.Reading{}
	}
	r.Instant = updated.Add(-offset)
	return r
}

// surprise logs what is unusual about an upstream's values, once. The type is upstream's word, so it is shown only if
// it looks like one of its type names.
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
// A time without an offset could mean anything, and is an error.
func parseTime(text string) (time.Time, error) {
	text, _, _ = strings.Cut(text, "[")
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("no time of RFC 3339, in %d characters", len(text))
}
