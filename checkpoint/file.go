package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"waitboard/domain"
)

const (
	fileName    = "values.json"
	fileVersion = 1
	maxFile     = 16 << 20 // bytes: some 80,000 values
)

// The file is two lines of JSON: a header, and the content that it vouches for.
type header struct {
	Version int    `json:"version"`
	SHA256  string `json:"sha256"` // of all that follows this line
}

type content struct {
	Key     []byte                 `json:"key"`     // of the hashes
	Metrics map[string]observation `json:"metrics"` // by hash of the metric
}

type observation struct {
	Confirmed time.Time         `json:"confirmed"`
	Complete  time.Time         `json:"complete,omitzero"`
	Kind      string            `json:"kind,omitempty"`
	Samples   map[string]sample `json:"samples"` // by hash of the category value
}

type sample struct {
	Confirmed time.Time `json:"confirmed,omitzero"` // zero: still initializing
	Kind      string    `json:"kind,omitempty"`
	Base      float64   `json:"base,omitempty"`
	Rate      float64   `json:"rate,omitempty"`
	Instant   time.Time `json:"instant,omitzero"`
	Flag      bool      `json:"flag,omitempty"`
	Text      string    `json:"text,omitempty"`
	Unclear   bool      `json:"unclear,omitempty"`
}

// format makes the file. Of times it takes what a wall clock says. When a value was told of and by what time of the source
// stays out of it: the source may have restarted too, so that its first answer counts whatever was known.
func format(key []byte, known map[string]domain.Observation) ([]byte, error) {
	c := content{key, make(map[string]observation, len(known))}
	for hash, o := range known {
		out := observation{o.Confirmed.UTC(), o.Complete.UTC(), o.Kind.String(), make(map[string]sample, len(o.Samples))}
		for category, s := range o.Samples {
			r := s.Reading
			out.Samples[category] = sample{s.Confirmed.UTC(), r.Kind.String(), r.Base, r.Rate, r.Instant.UTC(), r.Flag, r.Text, r.Unclear}
		}
		c.Metrics[hash] = out
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("what is known can't be written: %w", err)
	}
	body = append(body, '\n')
	sum := sha256.Sum256(body)
	head, err := json.Marshal(header{fileVersion, hex.EncodeToString(sum[:])})
	if err != nil {
		return nil, fmt.Errorf("what is known can't be written: %w", err)
	}
	if len(head)+1+len(body) > maxFile { // it could not be read again
		return nil, errors.New("there are too many values to keep")
	}
	return append(append(head, '\n'), body...), nil
}

// parse reads all or nothing: a file of ours has no mistake, and of another nothing can be trusted.
func parse(data []byte) (key []byte, known map[string]domain.Observation, err error) {
	head, body, _ := bytes.Cut(data, []byte("\n"))
	var h header
	if json.Unmarshal(head, &h) != nil {
		return nil, nil, errors.New("it is damaged: its first line is not that of such a file")
	}
	if h.Version != fileVersion {
		return nil, nil, fmt.Errorf("it is of version %d, and this program reads version %d", h.Version, fileVersion)
	}
	if sum := sha256.Sum256(body); h.SHA256 != hex.EncodeToString(sum[:]) {
		return nil, nil, errors.New("it is damaged: its content is not what was written")
	}
	var c content
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return nil, nil, errors.New("it is damaged: its content can't be read") // the reason would show what it is
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || len(c.Key) != sha256.Size {
		return nil, nil, errors.New("it is damaged: there is too much of it, or its key is none")
	}
	known = make(map[string]domain.Observation, len(c.Metrics))
	for hash, o := range c.Metrics {
		out, ok := o.read()
		if !ok {
			return nil, nil, errors.New("it is damaged: a value is none that could have been kept")
		}
		known[hash] = out
	}
	return c.Key, known, nil
}

// read is the observation; ok is false if it is none.
func (o *observation) read() (out domain.Observation, ok bool) {
	kind, ok := kinds[o.Kind]
	if !ok || o.Confirmed.IsZero() || !writable(o.Confirmed) || !writable(o.Complete) {
		return domain.Observation{}, false
	}
	out = domain.Observation{Confirmed: o.Confirmed, Complete: o.Complete, Kind: kind, Samples: make(map[string]domain.Sample, len(o.Samples))}
	for category, s := range o.Samples {
		r, ok := s.reading()
		if !ok || !writable(s.Confirmed) {
			return domain.Observation{}, false
		}
		out.Samples[category] = domain.Sample{Reading: r, Confirmed: s.Confirmed}
	}
	return out, true
}

// writable tells whether a time could be written again: in UTC, as format does, its year has four digits.
func writable(t time.Time) bool { return t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 }

// maxRate is more than any line gains: it counts calls that are in progress.
const maxRate = 1e6

// reading is the reading; ok is false if it is none.
func (s *sample) reading() (r domain.Reading, ok bool) {
	kind, ok := kinds[s.Kind]
	if !ok || !writable(s.Instant) {
		return r, false
	}
	if kind == domain.Duration && (math.Abs(s.Base) > float64(domain.MaxDuration.Milliseconds()) || math.Abs(s.Rate) > maxRate || s.Rate != 0 && s.Instant.IsZero()) {
		return r, false
	}
	r = domain.Reading{Kind: kind, Base: s.Base, Rate: s.Rate, Instant: s.Instant, Flag: s.Flag, Unclear: s.Unclear}
	if kind == domain.Text {
		r.Text = domain.TextOf(s.Text).Text
	}
	return r, true
}

// kinds are the kinds of values by their names.
var kinds = func() map[string]domain.Kind {
	names := map[string]domain.Kind{}
	for _, k := range []domain.Kind{domain.None, domain.Duration, domain.Count, domain.Boolean, domain.Text} {
		names[k.String()] = k
	}
	return names
}()
