package respond

import (
	"strconv"
	"sync/atomic"
	"time"

	"waitboard/domain"
	"waitboard/publish"
)

// A lifetime is how long a cache may serve an answer. It ends before the snapshot turns stale, hidden, open or closed,
// even if the service is down by then.
type lifetime struct {
	fresh   time.Duration // without revalidation, in whole seconds; zero: revalidate each time
	onError time.Duration // afterwards, while the service is unreachable (stale-if-error, RFC 5861), in whole seconds
}

// lifetimeOf returns the lifetime of a snapshot that is sent now.
func lifetimeOf(s *domain.Snapshot, now time.Time) lifetime {
	l := lifetime{fresh: freshFor(s)}
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

// A CacheControl is a lifetime as Cache-Control header values.
type CacheControl struct {
	Public, Private []string
	lifetime        lifetime
}

// Fresh returns how long the page may be cached where that is as long as freshFor allows, otherwise 0: only two values, so that an answer that
// states it seldom changes.
func (c *CacheControl) Fresh(page *publish.Page) time.Duration {
	if fresh := freshFor(&page.Snapshot); c.lifetime.fresh == fresh {
		return fresh
	}
	return 0
}

func newCacheControl(l lifetime) *CacheControl {
	text := "no-cache"
	if l.fresh > 0 {
		// Without stale-while-revalidate Varnish serves any answer 10 seconds longer, also while the service is down.
		text = "max-age=" + inSeconds(l.fresh) + ", stale-while-revalidate=0"
	}
	if l.onError > 0 {
		text += ", stale-if-error=" + inSeconds(l.onError)
	}
	return &CacheControl{[]string{"public, " + text}, []string{"private, " + text}, l}
}

func inSeconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// Caching decides Cache-Control of answers that show widgets. It stores the last value, because most answers of a
// second share it.
type Caching struct {
	now  func() time.Time
	last atomic.Pointer[CacheControl]
}

// NewCaching returns a Caching by a clock.
func NewCaching(now func() time.Time) *Caching { return &Caching{now: now} }

// Page returns Cache-Control for a page that is sent now.
func (c *Caching) Page(page *publish.Page) *CacheControl {
	return c.of(lifetimeOf(&page.Snapshot, c.now()))
}

// Pages returns Cache-Control for an answer that joins pages: the shortest time for which any of them is fresh.
func (c *Caching) Pages(pages []*publish.Page) *CacheControl {
	now, joined := c.now(), lifetime{fresh: 5 * time.Second} // without pages
	for i, page := range pages {
		if l := lifetimeOf(&page.Snapshot, now); i == 0 || l.fresh < joined.fresh {
			joined.fresh = l.fresh
		}
	}
	return c.of(joined)
}

func (c *Caching) of(l lifetime) *CacheControl {
	if last := c.last.Load(); last != nil && last.lifetime == l {
		return last
	}
	made := newCacheControl(l)
	c.last.Store(made)
	return made
}

// maxFresh is the most that freshFor returns.
const maxFresh = 10 * time.Second

// freshFor returns how long a cache may treat a snapshot as fresh, in whole seconds, as far as its age allows. That is half of RefreshAfter, so
// that caches add less to its age than the poll does; and a second while there is nothing to show.
func freshFor(s *domain.Snapshot) time.Duration {
	if s.State != domain.Open {
		return time.Second
	}
	return min(max(s.RefreshAfter/2, time.Second), maxFresh).Truncate(time.Second)
}
