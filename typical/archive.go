package typical

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"waitboard/domain"
	"waitboard/history"
)

// ErrNoKind means that nothing says what kind of values are imported.
var ErrNoKind = errors.New("whether the metric is a duration or a number is not known before its first value; import later")

// Export returns all that is known of a metric, the oldest first.
func (c *Collector) Export(at domain.Placement) ([]history.Row, error) {
	c.mu.Lock()
	t := c.trackers[at]
	var recent []history.Hour
	if t != nil {
		recent = append(slices.Clone(c.complete[at]), t.recorder.Current())
	}
	c.mu.Unlock()
	if t == nil {
		return nil, history.ErrNone
	}
	archive := c.archives.read(at)
	archive.Add(recent...)
	return history.Rows(archive.Hours()), nil
}

// maxTrue is how long an imported value counts at most, where the next row is far.
const maxTrue = time.Hour

// Import adds values from elsewhere, such as a report of the phone system. It returns how many hours it has added. Nothing counts of closed
// hours and of days with exceptional hours. An hour that is known for longer already stays as it is.
func (c *Collector) Import(at domain.Placement, rows []history.Row) (hours int, err error) {
	now := c.o.Now()
	c.mu.Lock()
	t := c.trackers[at]
	c.mu.Unlock()
	if t == nil {
		return 0, history.ErrNone
	}
	if last := rows[len(rows)-1].Time; last.After(now) {
		return 0, fmt.Errorf("the last row is in the future, at %s", last.UTC().Format(time.RFC3339))
	}
	kind := c.kindOf(t)
	if kind == domain.None {
		return 0, ErrNoKind
	}
	complete := imported(t, kind, rows)
	start, _ := history.HourOf(now, t.zone())
	complete = slices.DeleteFunc(complete, func(h history.Hour) bool { return !h.Start.Before(start) }) // the present hour goes on
	c.mu.Lock()
	defer c.mu.Unlock()
	t.kind = kind
	c.complete[at] = append(c.complete[at], complete...)
	c.imports[at] = true
	c.wake()
	return len(complete), nil
}

// kindOf returns what kind of value a metric has, as far as anything says so.
func (c *Collector) kindOf(t *tracker) domain.Kind {
	c.mu.Lock()
	kinds := []domain.Kind{t.kind, t.inputs.Observed[t.index].Kind, t.metric().Display.Kind, t.metric().Levels.Kind}
	c.mu.Unlock()
	for _, kind := range append(kinds, c.archives.read(t.at).Kind) {
		if kind == domain.Duration || kind == domain.Count {
			return kind
		}
	}
	return domain.None
}

// imported returns the hours of rows.
func imported(t *tracker, kind domain.Kind, rows []history.Row) (hours []history.Hour) {
	recorder := history.NewRecorder(t.zone())
	for i, row := range rows[:len(rows)-1] {
		end := rows[i+1].Time
		if latest := row.Time.Add(maxTrue); end.After(latest) {
			end = latest
		}
		for from := row.Time; row.Value != nil && from.Before(end); {
			r, until := t.widget.RememberImported(t.index, domain.ValueOf(kind, *row.Value), from)
			if until.IsZero() || until.After(end) {
				until = end
			}
			if r.Kind != domain.None {
				hours = append(hours, recorder.Add(history.Piece{From: from, To: until, Value: r.InUnits()})...)
			}
			from = until
		}
	}
	return recorder.Flush(hours)
}
