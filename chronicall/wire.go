package chronicall

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"waitboard/domain"
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

func (k wireKey) key() domain.Key {
	return domain.Key{Metric: string(k.MetricID), Category: string(k.CategoryValue)}
}

// A decoder turns JSON into what the domain knows, and logs each kind of surprise once.
type decoder struct {
	log       *slog.Logger
	mu        sync.Mutex
	surprises map[string]bool // what has been logged
}

// metrics reads a list.
func (d *decoder) metrics(listed elements) []domain.MetricInfo {
	infos := make([]domain.MetricInfo, 0, len(listed))
	for _, raw := range listed {
		var m wireMetric
		if err := json.Unmarshal(raw, &m); err != nil || m.ID == "" {
			d.surprise("a metric in its list that can't be read", "")
			continue
		}
		info := domain.MetricInfo{ID: string(m.ID), Name: string(m.Name), CategoryType: string(m.CategoryType)}
		for _, category := range m.CategorySelection {
			info.Categories = append(info.Categories, string(category))
		}
		infos = append(infos, info)
	}
	return infos
}

// keys reads what is initializing.
func (d *decoder) keys(initializing elements) (keys []domain.Key) {
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
func (d *decoder) readings(results elements, t timing) []domain.KeyedReading {
	readings := make([]domain.KeyedReading, 0, len(results))
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
func (d *decoder) keyed(result *wireResult, err error, t timing) domain.KeyedReading {
	out := domain.KeyedReading{Key: result.Key.key()}
	if updated, err := parseTime(string(result.Value.LastUpdateTime)); err == nil {
		out.Updated = updated.Add(-t.shift)
	}
	if err != nil { // say that it has no value, rather than let an old one stand
		out.Oddity = mistyped
	} else {
		out.Reading, out.Oddity = reading(&result.Value, t)
	}
	if out.Oddity == unsure {
		out.Own, out.Reading = out.Reading, domain.Reading{}
	}
	if out.Oddity != "" {
		out.Reading.Unclear = true
		d.surprise(out.Oddity, string(result.Value.Type))
	}
	return out
}

// message translates a message of a subscription that came at t.answered. One that is dated after that would win against
// all that follows, so it counts as one without a date, as does any while their clock is in doubt.
func (d *decoder) message(raw []byte, t timing) domain.Message {
	var result wireResult
	err := json.Unmarshal(raw, &result)
	if result.Key.MetricID == "" {
		d.surprise(unreadMsg, "")
		return domain.Message{}
	}
	m := domain.Message{KeyedReading: d.keyed(&result, err, t)}
	m.At = m.Updated.Add(t.shift - t.offset)
	if t.unsure || m.At.Sub(t.answered) > maxAhead {
		m.Updated = time.Time{}
	}
	if m.At.After(t.answered) {
		m.At = t.answered
	}
	return m
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
