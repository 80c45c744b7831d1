// Package simulator is a stand-in for a Xima Chronicall phone server: real
// HTTP on a real port over a simulated call centre.
//
// It owns three things and keeps them apart: the call centre (centre.go, with
// its staff and its dice), which knows nothing of HTTP; the vendor's realtime
// API over it (api.go, subscribe.go, wire.go), in the vendor's shapes and with
// the vendor's errors; and the ways in which such a server fails (fault.go,
// misbehave.go, socket.go), chosen from Go or over a control port.
//
// The package imports nothing of ours. Sharing types with the client under
// test would mean sharing its misreadings.
package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Simulator is one running phone server. All methods may be called from
// several goroutines at once.
type Simulator struct {
	opts  Options
	desk  *desk
	warm  *warmth
	fault *faultState
	count *counters

	api, control net.Listener // control is nil without a control port
	servers      []*http.Server

	// stop ends the context that every request's own descends from.
	ctx  context.Context
	stop context.CancelFunc

	mu     sync.Mutex // guards closed, and running.Add against running.Wait
	closed bool
	// running holds the serving goroutines and the requests in flight.
	running sync.WaitGroup
}

// Start opens the ports and begins to serve. The ports are open when it
// returns, so a taken address is an error here and not later in a log. The
// caller closes the simulator.
func Start(o Options) (*Simulator, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	api, err := o.Listen(o.Addr)
	if err != nil {
		return nil, fmt.Errorf("simulator: API port: %w", err)
	}
	var control net.Listener
	if o.ControlAddr != "" {
		if control, err = o.Listen(o.ControlAddr); err != nil {
			return nil, errors.Join(fmt.Errorf("simulator: control port: %w", err), api.Close())
		}
	}
	return startOn(o, api, control), nil
}

// startOn serves on open listeners. control is nil without a control port.
func startOn(o Options, api, control net.Listener) *Simulator {
	s := &Simulator{
		opts:    o,
		desk:    newDesk(o),
		warm:    newWarmth(o.InitTime, o.ForgetAfter),
		fault:   newFaultState(),
		count:   newCounters(),
		api:     api,
		control: control,
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	// No ReadTimeout and a long WriteTimeout on the API: either would end the
	// requests that a fault holds on purpose. (net/http cancels a request's
	// context when ReadTimeout passes while its handler runs.)
	s.serve(s.api, s.apiHandler(), 0, longestHold+time.Minute)
	if s.control != nil {
		s.serve(s.control, s.controlHandler(), 10*time.Second, 30*time.Second)
	}
	return s
}

// serve answers requests on l until Close.
func (s *Simulator) serve(l net.Listener, h http.Handler, read, write time.Duration) {
	server := &http.Server{
		Handler:           s.tracked(h),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       read,
		WriteTimeout:      write,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ErrorLog:          slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelWarn),
	}
	s.servers = append(s.servers, server)
	s.running.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.opts.Log.Error("simulator stopped serving", "addr", l.Addr().String(), "err", err)
		}
	})
}

// tracked lets Close wait for the requests in flight. http.Server.Close closes
// their connections but does not wait for their handlers.
func (s *Simulator) tracked(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		s.running.Add(1)
		s.mu.Unlock()
		defer s.running.Done()
		h.ServeHTTP(w, r)
	})
}

// Close cuts every connection, those of hanging requests included, and returns
// when all handlers have ended. Closing twice does nothing.
func (s *Simulator) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()

	var errs []error
	if first {
		s.stop()
		for _, server := range s.servers {
			errs = append(errs, server.Close())
		}
	}
	s.running.Wait()
	return errors.Join(errs...)
}

// URL is the API's address with its path prefix, "http://127.0.0.1:port/rest":
// what the url setting of a source wants.
func (s *Simulator) URL() string { return "http://" + dialable(s.api.Addr()) + "/rest" }

// ControlURL is the control port's address, "http://127.0.0.1:port"; empty
// without a control port.
func (s *Simulator) ControlURL() string {
	if s.control == nil {
		return ""
	}
	return "http://" + dialable(s.control.Addr())
}

// Key is the service user's key, mark included: what goes after "Bearer ".
func (s *Simulator) Key() string { return s.opts.Key }

// SetFault makes the server fail in the given way from the next request on,
// and wakes the requests that an earlier fault holds. It replaces the fault
// before it as a whole; the zero Fault lifts it. An error says what is wrong
// with f, and leaves the fault before it in place.
func (s *Simulator) SetFault(f Fault) error {
	f, err := f.check(s.desk.known)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	if f.Mode == ModeRestart {
		s.warm.forgetAll()
	}
	s.fault.set(f)
	s.opts.Log.Info("simulator fault set", "mode", f.Mode)
	return nil
}

// Fault is the fault in force; its Mode is never empty and never "restart".
func (s *Simulator) Fault() Fault {
	f, _ := s.fault.current()
	return f
}

// Requests are the API's counters so far.
func (s *Simulator) Requests() Requests { return s.count.snapshot() }

// clock is the phone server's own idea of the time: the real one and the
// fault's skew.
func (s *Simulator) clock() time.Time { return s.opts.Now().Add(s.Fault().Skew) }

// dialable turns a listener's address into one that a client can dial: the
// unspecified address, "all interfaces", becomes the loopback one.
func dialable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
	}
	return a.String()
}
