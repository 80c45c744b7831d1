package expected

import (
	"fmt"
	"time"

	"waitboard/domain"
	"waitboard/estimate"
)

// Export returns all learned waits of a metric, the oldest first.
func (c *Collector) Export(at domain.Placement) ([]estimate.Row, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.trackers[at]
	if t == nil {
		return nil, estimate.ErrNone
	}
	return t.archive.Rows(), nil
}

// Import adds waits from elsewhere, such as a report of the phone system. It returns how many of them count. A day of which more is known
// already stays as it is, and so do today and all scores.
func (c *Collector) Import(at domain.Placement, rows []estimate.Row) (added int, err error) {
	now := c.o.Now()
	for i := range rows {
		if rows[i].Time.Truncate(24 * time.Hour).After(now) {
			return 0, fmt.Errorf("row %d is in the future, at %s", i+1, rows[i].Time.UTC().Format(time.RFC3339))
		}
	}
	imported := estimate.Imported(rows)
	imported.DropFrom(now)
	imported.DropBefore(now.Add(-keep))
	c.mu.Lock()
	t := c.trackers[at]
	if t == nil {
		c.mu.Unlock()
		return 0, estimate.ErrNone
	}
	before := t.archive.Len()
	imported.Respect(t.archive)
	t.archive.Merge(imported)
	added = t.archive.Len() - before
	t.changed = true
	c.mu.Unlock()
	if c.o.Replicas != nil {
		c.Refresh(t.source(), t.place()) // which may know more
	}
	c.publish(t)
	return added, nil
}
