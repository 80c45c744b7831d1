package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// RateLimit is how many requests a client may make: one IPv4 address, or one /64 of IPv6.
type RateLimit struct {
	Requests int           // at once; they come back evenly over Per; 0: no limit
	Per      time.Duration // whole seconds

	// SparePrivate lets clients with loopback, private or link-local addresses do as they like: such a client is the
	// operator or, more likely, a proxy, whose visitors would all count as one.
	SparePrivate bool
}

// A rateLimiter holds clients to a RateLimit, and tells them how they stand by the header fields RateLimit-Policy and
// RateLimit (draft-ietf-httpapi-ratelimit-headers-11). Of a client nothing is logged and nothing written anywhere.
//
// The fields are also on answers that caches may keep: section 7.3 has readers ignore them on those that come from one,
// which Age tells.
type rateLimiter struct {
	spare   bool
	clients *clients
	gcra    *gcra
	policy  []string   // RateLimit-Policy
	left    [][]string // RateLimit, by how many requests are left
	over    []refusal  // by the seconds to wait
	refused prometheus.Counter
}

// A refusal is what one that has to wait is told. It is ready, so that turning a flood away costs little.
type refusal struct{ rateLimit, retryAfter []string }

// newRateLimiter gives nil when there is no limit. A new one, as after a change of the configuration, begins with a full
// quota for everyone.
func newRateLimiter(o Options, whose *clients) *rateLimiter {
	refused := registered(o.Metrics, prometheus.NewCounter(prometheus.CounterOpts{
		Name: "waitboard_rate_limited_total",
		Help: "Public requests refused because their client was over the rate limit.",
	}))
	limit := o.RateLimit
	if limit.Requests == 0 {
		return nil
	}
	l := &rateLimiter{
		spare: limit.SparePrivate, clients: whose, refused: refused,
		gcra:   newGCRA(limit.Requests, limit.Per, o.Now, maxClients),
		policy: []string{fmt.Sprintf(`"default";q=%d;w=%d`, limit.Requests, limit.Per/time.Second)},
		left:   make([][]string, limit.Requests+1),
	}
	for n := range l.left {
		l.left[n] = rateLimitField(n, limit.Per*time.Duration(max(n, 1))/time.Duration(limit.Requests))
	}
	for n := range seconds(limit.Per/time.Duration(limit.Requests)+1) + 1 {
		l.over = append(l.over, refusal{rateLimitField(0, time.Duration(n)*time.Second), []string{strconv.Itoa(n)}})
	}
	return l
}

// rateLimitField is RateLimit where r requests are left. t is the "effective window" (section 4.1.2), in which a client
// should make no more than these. It is as long as the policy takes for as many: a client that makes r requests in t
// keeps within the limit for ever, and is never led to a higher rate, as sections 6 and 8.5 warn of. With nothing left it is
// the time until the next request, so that Retry-After does not end before t, which section 6 asks for.
func rateLimitField(r int, t time.Duration) []string {
	return []string{fmt.Sprintf(`"default";r=%d;t=%d`, r, seconds(t))}
}

// seconds rounds up to whole seconds, as the header fields have them.
func seconds(d time.Duration) int { return max(int((d+time.Second-1)/time.Second), 1) }

// allows counts a request, and tells whether its client may make it. It sets the header fields of the answer, those of a
// refusal included. A client that is not limited gets none.
func (l *rateLimiter) allows(h http.Header, r *http.Request) bool {
	if l == nil || r.URL.Path == healthPath || r.URL.Path == readyPath { // what watches over the service must always get through
		return true
	}
	client := l.clients.of(r)
	if l.spare && isPrivate(client) {
		return true
	}
	h["Ratelimit-Policy"] = l.policy
	left, wait, ok := l.gcra.take(keyOf(client))
	if ok {
		h["Ratelimit"] = l.left[left]
		return true
	}
	l.refused.Inc()
	told := &l.over[seconds(wait)]
	h["Ratelimit"], h["Retry-After"] = told.rateLimit, told.retryAfter
	return false
}
