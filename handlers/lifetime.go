package handlers

import (
	"strconv"
	"sync/atomic"
	"time"

	"waitboard/domain"
	"waitboard/publish"
)

// A lifetime is how long caches may show an answer. It ends when what the answer says of its age turns untrue, whatever becomes of the
// service meanwhile.
type lifetime struct {
	fresh   time.Duration // without asking again, in whole seconds; zero: not at all
	onError time.Duration // and after that, while the service can't be reached (RFC 5861), in whole seconds
}

// lifetimeOf returns the lifetime of a snapshot at that time. While it is not stale, caches may fall back to it until it would be.
func lifetimeOf(s *domain.Snapshot, now time.Time) lifetime {
	l := lifetime{fresh: publish.Fresh(s)}
	if s.State == domain.Open && !s.Stale {
		l.onError = max(s.StaleAfter-l.fresh, 0)
	}
	for _, end := range [...]time.Time{s.Ages, s.Turn} {
		if !end.IsZero() {
			left := max(end.Sub(now), 0)
			l.fresh = min(l.fresh, left)
			l.onError = min(l.onError, left-l.fresh)
		}
	}
	return lifetime{l.fresh.Truncate(time.Second), l.onError.Truncate(time.Second)}
}

// A cacheControl is a lifetime as ready header values.
type cacheControl struct {
	of              lifetime
	public, private []string
}

func newCacheControl(l lifetime) *cacheControl {
	text := "no-cache"
	if l.fresh > 0 {
		text = "max-age=" + inSeconds(l.fresh)
	}
	if l.onError > 0 {
		text += ", stale-if-error=" + inSeconds(l.onError)
	}
	return &cacheControl{l, []string{"public, " + text}, []string{"private, " + text}}
}

func inSeconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// controls makes header values. Most answers of a second have the same, so the last ones are kept.
type controls struct{ last atomic.Pointer[cacheControl] }

// of returns the header values of a lifetime.
func (c *controls) of(l lifetime) *cacheControl {
	if last := c.last.Load(); last != nil && last.of == l {
		return last
	}
	made := newCacheControl(l)
	c.last.Store(made)
	return made
}

// cacheControl returns the header values for a page that is sent now.
func (p *public) cacheControl(page *publish.Page) *cacheControl {
	return p.controls.of(lifetimeOf(&page.Snapshot, p.now()))
}
