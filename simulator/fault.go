package simulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The modes of a Fault.
const (
	ModeOK        = "ok"        // no fault
	ModeDown      = "down"      // connections are cut without an answer
	ModeSlow      = "slow"      // right answers, Delay late
	ModeHang      = "hang"      // no answer until the fault is lifted
	ModeStatus    = "status"    // every request is answered with Status
	ModeGarbage   = "garbage"   // 200, random bytes
	ModeHTML      = "html"      // 200, an HTML login page
	ModeTruncated = "truncated" // the connection ends within the body
	ModeCut       = "cut"       // a whole answer whose JSON ends halfway
	ModeOversized = "oversized" // 200, right JSON of at least Size bytes
	ModeRestart   = "restart"   // all values initialize again; happens once, then "ok"
)

var modes = []string{
	ModeOK, ModeDown, ModeSlow, ModeHang, ModeStatus, ModeGarbage, ModeHTML,
	ModeTruncated, ModeCut, ModeOversized, ModeRestart,
}

const (
	// longestHold is the longest Delay. An answer that a hanging request gets
	// later than this comes too late for the server's write timeout.
	longestHold = 10 * time.Minute

	defaultDelay = 3 * time.Second
	defaultSize  = 64 << 20
)

// Fault describes how the server fails: in one mode, and in addition with its
// subscriptions, its clock, and one metric gone or forbidden. The zero Fault is
// no fault.
type Fault struct {
	// Mode is one of the constants; empty means ModeOK.
	Mode string
	// Delay is for ModeSlow: up to 10 minutes of real time, default 3s.
	Delay time.Duration
	// Status is for ModeStatus: 400 to 599, default 500. 401 looks like a
	// revoked key, the others have an HTML page.
	Status int
	// RetryAfter is for ModeStatus and for Handshake: sent in whole seconds,
	// rounded up; 0 sends no Retry-After.
	RetryAfter time.Duration
	// Size is for ModeOversized: bytes, before compression; default 64 MiB.
	Size int64

	// Socket is a fault of subscriptions, one of the constants; empty: none.
	// ModeDown and ModeRestart cut them too.
	Socket string
	// Lag is for SocketSlow: up to 10 minutes of real time, default 3s.
	Lag time.Duration
	// Handshake is the status of new subscriptions, 400 to 599; 0: none. Open
	// subscriptions stay.
	Handshake int

	// Skew is how far the server's clock is ahead of the real one; negative:
	// behind. It shifts Date and all timestamps.
	Skew time.Duration
	// Gone is the ID of a metric that no longer exists: the list lacks it, and
	// requesting it gives 404.
	Gone string
	// Forbidden is the ID of a metric that is no longer assigned to the service
	// user: the list lacks it, and requesting it gives 403.
	Forbidden string
}

// check returns the fault with its defaults, or an error. known reports whether
// a metric exists.
func (f Fault) check(known func(id string) bool) (Fault, error) {
	if f.Mode == "" {
		f.Mode = ModeOK
	}
	// Reject a parameter of another mode instead of ignoring it.
	for _, p := range []struct {
		name, mode string
		set        bool
	}{
		{"delay", ModeSlow, f.Delay != 0},
		{"status", ModeStatus, f.Status != 0},
		{"retry_after", ModeStatus, f.RetryAfter != 0 && f.Handshake == 0},
		{"size", ModeOversized, f.Size != 0},
	} {
		if p.set && f.Mode != p.mode {
			return f, fmt.Errorf("%s needs mode %q, not %q", p.name, p.mode, f.Mode)
		}
	}
	for name, id := range map[string]string{"gone": f.Gone, "forbidden": f.Forbidden} {
		if id != "" && !known(id) {
			return f, fmt.Errorf("%s: unknown metric %q", name, id)
		}
	}
	f, err := f.checkSocket()
	if err != nil {
		return f, err
	}
	return f.checkMode()
}

// checkSocket checks the parameters of subscriptions.
func (f Fault) checkSocket() (Fault, error) {
	switch {
	case f.Socket != "" && !slices.Contains(sockets, f.Socket):
		return f, fmt.Errorf("unknown socket %q: it must be one of %s", f.Socket, strings.Join(sockets, ", "))
	case f.Lag != 0 && f.Socket != SocketSlow:
		return f, fmt.Errorf("lag needs socket %q, not %q", SocketSlow, f.Socket)
	case f.Lag < 0 || f.Lag > longestHold:
		return f, fmt.Errorf("lag %v must be above 0 and at most %v", f.Lag, longestHold)
	case f.Handshake != 0 && (f.Handshake < 400 || f.Handshake > 599):
		return f, fmt.Errorf("handshake %d must be from 400 to 599", f.Handshake)
	case f.RetryAfter < 0:
		return f, fmt.Errorf("retry_after %v must not be negative", f.RetryAfter)
	case f.Socket == SocketSlow && f.Lag == 0:
		f.Lag = defaultDelay
	}
	return f, nil
}

// checkMode checks the mode and its own parameters.
func (f Fault) checkMode() (Fault, error) {
	switch f.Mode {
	case ModeSlow:
		if f.Delay == 0 {
			f.Delay = defaultDelay
		}
		if f.Delay < 0 || f.Delay > longestHold {
			return f, fmt.Errorf("delay %v must be above 0 and at most %v", f.Delay, longestHold)
		}
	case ModeStatus:
		if f.Status == 0 {
			f.Status = 500
		}
		if f.Status < 400 || f.Status > 599 {
			return f, fmt.Errorf("status %d must be from 400 to 599", f.Status)
		}
	case ModeOversized:
		if f.Size == 0 {
			f.Size = defaultSize
		}
		if f.Size < 0 {
			return f, fmt.Errorf("size %d must not be negative", f.Size)
		}
	case ModeOK, ModeDown, ModeHang, ModeGarbage, ModeHTML, ModeTruncated, ModeCut, ModeRestart:
	default:
		return f, fmt.Errorf("unknown mode %q: it must be one of %s", f.Mode, strings.Join(modes, ", "))
	}
	return f, nil
}

// faultState holds the current fault. It is safe for concurrent use.
type faultState struct {
	mu       sync.Mutex
	fault    Fault
	restarts int           // number of restarts
	changed  chan struct{} // closed when another fault is set
}

func newFaultState() *faultState {
	return &faultState{fault: Fault{Mode: ModeOK}, changed: make(chan struct{})}
}

// current returns the current fault, and a channel that closes when it ends.
func (s *faultState) current() (Fault, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault, s.changed
}

// restarted returns the number of restarts.
func (s *faultState) restarted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restarts
}

// set sets the fault. A restart happens once.
func (s *faultState) set(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Mode == ModeRestart {
		s.restarts++
		f.Mode = ModeOK
	}
	s.fault = f
	close(s.changed)
	s.changed = make(chan struct{})
}
