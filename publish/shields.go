package publish

import (
	"encoding/json"
	"fmt"
	"time"

	"waitboard/domain"
)

// The schema of shields.io's endpoint badge.
type shieldsJSON struct {
	SchemaVersion int    `json:"schemaVersion"` // always 1
	Label         string `json:"label"`
	Message       string `json:"message"`
	Color         string `json:"color"`
	CacheSeconds  int    `json:"cacheSeconds"`
}

var levelColors = map[domain.Level]string{"": "blue", domain.Low: "brightgreen", domain.Moderate: "yellow", domain.High: "red"}

// shields returns a snapshot as such a badge, colored by its worst level.
func shields(s *domain.Snapshot, maxAge time.Duration) []byte {
	var parts []string
	worst := domain.Level("")
	for i := range s.Metrics {
		m := &s.Metrics[i]
		if !m.Present() {
			continue
		}
		parts = append(parts, m.Text)
		if m.Level == domain.High || worst == "" || worst == domain.Low && m.Level == domain.Moderate {
			worst = m.Level
		}
	}
	badge := shieldsJSON{SchemaVersion: 1, Label: s.Title, Message: summary(s, parts), Color: levelColors[worst], CacheSeconds: int(maxAge / time.Second)}
	if len(parts) == 0 || s.Stale {
		badge.Color = "lightgrey"
	}
	raw, err := json.Marshal(badge)
	if err != nil {
		panic(fmt.Sprintf("publish: badge of %s: %v", s.ID, err)) // texts and a number can always be marshaled
	}
	return append(raw, '\n')
}
