package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// faultJSON is a Fault on the control port, with durations such as "3s" and
// "-1m30s".
type faultJSON struct {
	Mode       string       `json:"mode"`
	Delay      jsonDuration `json:"delay,omitempty"`
	Status     int          `json:"status,omitempty"`
	RetryAfter jsonDuration `json:"retry_after,omitempty"`
	Size       int64        `json:"size,omitempty"`
	Socket     string       `json:"socket,omitempty"`
	Lag        jsonDuration `json:"lag,omitempty"`
	Handshake  int          `json:"handshake,omitempty"`
	Skew       jsonDuration `json:"skew,omitempty"`
	Gone       string       `json:"gone,omitempty"`
	Forbidden  string       `json:"forbidden,omitempty"`
}

// MarshalJSON writes the fault for the control port, without unset parameters.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{
		f.Mode, jsonDuration(f.Delay), f.Status, jsonDuration(f.RetryAfter), f.Size,
		f.Socket, jsonDuration(f.Lag), f.Handshake,
		jsonDuration(f.Skew), f.Gone, f.Forbidden,
	})
}

// UnmarshalJSON reads a fault from the control port. An unknown field is an
// error. SetFault checks the values.
func (f *Fault) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var j faultJSON
	if err := decoder.Decode(&j); err != nil {
		return err
	}
	*f = Fault{
		j.Mode, time.Duration(j.Delay), j.Status, time.Duration(j.RetryAfter), j.Size,
		j.Socket, time.Duration(j.Lag), j.Handshake,
		time.Duration(j.Skew), j.Gone, j.Forbidden,
	}
	return nil
}

// jsonDuration is a time.Duration, written as text.
type jsonDuration time.Duration

// MarshalText uses the format of time.Duration.String.
func (d jsonDuration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText uses time.ParseDuration.
func (d *jsonDuration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`%q is not a duration such as "3s" or "-1m30s"`, text)
	}
	*d = jsonDuration(parsed)
	return nil
}
