package cli

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"time"
)

// hangs is how long the front waits for a replica to respond.
const hangs = 2 * time.Second

// A front is a load balancer in its simplest form: it sends each request to the next replica that responds. Its address stays the same while
// replicas come and go.
type front struct {
	hosts     []*host
	turn      atomic.Uint64
	transport http.Transport
	server    http.Server
	serving   sync.WaitGroup
}

// openFront serves on a listener until close is called.
func openFront(listener net.Listener, addresses []string) *front {
	quiet := log.New(io.Discard, "", 0) // a replica that is killed breaks its responses
	f := &front{transport: http.Transport{DisableCompression: true, ResponseHeaderTimeout: hangs}}
	for _, address := range addresses {
		f.hosts = append(f.hosts, &host{address: address})
	}
	f.server = http.Server{ReadHeaderTimeout: 5 * time.Second, ErrorLog: quiet, Handler: &httputil.ReverseProxy{
		Transport: f, ErrorLog: quiet,
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.Host = r.In.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "no replica responds", http.StatusBadGateway)
		},
	}}
	f.serving.Go(func() { _ = f.server.Serve(listener) })
	return f
}

func (f *front) close() {
	_ = f.server.Close()
	f.serving.Wait()
	f.transport.CloseIdleConnections()
}

// RoundTrip sends a request to one replica after the other until one responds. Those that have just failed come last.
func (f *front) RoundTrip(r *http.Request) (*http.Response, error) {
	turn := f.turn.Add(1)
	var failures []error
	for _, suspects := range []bool{false, true} {
		for k := range uint64(len(f.hosts)) {
			host := f.hosts[(turn+k)%uint64(len(f.hosts))]
			if host.suspect() != suspects {
				continue
			}
			out := r.Clone(r.Context())
			out.URL.Scheme, out.URL.Host = "http", host.address
			resp, err := f.transport.RoundTrip(out)
			if err == nil || r.Context().Err() != nil { // a visitor who leaves is no failure
				return resp, err
			}
			host.failed.Store(time.Now().UnixNano())
			failures = append(failures, err)
		}
	}
	return nil, errors.Join(failures...)
}

// A host is the address of a replica.
type host struct {
	address string
	failed  atomic.Int64 // when it failed last, in nanoseconds
}

func (h *host) suspect() bool { return time.Since(time.Unix(0, h.failed.Load())) < 5*time.Second }
