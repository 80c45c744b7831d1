package replicas

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// An event of a stream.
type event struct {
	kind, id string
	data     string
	observed time.Time
}

// connect opens an event stream, and returns its first event. Its id stays that of last if the event has none.
func (r *replica) connect(last string) (first event) {
	r.Helper()
	request, err := http.NewRequest(http.MethodGet, r.URL+"/v1/widgets/support/events", nil)
	if err != nil {
		r.Fatal(err)
	}
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	resp, err := r.client.Do(request)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	first.id = last
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			first.kind = value
		case "id":
			first.id = value
		case "data":
			first.data = value
		case "":
			if first.kind == "" {
				continue
			}
			var shown struct {
				At time.Time `json:"observed_at"`
			}
			if err := json.Unmarshal([]byte(first.data), &shown); err != nil {
				r.Fatal(err)
			}
			first.observed = shown.At
			return first
		}
	}
	r.Fatalf("the stream ended after %+v", first)
	return first
}

// A reader who reconnects to another replica with Last-Event-ID receives nothing older, and no snapshot that it has.
func TestStreamsMove(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	w := newWorld(t, options{interval: 100 * time.Millisecond, mode: "poll", speed: 100})
	w.startThree()
	const moves = 3000
	var last event
	bodies := map[string]string{} // by ID
	snapshots, repeated, back, furthest := 0, 0, 0, time.Duration(0)
	for i := range moves {
		next := w.all[i%3].connect(last.id)
		if by := last.observed.Sub(next.observed); by > 0 {
			back++
			furthest = max(furthest, by)
		}
		if next.kind == "snapshot" {
			snapshots++
			if next.id == last.id {
				repeated++
			}
			body := withoutTime(next.data)
			if known, ok := bodies[next.id]; ok && known != body {
				t.Errorf("two snapshots with the ID %s: %s and %s", next.id, known, body)
			}
			bodies[next.id] = body
		}
		last = next
	}
	t.Logf("%d reconnects: %d snapshots, %d repeated, %d older (by at most %v)", moves, snapshots, repeated, back, furthest)
	if repeated > 0 || back > 0 || snapshots < 2 {
		t.Errorf("%d repeated, %d older, %d snapshots", repeated, back, snapshots)
	}
}

// withoutTime returns a snapshot without observed_at, which an ID does not cover.
func withoutTime(data string) string {
	var all map[string]any
	_ = json.Unmarshal([]byte(data), &all) // it was read before
	delete(all, "observed_at")
	out, _ := json.Marshal(all)
	return string(out)
}
