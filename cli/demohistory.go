package cli

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/expected"
	"waitboard/history"
	"waitboard/typical"
)

// historyWeeks is how many weeks the demo remembers when it starts.
const historyWeeks = 8

// remember gives the first widget of the company's demo what it has collected, in a folder: eight weeks of history of its first metric, and what
// its estimate has learned.
func (c *demoCommand) remember(cfg *config.Config, folder string, now time.Time) error {
	if c.Fixtures {
		return nil
	}
	w := &cfg.Widgets[0]
	m := &w.Metrics[0]
	m.History = config.History{Keep: historyWeeks * 7 * 24 * time.Hour, MinWeeks: 3, Low: 0.25, High: 0.8, Alone: true}
	cfg.DataDir = folder
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	name := filepath.Join(folder, typical.FileName(domain.Placement{Widget: w.ID, Metric: m.ID}))
	if err := os.WriteFile(name, invented(w.Zone, now).Encode(), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for i := range w.Metrics {
		if w.Metrics[i].Estimate == nil {
			continue
		}
		learned, err := c.learn(&w.Metrics[i], now)
		if err != nil {
			return err
		}
		name := filepath.Join(folder, expected.FileName(domain.Placement{Widget: w.ID, Metric: w.Metrics[i].ID}))
		if err := os.WriteFile(name, learned.Encode(), 0o600); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// invented returns weeks of waits with a pattern of the day and the week, the same for each process.
func invented(zone *time.Location, now time.Time) *history.Archive {
	archive := &history.Archive{Kind: domain.Duration}
	start := domain.HourStart(now.In(zone)).AddDate(0, 0, -7*historyWeeks)
	for n := range historyWeeks * 7 * 24 {
		hour := start.Add(time.Duration(n) * time.Hour)
		h := history.Hour{Start: hour.UTC(), Times: map[history.Level]time.Duration{}}
		for part := range 12 {
			luck := float64((n*12+part)*7919%1000) / 1000 // it looks random, and is not
			minutes := math.Ceil(usual(hour) * (0.5 + luck))
			seconds := 60 * minutes
			if minutes <= 1 {
				seconds = 30 // as "under 1 min" is remembered
			}
			h.Times[history.LevelOf(seconds)] += 5 * time.Minute
		}
		archive.Add(h)
	}
	return archive
}

// usual returns how many minutes callers usually wait at an hour: most before noon and in the afternoon, and on Mondays.
func usual(hour time.Time) float64 {
	at := float64(hour.Hour())
	busy := 0.4 + 3*math.Exp(-(at-10)*(at-10)/4) + 2.2*math.Exp(-(at-15)*(at-15)/5)
	switch hour.Weekday() {
	case time.Monday:
		return busy * 1.4
	case time.Saturday, time.Sunday:
		return busy * 0.5
	}
	return busy
}
