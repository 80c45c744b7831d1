package replicas

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A snapshot is what the tests read of one.
type snapshot struct {
	ID         string
	State      string
	Stale      bool
	ObservedAt time.Time `json:"observed_at"`
	Metrics    []struct {
		ID    string
		Value any
		AsOf  time.Time `json:"as_of"`
	}
}

// A book remembers the bodies of all answers by address, encoding and entity tag.
type book struct {
	mu     sync.Mutex // guards what follows
	bodies map[string][sha256.Size]byte
}

// differs reports whether the book has another body of the same entity tag.
func (b *book) differs(key string, body []byte) bool {
	sum := sha256.Sum256(body)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bodies == nil {
		b.bodies = map[string][sha256.Size]byte{}
	}
	before, ok := b.bodies[key]
	b.bodies[key] = sum
	return ok && before != sum
}

// A reader is one client, who reads an address from several replicas in turn, as through a load balancer. It remembers what it has seen.
type reader struct {
	t           *testing.T
	client      *http.Client
	path        string
	zipped      bool // it accepts gzip
	revalidates bool // it sends the last entity tag back
	book        *book

	mu   sync.Mutex           // guards seen, which tests read meanwhile
	seen map[string]time.Time // the latest times, by what they are of

	tag       string
	last      *http.Response
	snapshots []snapshot // of the last answer with a body

	answers, unchanged, back, differ, failed int
	furthest                                 time.Duration // that anything went back
}

func newReader(t *testing.T, path string, revalidates bool) *reader {
	return &reader{t: t, client: newClient(), path: path, revalidates: revalidates, book: &book{}, seen: map[string]time.Time{}}
}

// read sends one request to a replica.
func (c *reader) read(url string) {
	r, err := http.NewRequest(http.MethodGet, url+c.path, nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	if c.zipped {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	if c.revalidates && c.tag != "" {
		r.Header.Set("If-None-Match", c.tag)
	}
	c.answers++
	resp, err := c.client.Do(r)
	if err != nil {
		c.fail(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		c.fail(err)
	case resp.StatusCode == http.StatusNotModified:
		c.last = resp
		c.unchanged++
	case resp.StatusCode == http.StatusOK:
		c.last = resp
		c.take(resp, body)
	default:
		c.fail(fmt.Errorf("%s: %s", resp.Status, body))
	}
}

func (c *reader) fail(err error) {
	if c.failed++; c.failed <= 3 {
		c.t.Errorf("a request failed: %v", err)
	}
}

// take reads an answer with a body.
func (c *reader) take(resp *http.Response, body []byte) {
	c.tag = resp.Header.Get("Etag")
	encoding := resp.Header.Get("Content-Encoding")
	if c.book.differs(c.path+" "+encoding+" "+c.tag, body) {
		c.differ++
	}
	if encoding == "gzip" {
		unzip, err := gzip.NewReader(bytes.NewReader(body))
		if err == nil {
			body, err = io.ReadAll(unzip)
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
	var list struct{ Widgets []snapshot }
	var one snapshot
	if err := json.Unmarshal(body, &list); err != nil {
		c.fail(fmt.Errorf("%w: %s", err, body))
		return
	}
	if c.snapshots = list.Widgets; c.snapshots == nil {
		_ = json.Unmarshal(body, &one)
		c.snapshots = []snapshot{one}
	}
	for _, s := range c.snapshots {
		c.note(s)
	}
}

// note compares the times of a snapshot with those that the reader has seen before.
func (c *reader) note(s snapshot) {
	back := c.later("observed_at of "+s.ID, s.ObservedAt)
	for _, m := range s.Metrics {
		if !m.AsOf.IsZero() {
			back = c.later("as_of of "+s.ID+"."+m.ID, m.AsOf) || back
		}
	}
	if back {
		c.back++
	}
}

// later reports whether a time is before the latest one.
func (c *reader) later(of string, at time.Time) (back bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if by := c.seen[of].Sub(at); by > 0 {
		c.furthest = max(c.furthest, by)
		return true
	}
	c.seen[of] = at
	return false
}

// observed returns the last observed_at of a widget.
func (c *reader) observed(widget string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen["observed_at of "+widget]
}

func (c *reader) String() string {
	how := "unconditional"
	if c.revalidates {
		how = "revalidating"
	}
	return fmt.Sprintf("%s %s: %d answers, %d unchanged, %d went back (by at most %v), %d failed",
		how, c.path, c.answers, c.unchanged, c.back, c.furthest, c.failed)
}

// check fails the test if a request failed, if anything went back, or if two answers of one entity tag differed.
func (c *reader) check() {
	c.t.Helper()
	c.t.Log(c)
	if c.failed > 0 || c.back > 0 || c.differ > 0 {
		c.t.Errorf("%v, %d differ", c, c.differ)
	}
}

// size returns how many entity tags there were.
func (b *book) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.bodies)
}
