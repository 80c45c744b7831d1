package simulator

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/coder/websocket"
)

// The faults of subscriptions.
const (
	SocketDrop     = "drop"      // open and new ones are cut
	SocketFreeze   = "freeze"    // changes are never sent; pings are answered
	SocketHalfOpen = "half_open" // nothing is sent, not even pongs; the connection stays
	SocketSlow     = "slow"      // messages are Lag late
	SocketFlood    = "flood"     // all values are sent repeatedly, as fast as the client reads
	SocketUnknown  = "unknown"   // unexpected messages come between the others
)

var sockets = []string{SocketDrop, SocketFreeze, SocketHalfOpen, SocketSlow, SocketFlood, SocketUnknown}

const (
	lookEvery   = 20 * time.Millisecond // default of Options.LookEvery
	sendTimeout = 10 * time.Second
)

// serve sends changes until the client leaves, a fault cuts the connection, or
// the simulator closes.
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
		if !b.push(gone, fault) {
			return
		}
	}
}

// push sends the changes as the fault requires. It returns false if the client
// has left.
func (b *subscription) push(ctx context.Context, fault Fault) bool {
	changes, due := b.changes(), time.Now()
	switch fault.Socket {
	case SocketFreeze, SocketHalfOpen:
		return true
	case SocketSlow:
		due = due.Add(fault.Lag)
	case SocketFlood:
		// The changes follow once more after this.
		for end := due.Add(b.opts.LookEvery); time.Now().Before(end); {
			for _, m := range b.current() {
				if !b.send(ctx, m) {
					return false
				}
			}
		}
	case SocketUnknown:
		b.queue = append(b.queue, queued{due, b.unexpectedMessage()})
	}
	for _, m := range changes {
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
		panic(err) // plain structs always encode
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return b.conn.Write(ctx, websocket.MessageText, text) == nil
}

// mayAnswer allows pongs. While the connection is half open it blocks, which
// also stops reading.
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
