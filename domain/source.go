package domain

import (
	"fmt"
	"time"
)

// MetricInfo is what a source tells of a metric that it offers. It is private.
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

// KeyedReading is one value out of a source's answer.
type KeyedReading struct {
	Key     Key
	Reading Reading
	Own     Reading   // of a value that is unclear because its answer's date contradicts those before: what it is by that date
	Updated time.Time // when the value last changed, by the source's own clock; zero: it does not say
	Oddity  string    // why there is no value though something came, in words of ours; empty: nothing is odd
}

// A Message is a value that a source tells of by itself, because it has changed. One without a metric could not be read,
// and one without Updated can't be put in order with others: all that they tell is that something has changed.
type Message struct {
	KeyedReading
	At time.Time // on our clock: when the source stood by it, not after the message came
}

// A Batch is the outcome of one request for the values of some metrics.
type Batch struct {
	IDs          []string // the metrics asked for
	Asked        time.Time
	Readings     []KeyedReading
	Initializing []Key // asked for and not ready yet
	Err          error // a *Failure, or the context's error; nil: the answer is whole
}

// Cause classes what can go wrong between a source and us.
type Cause string

// The causes, which are also the outcomes counted in the metrics.
const (
	Unauthorized Cause = "unauthorized"  // 401: the key is not accepted
	Forbidden    Cause = "forbidden"     // 403: a requested metric is not assigned to the key's user
	NotFound     Cause = "not_found"     // 404: a requested metric does not exist
	BadRequest   Cause = "bad_request"   // 400
	RateLimited  Cause = "rate_limited"  // 429, and 509 of Xima CCaaS
	ServerError  Cause = "server_error"  // another 5xx
	Unexpected   Cause = "unexpected"    // any other status, redirects included
	Malformed    Cause = "malformed"     // not JSON, cut short, or of another shape
	TooLarge     Cause = "too_large"     // an answer over the limit
	Timeout      Cause = "timeout"       // no answer in time
	Unreachable  Cause = "unreachable"   // no connection, or it broke
	Untrusted    Cause = "untrusted_tls" // the server's certificate is not accepted

	Misconfigured Cause = "misconfigured" // the source can't be asked: its key or its certificates can't be read
)

// A Failure says why a source gave no answer, in words of ours: no key, address, metric or upstream text is in it.
type Failure struct {
	Cause      Cause
	RetryAfter time.Duration // what the source asked for; zero: nothing
	Detail     string
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Cause, f.Detail) }

// Rejected tells whether the source turned a request down because of a metric in it, so that the others may be asked
// for without it.
func (f *Failure) Rejected() bool {
	return f.Cause == Forbidden || f.Cause == NotFound || f.Cause == BadRequest
}

// Answered tells whether there was an answer, though not the one that was asked for: something else may be answered.
func (f *Failure) Answered() bool {
	switch f.Cause {
	case Unauthorized, RateLimited, Timeout, Unreachable, Untrusted, Misconfigured:
		return false
	}
	return true
}
