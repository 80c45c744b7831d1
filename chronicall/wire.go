package chronicall

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"waitboard/wait"
)

// The JSON of the Realtime API, read liberally: unknown fields are passed over, and one element that can't be read is
// one element missing.
type (
	wireMetric struct {
		ID                text   `json:"metricId"`
		Name              text   `json:"metricName"`
		CategoryType      text   `json:"categoryType"`
		CategorySelection []text `json:"categorySelection"`
	}
	wireAnswer struct {
		Results      elements `json:"results"`
		Initializing elements `json:"initializing"`
	}
	wireKey struct {
		MetricID      text `json:"metricId"`
		CategoryValue text `json:"categoryValue"`
	}
	wireResult struct {
		Key   wireKey   `json:"key"`
		Value wireValue `json:"value"`
	}
	wireValue struct {
		Type             text            `json:"type"`
		LastUpdateTime   text            `json:"lastUpdateTime"`
		Value            json.RawMessage `json:"value"`
		Count            *float64        `json:"count"`
		FinishedDuration *float64        `json:"finishedDuration"`
		DurationSum      *float64        `json:"durationSum"`
		NumCountingUp    float64         `json:"numCountingUp"`
		NumCountingDown  float64         `json:"numCountingDown"`
	}
)

// A text may stand there as a bare number or a boolean too, and is taken to the letter; null is the empty text.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"', 'n', '{', '[':
		return json.Unmarshal(raw, (*string)(t))
	}
	*t = text(raw)
	return nil
}

// elements are the elements of an array, each to be read by itself.
type elements []json.RawMessage

// maxElements bounds the memory that an answer can take. No phone system has so many values.
const maxElements = 100_000

var errTooMany = errors.New("more elements than any phone system has")

func (e *elements) UnmarshalJSON(raw []byte) error {
	*e = elements{}
	if raw[0] != '[' {
		return json.Unmarshal(raw, (*[]json.RawMessage)(e)) // null, or the error that this is
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil { // the opening bracket
		return err
	}
	for decoder.More() {
		var element json.RawMessage
		if err := decoder.Decode(&element); err != nil {
			return err
		}
		if *e = append(*e, element); len(*e) > maxElements {
			return errTooMany
		}
	}
	return nil
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
	return wait.Key{Metric: string(k.MetricID), Category: string(k.CategoryValue)}
}

// A decoder turns JSON into what the domain knows, and logs each kind of surprise once.
type decoder struct {
	log       *slog.Logger
	mu        sync.Mutex
	surprises map[string]bool // what has been logged
}

// metrics reads a list.
func (d *decoder) metrics(listed elements) []wait.MetricInfo {
	infos := make([]wait.MetricInfo, 0, len(listed))
	for _, raw := range listed {
		var m wireMetric
		if err := json.Unmarshal(raw, &m); err != nil || m.ID == "" {
			d.surprise("a metric in its list that can't be read", "")
			continue
		}
		info := wait.MetricInfo{ID: string(m.ID), Name: string(m.Name), CategoryType: string(m.CategoryType)}
		for _, category := range m.CategorySelection {
			info.Categories = append(info.Categories, string(category))
		}
		infos = append(infos, info)
	}
	return infos
}

// keys reads what is initializing.
func (d *decoder) keys(initializing elements) (keys []wait.Key) {
	for _, raw := range initializing {
		var k wireKey
		if err := json.Unmarshal(raw, &k); err != nil || k.MetricID == "" {
			d.surprise("something initializing that can't be read", "")
			continue
		}
		keys = append(keys, k.key())
	}
	return keys
}

// readings translates results.
func (d *decoder) readings(results elements, t timing) []wait.KeyedReading {
	readings := make([]wait.KeyedReading, 0, len(results))
	for _, raw := range results {
		var result wireResult
		err := json.Unmarshal(raw, &result)
		if err != nil && result.Key.MetricID == "" {
			d.surprise(unreadable, "")
			continue
		}
		readings = append(readings, d.keyed(&result, err, t))
	}
	return readings
}

// keyed translates one result, of which a part could not be read if err is not nil.
func (d *decoder) keyed(result *wireResult, err error, t timing) wait.KeyedReading {
	out := wait.KeyedReading{Key: result.Key.key()}
	out.Updated, _ = parseTime(string(result.Value.LastUpdateTime))
	if err != nil { // say that it has no value, rather than let an old one stand
		out.Oddity = mistyped
	} else {
		out.Reading, out.Oddity = reading(&result.Value, t)
	}
	if out.Oddity != "" {
		d.surprise(out.Oddity, string(result.Value.Type))
	}
	return out
}

// message translates a message of a subscription that came at t.answered. One that is dated after that would win against
// all that follows, so it counts as one without a date, as does any while their clock is in doubt.
func (d *decoder) message(raw []byte, t timing) wait.Message {
	var result wireResult
	err := json.Unmarshal(raw, &result)
	if result.Key.MetricID == "" {
		d.surprise(unreadMsg, "")
		return wait.Message{}
	}
	m := wait.Message{KeyedReading: d.keyed(&result, err, t)}
	m.At = m.Updated.Add(-t.offset)
	if t.unsure || m.At.Sub(t.answered) > maxAhead {
		m.Updated = time.Time{}
	}
	if m.At.After(t.answered) {
		m.At = t.answered
	}
	return m
}

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
// odd; what is absent is just no value.
func reading(v *wireValue, t timing) (r wait.Reading, oddity string) {
	switch v.Type {
	case "":
		return wait.Reading{}, "" // documented: a value may be absent
	case "BOOLEAN":
		var flag *bool
		if v.Value != nil && json.Unmarshal(v.Value, &flag) == nil {
			if flag == nil {
				return wait.Reading{}, ""
			}
			return wait.BooleanOf(*flag), ""
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
		case v.Count != nil && (*v.Count < 0 || *v.Count > maxCount):
			return wait.Reading{}, absurd
		case v.Count != nil:
			return wait.CountOf(*v.Count), ""
		}
	case "DURATION":
		if v.FinishedDuration != nil {
			return line(v, *v.FinishedDuration, 1, t)
		}
	case "AVERAGE_DURATION":
		switch {
		case v.Count != nil && *v.Count <= 0:
			return wait.Reading{}, "" // an average of nothing
		case v.Count != nil && v.DurationSum != nil:
			return line(v, *v.DurationSum, *v.Count, t)
		}
	default:
		return wait.Reading{}, UnknownType
	}
	return wait.Reading{}, incomplete
}

// line is (sum + (up − down)·(t − lastUpdateTime)) / divisor, sum in milliseconds.
func line(v *wireValue, sum, divisor float64, t timing) (r wait.Reading, oddity string) {
	r = wait.Reading{Kind: wait.Duration, Base: sum / divisor, Rate: (v.NumCountingUp - v.NumCountingDown) / divisor}
	within := func(x, limit float64) bool { return math.Abs(x) <= limit } // which NaN is not
	if !within(r.Base, float64(wait.MaxDuration.Milliseconds())) || !within(r.Rate, maxRate) {
		return wait.Reading{}, absurd
	}
	if r.Rate == 0 { // it is the same at any time
		if r.Base < -1000 { // milliseconds, which may be the upstream's rounding; one that has been counted down to below zero is at zero
			return wait.Reading{}, absurd
		}
		return r, ""
	}
	updated, err := parseTime(string(v.LastUpdateTime))
	if err != nil {
		return wait.Reading{}, undated
	}
	if t.unsure {
		return wait.Reading{}, unsure
	}
	if r.Instant = updated.Add(-t.offset); r.Instant.Sub(t.answered) > maxAhead {
		return wait.Reading{}, future
	}
	return r, ""
}

// maxSurprises bounds what is remembered and logged of an upstream that is odd in ever new ways.
const maxSurprises = 50

// surprise logs what is odd about an upstream's answers, once. The type is upstream's word, so it is shown only if it
// looks like one of its type names.
func (d *decoder) surprise(what, typeName string) {
	if len(typeName) > 32 || strings.Trim(typeName, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		typeName = "(unprintable)"
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.surprises[what+typeName] || len(d.surprises) == maxSurprises {
		return
	}
	if d.surprises == nil {
		d.surprises = map[string]bool{}
	}
	d.surprises[what+typeName] = true
	d.log.Warn("upstream sends "+what+"; it is passed over", "type", typeName)
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
