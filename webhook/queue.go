package webhook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	maxQueued = 1000           // messages of a hook
	maxAge    = 24 * time.Hour // after which a message is given up
)

// A queue is what must survive a restart: the conditions reported last, and the messages on their way. It is stored as fields with texts.
type queue struct {
	reported map[string]string // by the key of the subject
	messages []*queued         // the oldest first
	next     uint64

	set   map[string]string // fields to be stored
	del   []string          // fields to be removed
	fresh []*queued         // messages among the fields to be stored
}

// A queued message has a place in the order.
type queued struct {
	message
	seq    uint64
	stored bool // it may be sent
	busy   bool // it is being sent
}

const (
	reportedPrefix = "r/"
	messagePrefix  = "m/"
)

func (m *queued) field() string { return fmt.Sprintf("%s%016d", messagePrefix, m.seq) }

// newQueue reads stored fields. It removes those that it can't read, because another release wrote them.
func newQueue(state map[string]string) *queue {
	q := &queue{reported: map[string]string{}, set: map[string]string{}}
	for field, value := range state {
		if key, ok := strings.CutPrefix(field, reportedPrefix); ok {
			q.reported[key] = value
			continue
		}
		m := &queued{stored: true}
		if _, err := fmt.Sscanf(field, messagePrefix+"%d", &m.seq); err != nil || json.Unmarshal([]byte(value), &m.message) != nil || m.ID == "" {
			q.del = append(q.del, field)
			continue
		}
		q.messages = append(q.messages, m)
		q.next = max(q.next, m.seq+1)
	}
	slices.SortFunc(q.messages, func(a, b *queued) int { return int(a.seq) - int(b.seq) }) //nolint:gosec // numbers are small
	return q
}

// report records a condition, and adds the message about it. It returns the oldest message if there was no room for it.
func (q *queue) report(c change, m *message) (dropped *queued) {
	q.reported[c.key()] = c.to
	q.set[reportedPrefix+c.key()] = c.to
	if m == nil {
		return nil
	}
	if len(q.messages) >= maxQueued {
		dropped = q.messages[0]
		q.remove(dropped)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err) // texts and finite numbers can be encoded
	}
	added := &queued{message: *m, seq: q.next}
	q.next++
	q.messages, q.fresh = append(q.messages, added), append(q.fresh, added)
	q.set[added.field()] = string(raw)
	return dropped
}

// remove removes a message that was delivered or given up. It may be gone already.
func (q *queue) remove(m *queued) {
	before := len(q.messages)
	q.messages = slices.DeleteFunc(q.messages, func(each *queued) bool { return each == m })
	if len(q.messages) == before {
		return
	}
	delete(q.set, m.field())
	q.del = append(q.del, m.field()) // also if it is not stored: an attempt may have succeeded
	q.fresh = slices.DeleteFunc(q.fresh, func(each *queued) bool { return each == m })
}

// forget removes the reported conditions that no longer concern the hook.
func (q *queue) forget(gone func(subject) bool) {
	for key := range q.reported {
		if gone(parseSubject(key)) {
			delete(q.reported, key)
			delete(q.set, reportedPrefix+key)
			q.del = append(q.del, reportedPrefix+key)
		}
	}
}

// dirty reports whether fields must be stored or removed.
func (q *queue) dirty() bool { return len(q.set) > 0 || len(q.del) > 0 }

// saved notes that all fields are stored.
func (q *queue) saved() {
	for _, m := range q.fresh {
		m.stored = true
	}
	q.set, q.del, q.fresh = map[string]string{}, nil, nil
}

// oldest returns when the oldest message was made; zero: there is none.
func (q *queue) oldest() time.Time {
	if len(q.messages) == 0 {
		return time.Time{}
	}
	return q.messages[0].Created
}

// clear removes everything.
func (q *queue) clear() {
	for _, m := range slices.Clone(q.messages) {
		q.remove(m)
	}
	q.forget(func(subject) bool { return true })
}
