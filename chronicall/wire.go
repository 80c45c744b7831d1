package chronicall

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"waitboard/domain"
)

// The JSON of the Realtime API. Unknown fields are ignored, and so are single elements that can't be read.
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
		damage
	}
	wireResult struct {
		Key   wireKey   `json:"key"`
		Value wireValue `json:"value"`
		damage
	}
	wireValue struct {
		Type             text            `json:"type"`
		LastUpdateTime   text            `json:"lastUpdateTime"`
		Value            json.RawMessage `json:"value"`
		Count            *number         `json:"count"`
		FinishedDuration *number         `json:"finishedDuration"`
		DurationSum      *number         `json:"durationSum"`
		NumCountingUp    number          `json:"numCountingUp"`
		NumCountingDown  number          `json:"numCountingDown"`
		damage
	}
	damage struct {
		Damaged bool `json:"waitboard:damaged"` // see mend
	}
)

// A text accepts a bare number or boolean as it is written; null is the empty text.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"', 'n', '{', '[':
		return json.Unmarshal(raw, (*string)(t))
	}
	*t = text(raw)
	return nil
}

// elements are the elements of an array, to be read one by one.
type elements []json.RawMessage

// maxElements bounds the memory that an answer can take.
const maxElements = 100_000

var errTooMany = errors.New("too many elements")

func (e *elements) UnmarshalJSON(raw []byte) error {
	*e = elements{}
	if raw[0] != '[' {
		return json.Unmarshal(raw, (*[]json.RawMessage)(e)) // null, or an error
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

// UnmarshalJSON accepts a bare metric ID as well: the API's page says "a list of metric IDs".
func (k *wireKey) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return json.Unmarshal(raw, &k.MetricID)
	}
	type plain wireKey
	return json.Unmarshal(raw, (*plain)(k))
}

// quoted reports whether a number of the value is a JSON string.
func (v *wireValue) quoted() bool {
	return slices.ContainsFunc([]*number{v.Count, v.FinishedDuration, v.DurationSum, &v.NumCountingUp, &v.NumCountingDown}, func(n *number) bool {
		return n != nil && n.quoted
	})
}

func (k wireKey) key() domain.Key {
	return domain.Key{Metric: string(k.MetricID), Category: string(k.CategoryValue)}
}

// A decoder turns JSON into domain types, and logs each kind of unexpected element once.
type decoder struct {
	log    *slog.Logger
	mu     sync.Mutex // guards logged
	logged map[string]bool
}

// metrics decodes a list.
func (d *decoder) metrics(listed elements) []domain.MetricInfo {
	infos := make([]domain.MetricInfo, 0, len(listed))
	for _, raw := range listed {
		var m wireMetric
		if err := json.Unmarshal(raw, &m); err != nil || m.ID == "" {
			d.warn("a listed metric that can't be read", "")
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

// keys decodes the keys of initializing values.
func (d *decoder) keys(initializing elements) (keys []domain.Key) {
	for _, raw := range initializing {
		var k wireKey
		if err := json.Unmarshal(raw, &k); err != nil || k.MetricID == "" {
			d.warn("an initializing key that can't be read", "")
			continue
		}
		keys = append(keys, k.key())
	}
	return keys
}

// readings decodes results.
func (d *decoder) readings(results elements, t timing) []domain.KeyedReading {
	readings := make([]domain.KeyedReading, 0, len(results))
	for _, raw := range results {
		var result wireResult
		err := json.Unmarshal(raw, &result)
		if result.Key.MetricID == "" {
			d.warn(unreadable, "")
			continue
		}
		readings = append(readings, d.keyed(&result, err, t))
	}
	return readings
}

// keyed converts one result. err is not nil if a part of it could not be read: then it has no value, rather than an old one.
func (d *decoder) keyed(result *wireResult, err error, t timing) domain.KeyedReading {
	out := domain.KeyedReading{Key: result.Key.key()}
	if updated, err := parseTime(string(result.Value.LastUpdateTime)); err == nil {
		out.Updated = updated.Add(-t.shift)
	}
	switch {
	case err != nil:
		out.Unexpected = wrongFieldType
	case result.Damaged, result.Key.Damaged, result.Value.Damaged:
		out.Unexpected = damaged
	default:
		out.Reading, out.Unexpected = reading(&result.Value, t)
	}
	if result.Value.quoted() {
		d.note("source sends numbers as JSON strings, reading them as numbers")
	}
	if out.Unexpected == doubtfulDate {
		out.ByOwnDate, out.Reading = out.Reading, domain.Reading{}
	}
	if out.Unexpected != "" {
		out.Reading.Unclear = true
		d.warn(out.Unexpected, string(result.Value.Type))
	}
	return out
}

// message decodes a message of a subscription that came at t.answered. It drops doubtful dates, and those in the future: such a
// message would be newer than all that follow.
func (d *decoder) message(raw []byte, t timing) domain.Push {
	var result wireResult
	how, err := parse(raw, &result)
	d.read(how)
	if result.Key.MetricID == "" {
		d.warn(unreadableMsg, "")
		return domain.Push{}
	}
	m := domain.Push{KeyedReading: d.keyed(&result, err, t)}
	m.At = m.Updated.Add(t.shift - t.ahead)
	if t.doubtful || m.At.Sub(t.answered) > maxAhead {
		m.Updated = time.Time{}
	}
	if m.At.After(t.answered) {
		m.At = t.answered
	}
	return m
}

// maxWarnings bounds what is logged, and remembered as logged.
const maxWarnings = 50

// warn logs a kind of unexpected element once. It logs the type, which is upstream's text, only if it looks like a type name.
func (d *decoder) warn(value, typeName string) {
	if len(typeName) > 32 || strings.Trim(typeName, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		typeName = "(unprintable)"
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.once(value + typeName) {
		d.log.Warn("unexpected value from source, ignoring it", "value", value, "type", typeName)
	}
}

// read logs once how answers and messages are read that are not quite JSON.
func (d *decoder) read(how parsed) {
	if how.marked {
		d.note("source sends a byte order mark, ignoring it")
	}
	if how.mended {
		d.note("source sends parts that are not JSON, reading the rest")
	}
}

// note logs something once that changes no value.
func (d *decoder) note(message string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.once(message) {
		d.log.Info(message)
	}
}

// once returns whether this is the first call for a text. The mutex must be held.
func (d *decoder) once(text string) bool {
	if d.logged[text] || len(d.logged) == maxWarnings {
		return false
	}
	if d.logged == nil {
		d.logged = map[string]bool{}
	}
	d.logged[text] = true
	return true
}
