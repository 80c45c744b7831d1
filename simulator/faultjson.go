package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// faultJSON is a Fault on the control port, with durations as people write
// them: "3s", "-1m30s".
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

// MarshalJSON writes the fault as the control port shows it, without the
// parameters that are not set.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{
		f.Mode, jsonDuration(f.Delay), f.Status, jsonDuration(f.RetryAfter), f.Size,
		f.Socket, jsonDuration(f.Lag), f.Handshake,
		jsonDuration(f.Skew), f.Gone, f.Forbidden,
	})
}

// UnmarshalJSON reads the fault as the control port takes it. An unknown field
// is an error; whether the values make sense, SetFault tells.
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

// jsonDuration is a time.Duration that is a text in JSON.
type jsonDuration time.Duration

// MarshalText writes the duration as time.Duration.String does.
func (d jsonDuration) MarshalText() ([]byte, error) {
	return []byte(time.Duration(d).String()), nil
}

// UnmarshalText reads what time.ParseDuration does.
func (d *jsonDuration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`%q is no duration such as "3s" or "-1m30s"`, text)
	}
	*d = jsonDuration(parsed)
	return nil
}
