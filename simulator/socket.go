package simulator

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/coder/websocket"
)

// What subscriptions may do instead of working.
const (
	SocketDrop     = "drop"      // open ones are cut, new ones at once too
	SocketFreeze   = "freeze"    // changes are not told, now or later; pings are answered
	SocketHalfOpen = "half_open" // nothing is sent, not even answers to pings; the connection stays
	SocketSlow     = "slow"      // messages come Lag late
	SocketFlood    = "flood"     // all values are told over and over, as fast as the client takes them
	SocketUnknown  = "unknown"   // odd messages come between the others
)

var sockets = []string{SocketDrop, SocketFreeze, SocketHalfOpen, SocketSlow, SocketFlood, SocketUnknown}

const (
	lookEvery   = 20 * time.Millisecond // by default; a change is told this late at most
	sendTimeout = 10 * time.Second
)

// serve tells of changes until the client leaves, a fault cuts the connection
// or the simulator closes.
func (b *subscription) serve() {
	gone := b.conn.CloseRead(b.ctx)
	ticker := time.NewTicker(b.opts.LookEvery)
	defer ticker.Stop()
	for {
		fault, changed := b.fault.current()
		if fault.Mode == ModeDown || fault.Socket == SocketDrop || b.fault.restarted() != b.restarts {
			return
		}
		select {
		case <-gone.Done():
			return
		case <-changed:
			continue
		case <-ticker.C:
		}
		if !b.tell(gone, fault) {
			return
		}
	}
}

// tell sends what there is to tell, in the manner of the fault; false: the
// client is gone.
func (b *subscription) tell(ctx context.Context, fault Fault) bool {
	news, due := b.news(), time.Now()
	switch fault.Socket {
	case SocketFreeze, SocketHalfOpen:
		return true
	case SocketSlow:
		due = due.Add(fault.Lag)
	case SocketFlood:
		// A change is told once more among all the others.
		for end := due.Add(b.opts.LookEvery); time.Now().Before(end); {
			for _, m := range b.current() {
				if !b.send(ctx, m) {
					return false
				}
			}
		}
	case SocketUnknown:
		b.queue = append(b.queue, queued{due, b.oddMessage()})
	}
	for _, m := range news {
		b.queue = append(b.queue, queued{due, m})
	}
	for len(b.queue) > 0 && !b.queue[0].due.After(time.Now()) {
		if !b.send(ctx, b.queue[0].message) {
			return false
		}
		b.queue = slices.Delete(b.queue, 0, 1)
	}
	return true
}

func (b *subscription) send(ctx context.Context, message any) bool {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err) // all that is sent is made of plain structs, which always encode
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return b.conn.Write(ctx, websocket.MessageText, text) == nil
}

// mayAnswer lets pings be answered. While the connection is half open it holds
// them, and with them all that the client sends.
func (b *subscription) mayAnswer(context.Context, []byte) bool {
	for {
		fault, changed := b.fault.current()
		if fault.Socket != SocketHalfOpen {
			return true
		}
		select {
		case <-changed:
		case <-b.ctx.Done():
			return false
		}
	}
}
