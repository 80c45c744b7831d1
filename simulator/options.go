package simulator

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"waitboard/internal/listening"
)

// MaxSpeed is the highest Options.Speed. Events have millisecond resolution:
// at a higher speed calls of a few seconds would have no length.
const MaxSpeed = 1000

// Options configure a Simulator. The zero value is a server on a free loopback
// port with a random key and without a control port.
type Options struct {
	// Addr is the API's listen address. Default "127.0.0.1:0".
	Addr string
	// ControlAddr is the control port's listen address; empty means none. The
	// control port needs no key, so it belongs on the loopback interface.
	ControlAddr string
	// Key is the service user's key, made at random when empty. Mark is put
	// before it in either case.
	Key string
	// Seed makes the calls repeatable: the same seed and the same clock give
	// the same calls, however often anybody looks.
	Seed uint64
	// Speed is how many times faster calls arrive, are answered and end than
	// in life, above 0 and up to MaxSpeed. Default 1. The clock is never sped
	// up: a second waited is a second shown.
	Speed float64
	// Busy lets twice as many callers ask for Support, so
	// that somebody nearly always waits there.
	Busy bool
	// Weekly makes Monday the busiest day and weekends quiet. Default: all
	// days are alike.
	Weekly bool
	// InitTime is how long a value initializes after it is first asked for.
	// Default 2s; negative means that values are ready at once.
	InitTime time.Duration
	// ForgetAfter is how long a value may go unasked for before it must
	// initialize again. Default 10 minutes.
	ForgetAfter time.Duration
	// Mark is put before the key, each metric ID and name, each category value
	// (people, groups, account codes, directions) and each text, and appears
	// in every error body, so that a test can search for what must not get
	// out. It may hold letters, digits and . _ ~ - only, so that it survives a
	// header, a URL and a list of IDs unchanged.
	Mark string
	// Now is the clock. Default time.Now. Delays of faults pass in real time
	// whatever it says.
	Now func() time.Time
	// Listen opens the ports. Default: on TCP. A test can give a network of its
	// own.
	Listen func(address string) (net.Listener, error)
	// LookEvery is how often a subscription looks for changes to send. Default
	// 20ms.
	LookEvery time.Duration
	// Log gets one line for each request at level debug, never the key.
	// Default: discard.
	Log *slog.Logger
}

// withDefaults sets defaults and checks the options.
func (o Options) withDefaults() (Options, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.InitTime == 0 {
		o.InitTime = 2 * time.Second
	}
	if o.ForgetAfter == 0 {
		o.ForgetAfter = 10 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Listen == nil {
		o.Listen = listening.TCP
	}
	if o.LookEvery == 0 {
		o.LookEvery = lookEvery
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	// The comparison is written so that NaN fails it too.
	if !(o.Speed > 0 && o.Speed <= MaxSpeed) {
		return o, fmt.Errorf("speed %v must be above 0 and at most %d", o.Speed, MaxSpeed)
	}
	if o.LookEvery < 0 {
		return o, fmt.Errorf("look-every %v must not be negative", o.LookEvery)
	}
	if o.ForgetAfter < 0 {
		return o, fmt.Errorf("forget-after %v must not be negative", o.ForgetAfter)
	}
	if strings.ContainsFunc(o.Mark, func(r rune) bool { return !unreserved(r) }) {
		return o, fmt.Errorf("mark %q may hold letters, digits and . _ ~ - only", o.Mark)
	}
	if strings.ContainsFunc(o.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return o, errors.New("the key may hold printable ASCII characters only")
	}
	if o.Key == "" {
		o.Key = rand.Text()
	}
	o.Key = o.Mark + o.Key
	return o, nil
}

// unreserved reports whether r needs no escaping anywhere in a URL (RFC 3986,
// section 2.3).
func unreserved(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._~-", r)
}
