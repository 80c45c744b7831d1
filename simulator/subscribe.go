package simulator

import (
	"cmp"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
)

const subscribePath = "/api/v1/realtime-metric-subscription"

// subscribe answers GET /api/v1/realtime-metric-subscription?id=A&id=B&auth_token=key,
// a WebSocket that sends each change of a value. The errors are those of the
// vendor's page: a 403 does not name the metric, or say whether it exists.
func (s *Simulator) subscribe(w http.ResponseWriter, r *http.Request) {
	fault := s.Fault()
	query := r.URL.Query()
	ids, token := query["id"], query.Get("auth_token")
	switch {
	case fault.Handshake != 0:
		s.failWith(w, r, fault, fault.Handshake)
		return
	case len(ids) == 0 || slices.Contains(ids, "") || token == "":
		s.jsonError(w, r, http.StatusBadRequest, "Malformed or missing query parameters.")
		return
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.opts.Key)) != 1:
		s.jsonError(w, r, http.StatusUnauthorized, fmt.Sprintf("The authentication key %q wasn't valid.", token))
		return
	case slices.ContainsFunc(ids, func(id string) bool { return !s.assigned(id, fault) }):
		s.jsonError(w, r, http.StatusForbidden, "One or more of the requested metrics don't exist or are not assigned to the user.")
		return
	}
	sub := &subscription{Simulator: s, ids: ids, sentUntil: map[valueKey]time.Time{}, restarts: s.fault.restarted()}
	sub.begin() // before the handshake, so that the client misses no change
	s.count.add(func(n *Requests) { n.Open++ })
	defer s.count.add(func(n *Requests) { n.Open-- })
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, OnPingReceived: sub.mayAnswer})
	if err != nil {
		return // Accept has responded
	}
	defer conn.CloseNow() //nolint:errcheck // it may be closed already
	sub.conn = conn
	sub.serve()
}

// assigned reports whether the service user may read a metric.
func (s *Simulator) assigned(id string, fault Fault) bool {
	return s.desk.known(id) && !s.desk.unassigned[id] && id != fault.Gone && id != fault.Forbidden
}

// subscription is one open WebSocket.
type subscription struct {
	*Simulator
	conn       *websocket.Conn
	ids        []string
	sentUntil  map[valueKey]time.Time // for each value, the time up to which changes were sent; missing while it initializes
	restarts   int                    // of the server before this subscription
	queue      []queued               // messages to be sent, the next one first
	unexpected int                    // unexpected messages sent
}

type queued struct {
	due     time.Time // in real time
	message any
}

// begin marks the current values as sent: the vendor's page does not promise
// them, and a client must work without.
func (b *subscription) begin() {
	now := b.opts.Now()
	for _, id := range b.ids {
		for _, v := range b.desk.lines(id, now) {
			if key := (valueKey{id, v.category}); b.warm.ask(key, now) {
				b.sentUntil[key] = now
			}
		}
	}
}

// changes returns the changes since the last call, including values that have
// initialized.
func (b *subscription) changes() (messages []resultJSON) {
	now := b.opts.Now()
	skew := b.Fault().Skew
	for _, id := range b.ids {
		for _, v := range b.desk.lines(id, now) {
			key := valueKey{id, v.category}
			after, ready := b.sentUntil[key]
			if !b.warm.ask(key, now) {
				continue
			}
			b.sentUntil[key] = now
			if !ready {
				messages = append(messages, resultJSON{key, valueOf(v.line, skew)})
				continue
			}
			for _, l := range b.desk.since(id, v.category, after) {
				messages = append(messages, resultJSON{key, valueOf(l, skew)})
			}
		}
	}
	return messages
}

// current returns all values, changed or not.
func (b *subscription) current() (messages []resultJSON) {
	now := b.opts.Now()
	for _, id := range b.ids {
		for _, v := range b.desk.lines(id, now) {
			messages = append(messages, resultJSON{valueKey{id, v.category}, valueOf(v.line, b.Fault().Skew)})
		}
	}
	return messages
}

// unexpectedMessage returns another invalid message each time. A client must
// ignore all of them: those of the first metric have the value 99, without a
// time or with an absurd one.
func (b *subscription) unexpectedMessage() any {
	b.unexpected++
	mark, now := b.opts.Mark, timestamp(b.clock())
	first := valueKey{b.ids[0], b.desk.lines(b.ids[0], b.opts.Now())[0].category}
	all := []any{
		resultJSON{valueKey{mark + "KUNKNOWN", ""}, countJSON{now, 99, Count}},
		resultJSON{valueKey{b.ids[0], mark + "Nobody(999)"}, countJSON{now, 99, Count}},
		resultJSON{valueKey{b.ids[0], mark + "Nobody(999)"}, stringJSON{"MOOD of " + mark, now, mark}},
		resultJSON{first, countJSON{"", 99, Count}},
		resultJSON{first, countJSON{timestamp(time.Date(2199, 1, 1, 0, 0, 0, 0, zone)), 99, Count}},
		[]string{mark}, mark, nil, map[string]any{"notice": mark, "keepalive": true},
	}
	return all[b.unexpected%len(all)]
}

// since returns the lines of a value that began after an instant, oldest first.
func (d *desk) since(id, category string, after time.Time) (out []line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.series[id] {
		if s.category != category {
			continue
		}
		for _, l := range s.history {
			if l.updated.After(after) {
				out = append(out, l)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b line) int { return cmp.Compare(a.updated.UnixNano(), b.updated.UnixNano()) })
	return out
}
