package cluster

import (
	"encoding/json"
	"time"

	"waitboard/domain"
)

// A wireObservation is an observation on the engine, before it is sealed. Unknown fields are ignored.
type wireObservation struct {
	Metric    string                `json:"metric"`
	Confirmed time.Time             `json:"confirmed,omitzero"`
	Complete  time.Time             `json:"complete,omitzero"`
	Kind      uint8                 `json:"kind,omitempty"`
	Samples   map[string]wireSample `json:"samples,omitempty"`
	Changed   time.Time             `json:"changed,omitzero"`
	Held      []wireHeld            `json:"held,omitempty"`
}

type wireSample struct {
	Kind      uint8     `json:"kind,omitempty"`
	Base      float64   `json:"base,omitempty"`
	Rate      float64   `json:"rate,omitempty"`
	Instant   time.Time `json:"instant,omitzero"`
	Flag      bool      `json:"flag,omitempty"`
	Text      string    `json:"text,omitempty"`
	Unclear   bool      `json:"unclear,omitempty"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	Updated   time.Time `json:"updated,omitzero"`
	PushedAt  time.Time `json:"pushed_at,omitzero"`
	Dated     time.Time `json:"dated,omitzero"`
}

type wireHeld struct {
	Widget string    `json:"widget"`
	Metric string    `json:"metric"`
	Amount float64   `json:"amount,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// encode returns false for an observation that JSON can't hold: infinite numbers, and years after 9999.
func encode(metric string, o *domain.Observation) (raw []byte, ok bool) {
	out := wireObservation{
		Metric: metric, Confirmed: o.Confirmed.UTC(), Complete: o.Complete.UTC(), Kind: uint8(o.Kind),
		Samples: make(map[string]wireSample, len(o.Samples)), Changed: o.Changed.UTC(),
	}
	for category, s := range o.Samples {
		r := s.Reading
		out.Samples[category] = wireSample{
			uint8(r.Kind), r.Base, r.Rate, r.Instant.UTC(), r.Flag, r.Text, r.Unclear,
			s.Confirmed.UTC(), s.Updated.UTC(), s.PushedAt.UTC(), s.Dated.UTC(),
		}
	}
	for p, h := range o.Held {
		out.Held = append(out.Held, wireHeld{p.Widget, p.Metric, h.Amount, h.Since.UTC()})
	}
	raw, err := json.Marshal(out)
	return raw, err == nil
}

// decode returns false for an observation that this program can't show.
func decode(raw []byte) (metric string, o domain.Observation, ok bool) {
	var in wireObservation
	if json.Unmarshal(raw, &in) != nil || in.Kind > uint8(domain.Text) {
		return "", o, false
	}
	o = domain.Observation{
		Confirmed: in.Confirmed, Complete: in.Complete, Kind: domain.Kind(in.Kind), Changed: in.Changed,
		Samples: make(map[string]domain.Sample, len(in.Samples)),
	}
	for category, s := range in.Samples {
		if s.Kind > uint8(domain.Text) {
			return "", o, false
		}
		o.Samples[category] = domain.Sample{
			Reading: domain.Reading{
				Kind: domain.Kind(s.Kind), Base: s.Base, Rate: s.Rate, Instant: s.Instant, Flag: s.Flag, Text: s.Text, Unclear: s.Unclear,
			},
			Confirmed: s.Confirmed, Updated: s.Updated, PushedAt: s.PushedAt, Dated: s.Dated,
		}
	}
	for _, h := range in.Held {
		if o.Held == nil {
			o.Held = make(map[domain.Placement]domain.Held, len(in.Held))
		}
		o.Held[domain.Placement{Widget: h.Widget, Metric: h.Metric}] = domain.Held{Amount: h.Amount, Since: h.Since}
	}
	return in.Metric, o, true
}
