package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// misbehaving applies the current fault to a request before the API.
func (s *Simulator) misbehaving(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fault := s.held(r)
		// Replace net/http's Date: the server has its own clock.
		w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
		switch fault.Mode {
		case ModeDown:
			panic(http.ErrAbortHandler) // net/http cuts the connection
		case ModeStatus:
			s.failWith(w, r, fault, fault.Status)
		case ModeGarbage:
			w.Header().Set("Content-Type", "application/json;charset=utf-8")
			_, _ = w.Write(garbage(s.opts.Seed))
		case ModeHTML:
			s.loginPage(w)
		case ModeTruncated, ModeCut:
			halve(w, r, next, fault.Mode == ModeTruncated)
		case ModeOversized:
			s.oversized(w, r, fault.Size)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// held delays a request as the fault requires, and returns the fault after
// that. It ends early if the client leaves or Close is called.
func (s *Simulator) held(r *http.Request) Fault {
	for {
		fault, changed := s.fault.current()
		var late <-chan time.Time // nil for a hanging request
		switch fault.Mode {
		case ModeSlow:
			timer := time.NewTimer(fault.Delay)
			defer timer.Stop()
			late = timer.C
		case ModeHang:
		default:
			return fault
		}
		s.opts.Log.Debug("request held", "mode", fault.Mode)
		select {
		case <-late:
			return fault
		case <-changed:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

// failWith responds with the status of a fault.
func (s *Simulator) failWith(w http.ResponseWriter, r *http.Request, f Fault, status int) {
	if f.RetryAfter > 0 {
		seconds := (f.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	if status == http.StatusUnauthorized {
		s.jsonError(w, r, status, unauthorized(r))
		return
	}
	s.htmlError(w, status, "java.lang.IllegalStateException: "+r.URL.Path)
}

// garbage returns bytes that are neither JSON nor text.
func garbage(seed uint64) []byte {
	dice := newDice(seed, 1)
	junk := make([]byte, 4096)
	for i := range junk {
		junk[i] = byte(dice.Uint32())
	}
	return junk
}

// halve sends the first half of the response. With broken set it announces the
// whole and cuts the connection, like a server that crashes. Otherwise the
// HTTP message is complete and its JSON is not, as from a broken proxy.
func halve(w http.ResponseWriter, r *http.Request, next http.Handler, broken bool) {
	r = r.Clone(r.Context())
	r.Header.Del("Accept-Encoding") // half a gzip stream is another fault
	whole := &heldAnswer{header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(whole, r)

	announced, half := whole.body.Len(), whole.body.Bytes()[:whole.body.Len()/2]
	if !broken {
		announced = len(half)
	}
	w.Header().Set("Content-Length", strconv.Itoa(announced))
	w.WriteHeader(whole.status)
	_, _ = w.Write(half)
	if broken {
		_ = http.NewResponseController(w).Flush() // before the connection is cut
		panic(http.ErrAbortHandler)
	}
}

// heldAnswer is an http.ResponseWriter that stores the response.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header         { return a.header }
func (a *heldAnswer) WriteHeader(status int)      { a.status = status }
func (a *heldAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }

// oversized sends valid JSON with one element repeated. If the client accepts
// gzip, it is small on the wire: clients must count the decompressed bytes.
func (s *Simulator) oversized(w http.ResponseWriter, r *http.Request, size int64) {
	key := valueKey{MetricID: s.opts.Mark + "KOVERSIZ"}
	before, after := `{"results":[`, `],"initializing":[]}`
	var element any = resultJSON{key, countJSON{timestamp(s.clock()), 1, Count}}
	if strings.HasSuffix(r.URL.Path, metricsPath) {
		before, after = `[`, `]`
		element = metricJSON{key.MetricID, s.opts.Mark + "Oversized", None, []string{}}
	}
	one, _ := json.Marshal(element) // plain structs always encode

	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	out := io.Writer(w)
	if acceptsGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		defer zip.Close()
		out = zip
	}
	// In pieces of about 64 KiB. A client that stops reading is correct.
	piece := bytes.Repeat(append(one, ','), 64<<10/len(one))
	sent, err := io.WriteString(out, before)
	for total := int64(sent); err == nil && total < size; total += int64(len(piece)) {
		_, err = out.Write(piece)
	}
	_, _ = io.WriteString(out, string(one)+after)
}
