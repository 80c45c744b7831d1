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

// The file is two lines of JSON: a header with a checksum, and the content.
type header struct {
	Version int    `json:"version"`
	SHA256  string `json:"sha256"` // of the rest of the file
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

// format renders the file with wall-clock times. It leaves out the times that order pushes: the source may have restarted too, so its first
// poll replaces every value.
func format(key []byte, last map[string]domain.Observation) ([]byte, error) {
	c := content{key, make(map[string]observation, len(last))}
	for hash, o := range last {
		out := observation{o.Confirmed.UTC(), o.Complete.UTC(), o.Kind.String(), make(map[string]sample, len(o.Samples))}
		for category, s := range o.Samples {
			r := s.Reading
			out.Samples[category] = sample{s.Confirmed.UTC(), r.Kind.String(), r.Base, r.Rate, r.Instant.UTC(), r.Flag, r.Text, r.Unclear}
		}
		c.Metrics[hash] = out
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	body = append(body, '\n')
	sum := sha256.Sum256(body)
	head, err := json.Marshal(header{fileVersion, hex.EncodeToString(sum[:])})
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if len(head)+1+len(body) > maxFile { // Open would reject it
		return nil, errors.New("checkpoint: too many values for the file")
	}
	return append(append(head, '\n'), body...), nil
}

// parse rejects a file with any mistake: the program writes none.
func parse(data []byte) (key []byte, saved map[string]domain.Observation, err error) {
	head, body, _ := bytes.Cut(data, []byte("\n"))
	var h header
	if json.Unmarshal(head, &h) != nil {
		return nil, nil, errors.New("file damaged: invalid header")
	}
	if h.Version != fileVersion {
		return nil, nil, fmt.Errorf("file has version %d, this program reads version %d", h.Version, fileVersion)
	}
	if sum := sha256.Sum256(body); h.SHA256 != hex.EncodeToString(sum[:]) {
		return nil, nil, errors.New("file damaged: wrong checksum")
	}
	var c content
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return nil, nil, errors.New("file damaged: invalid content") // the parser's error would repeat the content
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || len(c.Key) != sha256.Size {
		return nil, nil, errors.New("file damaged: text after its end, or invalid key")
	}
	saved = make(map[string]domain.Observation, len(c.Metrics))
	for hash, o := range c.Metrics {
		out, ok := o.read()
		if !ok {
			return nil, nil, errors.New("file damaged: invalid observation")
		}
		saved[hash] = out
	}
	return c.Key, saved, nil
}

// read returns the observation, or false if it is invalid.
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

// writable reports whether format can write a time: its year in UTC has four digits.
func writable(t time.Time) bool { return t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 }

// maxRate exceeds every real rate, which is the number of calls in progress.
const maxRate = 1e6

// reading returns the reading, or false if it is invalid.
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

// kinds maps names to kinds of values.
var kinds = func() map[string]domain.Kind {
	names := map[string]domain.Kind{}
	for _, k := range []domain.Kind{domain.None, domain.Duration, domain.Count, domain.Boolean, domain.Text} {
		names[k.String()] = k
	}
	return names
}()
