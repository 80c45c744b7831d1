// Package simulator simulates a Xima Chronicall phone server: real HTTP on a
// real port over a simulated call center.
//
// It has three parts: the call center without HTTP (center.go, staff.go,
// dice.go); the vendor's realtime API with its formats and errors (api.go,
// subscribe.go, wire.go); and the faults of such a server (fault.go,
// misbehave.go, socket.go), set from Go or over a control port.
//
// The package never imports chronicall: shared wire types would share a
// misreading.
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

// Simulator is one running phone server. It is safe for concurrent use.
type Simulator struct {
	opts  Options
	desk  *desk
	warm  *warmth
	fault *faultState
	count *counters

	api, control net.Listener // control is nil without a control port
	servers      []*http.Server

	// stop cancels the base context of all requests.
	ctx  context.Context
	stop context.CancelFunc

	mu     sync.Mutex // guards closed, and running.Add against running.Wait
	closed bool
	// running holds the serving goroutines and the requests in flight.
	running sync.WaitGroup
}

// Start opens the ports and begins to serve. A taken address is an error. The
// caller must close the simulator.
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

// serve serves requests on l until Close.
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
			s.opts.Log.Error("simulator failed, no longer serving", "addr", l.Addr().String(), "err", err)
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

// Close cuts every connection, including those of hanging requests, and waits
// for all handlers. A second Close does nothing.
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

// URL returns the API's address for the url setting of a source:
// "http://127.0.0.1:port/rest".
func (s *Simulator) URL() string { return "http://" + dialable(s.api.Addr()) + "/rest" }

// ControlURL returns the control port's address, "http://127.0.0.1:port", or ""
// without a control port.
func (s *Simulator) ControlURL() string {
	if s.control == nil {
		return ""
	}
	return "http://" + dialable(s.control.Addr())
}

// Key returns the service user's key with the mark.
func (s *Simulator) Key() string { return s.opts.Key }

// SetFault replaces the fault from the next request on, and releases the
// requests that the old fault holds. The zero Fault lifts it. After an error
// the old fault remains.
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

// Fault returns the current fault. Its Mode is never empty or "restart".
func (s *Simulator) Fault() Fault {
	f, _ := s.fault.current()
	return f
}

// Requests returns the counters of the API port.
func (s *Simulator) Requests() Requests { return s.count.snapshot() }

// clock returns the phone server's time: the real one and the fault's skew.
func (s *Simulator) clock() time.Time { return s.opts.Now().Add(s.Fault().Skew) }

// dialable returns an address that a client can dial: it replaces the
// unspecified address, "all interfaces", by the loopback one.
func dialable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
	}
	return a.String()
}
