package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Visitors read the widget support of all replicas in turn, all the time: one as a browser that revalidates, one without a cache.
type visitors struct {
	t     *testing.T
	stop  chan struct{}
	ended sync.WaitGroup

	mu        sync.Mutex // guards what follows
	requests  int
	unchanged int
	slowest   time.Duration
	latest    map[string]time.Time // the newest observed_at of each replica
	gap       time.Duration        // the longest time without a newer one
	since     map[string]time.Time
}

// visit starts visitors.
func visit(t *testing.T, all []*service) *visitors {
	t.Helper()
	v := &visitors{t: t, stop: make(chan struct{}), latest: map[string]time.Time{}, since: map[string]time.Time{}}
	v.ended.Go(func() { v.repeat(all, v.revalidating()) })
	v.ended.Go(func() { v.repeat(all, v.plain) })
	t.Cleanup(v.end)
	return v
}

// end ends them. It logs what they have seen.
func (v *visitors) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	select {
	case <-v.stop:
		return
	default:
		close(v.stop)
	}
	v.mu.Unlock()
	v.ended.Wait()
	v.mu.Lock()
	v.t.Logf("%d requests, %d not modified, the slowest took %v, the longest time without newer values was %v",
		v.requests, v.unchanged, v.slowest.Round(time.Millisecond), v.gap.Round(time.Millisecond))
}

func (v *visitors) repeat(all []*service, request func(s *service)) {
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	for next := 0; ; next++ {
		select {
		case <-v.stop:
			return
		case <-pause.C:
			request(all[next%len(all)])
		}
	}
}

// get sends one request. It reports anything but an answer with a snapshot.
func (v *visitors) get(s *service, known string) (status int, tag string, body []byte) {
	request, err := http.NewRequest(http.MethodGet, s.url+"/v1/widgets/support", nil)
	if err != nil {
		v.t.Error(err)
		return 0, "", nil
	}
	request.Header.Set("Accept-Encoding", "identity")
	if known != "" {
		request.Header.Set("If-None-Match", known)
	}
	began := time.Now()
	response, err := client.Do(request)
	if err != nil {
		v.t.Errorf("a visitor's request failed: %v", err)
		return 0, "", nil
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK && (known == "" || response.StatusCode != http.StatusNotModified) {
		v.t.Errorf("a visitor's request failed: %d, %v", response.StatusCode, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.requests++
	v.slowest = max(v.slowest, time.Since(began))
	if response.StatusCode == http.StatusNotModified {
		v.unchanged++
	}
	return response.StatusCode, response.Header.Get("Etag"), body
}

// revalidating returns a browser. What it shows never goes back in time.
func (v *visitors) revalidating() func(s *service) {
	known, newest := "", int64(0)
	return func(s *service) {
		status, tag, _ := v.get(s, known)
		if status != http.StatusOK {
			return
		}
		at, err := strconv.ParseInt(strings.Trim(tag, `"`)[17:], 36, 64) // after the hash
		if err != nil || at < newest {
			v.t.Errorf("observed_at went back by %d ms, %v", newest-at, err)
		}
		known, newest = tag, at
	}
}

// plain is a visitor without a cache. No replica goes back in time, or lacks a value.
func (v *visitors) plain(s *service) {
	status, _, body := v.get(s, "")
	if status != http.StatusOK {
		return
	}
	var got snapshot
	if err := json.Unmarshal(body, &got); err != nil || got.State != "open" || got.Stale {
		v.t.Errorf("%v: %s", err, body)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	last, now := v.latest[s.url], time.Now()
	switch {
	case got.ObservedAt.Before(last):
		v.t.Errorf("observed_at of a replica went back by %v", last.Sub(got.ObservedAt))
	case got.ObservedAt.After(last):
		v.latest[s.url] = got.ObservedAt
		if !last.IsZero() {
			v.gap = max(v.gap, now.Sub(v.since[s.url]))
		}
		v.since[s.url] = now
	}
}
