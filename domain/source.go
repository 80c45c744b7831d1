package domain

import (
	"fmt"
	"time"
)

// MetricInfo describes a metric that a source offers. It is private.
type MetricInfo struct {
	ID           string
	Name         string
	CategoryType string   // "NONE", "AGENT", "GROUP" and others
	Categories   []string // the category values chosen for it upstream
}

// Key names one value of a source: a metric and, where it has categories, one category value. It is private.
type Key struct {
	Metric   string // the metric's ID
	Category string
}

// KeyedReading is one value of a source's response.
type KeyedReading struct {
	Key        Key
	Reading    Reading
	ByOwnDate  Reading   // of an unclear value, whose response has a date that contradicts earlier ones: the value by that date
	Updated    time.Time // when the value last changed, by the source's own clock; zero: unknown
	Unexpected string    // why an unexpected value counts as none, without upstream text; empty: it was expected
}

// A Push is a push: a value that changed. One without a metric could not be read, and one without Updated can't be ordered: they only
// show that something changed.
type Push struct {
	KeyedReading
	At time.Time // by waitboard's clock: when the value was true, not later than the message arrived
}

// A Batch is the result of one request for the values of some metrics.
type Batch struct {
	IDs          []string // the requested metrics
	Asked        time.Time
	Readings     []KeyedReading
	Initializing []Key // requested, and initializing
	Err          error // a *Failure, or the context's error; nil: the response is complete
}

// Cause is why a request to a source failed.
type Cause string

// The causes. Prometheus metrics count them as outcomes.
const (
	Unauthorized Cause = "unauthorized"  // 401: the source rejects the key
	Forbidden    Cause = "forbidden"     // 403: a requested metric is not assigned to the key's user, or a proxy blocks the request
	NotFound     Cause = "not_found"     // 404: a requested metric does not exist
	BadRequest   Cause = "bad_request"   // 400
	RateLimited  Cause = "rate_limited"  // 429, and 509 of Xima CCaaS
	ServerError  Cause = "server_error"  // another 5xx
	Unexpected   Cause = "unexpected"    // any other status, redirects included
	Malformed    Cause = "malformed"     // not JSON, cut short, or of another shape
	TooLarge     Cause = "too_large"     // a response over the limit
	Timeout      Cause = "timeout"       // no response in time
	Unreachable  Cause = "unreachable"   // no connection, or it broke
	Untrusted    Cause = "untrusted_tls" // the server's certificate is not trusted
	WrongScheme  Cause = "wrong_scheme"  // the port speaks TLS and the url has http, or the reverse

	Misconfigured Cause = "misconfigured" // no request was sent: the key or the certificates can't be read
)

// A Failure is why a request failed. It holds no key, address, metric or upstream text.
type Failure struct {
	Cause      Cause
	RetryAfter time.Duration // what the source requested; zero: nothing
	Detail     string
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Cause, f.Detail) }

// Rejected reports whether the source rejected a request because of a metric in it. A request without that metric may succeed.
func (f *Failure) Rejected() bool {
	return f.Cause == Forbidden || f.Cause == NotFound || f.Cause == BadRequest
}

// Answered reports whether there was a response that applies to this request only: another request may succeed.
func (f *Failure) Answered() bool {
	switch f.Cause {
	case Unauthorized, RateLimited, Timeout, Unreachable, Untrusted, WrongScheme, Misconfigured:
		return false
	}
	return true
}
