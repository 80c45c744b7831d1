package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// RateLimit is how many requests a client may make. A client is an IPv4 address or a /64 of IPv6.
type RateLimit struct {
	Requests int           // burst; it refills evenly over Per; 0: no limit
	Per      time.Duration // whole seconds

	// SparePrivate exempts clients with loopback, private and link-local addresses. Such a client is the operator, or a
	// proxy whose visitors would share one limit.
	SparePrivate bool
}

// A rateLimiter enforces a RateLimit, and sends RateLimit-Policy and RateLimit
// (draft-ietf-httpapi-ratelimit-headers-11). It logs nothing about clients.
//
// Answers that caches store have these fields too. Clients ignore them on an answer from a cache, which has Age
// (section 7.3).
type rateLimiter struct {
	sparePrivate bool
	clients      *clients
	gcra         *gcra
	policy       []string    // RateLimit-Policy
	left         [][]string  // RateLimit, by the number of requests left
	rejections   []rejection // by the seconds to wait
	rejected     prometheus.Counter
}

// A rejection holds the header values of one. They are made in advance, because floods get many.
type rejection struct{ rateLimit, retryAfter []string }

// newRateLimiter returns nil without a limit. Every client starts with its full quota, also after a reload.
func newRateLimiter(o Options, from *clients) *rateLimiter {
	rejected := registered(o.Metrics, prometheus.NewCounter(prometheus.CounterOpts{
		Name: "waitboard_rate_limited_total",
		Help: "Public requests rejected by the rate limit.",
	}))
	limit := o.RateLimit
	if limit.Requests == 0 {
		return nil
	}
	l := &rateLimiter{
		sparePrivate: limit.SparePrivate, clients: from, rejected: rejected,
		gcra:   newGCRA(limit.Requests, limit.Per, o.Now, maxClients),
		policy: []string{fmt.Sprintf(`"default";q=%d;w=%d`, limit.Requests, limit.Per/time.Second)},
		left:   make([][]string, limit.Requests+1),
	}
	for n := range l.left {
		l.left[n] = rateLimitField(n, limit.Per*time.Duration(max(n, 1))/time.Duration(limit.Requests))
	}
	for n := range seconds(limit.Per/time.Duration(limit.Requests)+1) + 1 {
		l.rejections = append(l.rejections, rejection{rateLimitField(0, time.Duration(n)*time.Second), []string{strconv.Itoa(n)}})
	}
	return l
}

// rateLimitField returns RateLimit for r requests left in the effective window t (section 4.1.2): the time in which r
// requests refill. A client that makes r requests per t stays within the limit (sections 6 and 8.5). Without requests
// left, t is the time until the next one, so Retry-After doesn't end before t (section 6).
func rateLimitField(r int, t time.Duration) []string {
	return []string{fmt.Sprintf(`"default";r=%d;t=%d`, r, seconds(t))}
}

// seconds rounds up to whole seconds, at least 1.
func seconds(d time.Duration) int { return max(int((d+time.Second-1)/time.Second), 1) }

// unlimited reports whether a path has no limit: health checks, and what every page load needs. Many visitors may share an address, and each
// page load would count several times. These answers are rendered once for all visitors.
func unlimited(path string) bool {
	switch path {
	case "/healthz", "/readyz", "/favicon.ico":
		return true
	}
	rest, ok := strings.CutPrefix(path, "/v1/widgets/")
	if ok {
		_, name, _ := strings.Cut(rest, "/")
		return name == "badge.svg" || name == "badge.png" || name == "typical.svg"
	}
	for _, prefix := range [...]string{"/v1/widget.", "/embed/", "/w/", "/assets/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// allows counts a request, sets the header fields, and reports whether the client may make it. Exempt clients get no
// fields, and unlimited paths always pass.
func (l *rateLimiter) allows(h http.Header, r *http.Request) bool {
	if l == nil || unlimited(r.URL.Path) {
		return true
	}
	client := l.clients.address(r)
	if l.sparePrivate && isPrivate(client) {
		return true
	}
	h["Ratelimit-Policy"] = l.policy
	left, wait, ok := l.gcra.take(keyOf(client))
	if ok {
		h["Ratelimit"] = l.left[left]
		return true
	}
	l.rejected.Inc()
	rejection := &l.rejections[seconds(wait)]
	h["Ratelimit"], h["Retry-After"] = rejection.rateLimit, rejection.retryAfter
	return false
}
