package chronicall

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// When the source's name moves to another address, polls follow within minutes, though the old address still answers.
func TestPollsFollowTheName(t *testing.T) {
	var requests [2]atomic.Int32
	var addresses [2]string
	for i := range addresses {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests[i].Add(1)
			w.Header()["Date"] = nil // the clock here is the test's
			_, _ = io.WriteString(w, `{"results":[]}`)
		}))
		t.Cleanup(server.Close)
		addresses[i] = server.Listener.Addr().String()
	}
	var name atomic.Pointer[string]
	name.Store(&addresses[0])
	c := clientOf(t, Options{URL: "http://phones.example.com/rest", Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, *name.Load())
	}})
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c.now = func() time.Time { return now }
	poll := func() {
		t.Helper()
		for _, batch := range c.Values(t.Context(), []string{"M"}) {
			if batch.Err != nil {
				t.Fatal(batch.Err)
			}
		}
	}
	poll()
	name.Store(&addresses[1])
	for range 11 { // within connLife
		now = now.Add(10 * time.Second)
		poll()
	}
	if n := requests[0].Load(); n != 12 {
		t.Errorf("%d polls through one connection", n)
	}
	now = now.Add(10 * time.Second)
	poll()
	if n := requests[1].Load(); n != 1 {
		t.Errorf("%d polls at the new address", n)
	}
}
