package publish

import (
	"time"

	"waitboard/domain"
)

// maxFresh is the most that Fresh returns.
const maxFresh = 10 * time.Second

// Fresh returns how long a cache may treat a snapshot as fresh, in whole seconds, as far as its age allows. That is half of RefreshAfter, so
// that caches add less to its age than the poll does; and a second while there is nothing to show.
func Fresh(s *domain.Snapshot) time.Duration {
	if s.State != domain.Open {
		return time.Second
	}
	return min(max(s.RefreshAfter/2, time.Second), maxFresh).Truncate(time.Second)
}
