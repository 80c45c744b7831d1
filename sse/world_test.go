package sse

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is a hub behind a real server, with its topics.
type world struct {
	*Hub
	t        testing.TB
	server   *httptest.Server
	registry *prometheus.Registry
	connect  func() (net.Conn, error)
	pass     func(d time.Duration) // lets that much time pass on the hub's clock
	timeout  time.Duration         // of a reader

	mu     sync.Mutex
	topics map[string]string // the latest text of each; its first word is the id
	events map[string]*rendered
}

type rendered struct {
	of    string
	event []byte
}

// transports are the ways in which a stream may be sent. On Linux there is also takenOver.
var transports = []string{"plain", "HTTP/2"}

const takenOver = "taken over"

// still is a pace at which nothing is due during a test.
var still = Pace{Heartbeat: 3 * time.Hour, WriteTimeout: time.Hour, MaxAge: 6 * time.Hour, RetrySpread: time.Minute}

// bound limits how long a failing test waits.
const bound = 2 * time.Minute

// newWorld starts a server on a real port. The hub's clock moves only when the test calls pass, so nothing depends on the speed of the
// machine. Requests go to /topic or /topic,topic.
func newWorld(t testing.TB, transport string, p Pace) *world {
	start, ahead := time.Now(), new(atomic.Int64)
	w := makeWorld(t, transport, p, func() time.Time { return start.Add(time.Duration(ahead.Load())) })
	w.timeout = bound
	w.pass = func(d time.Duration) {
		ahead.Add(int64(d))
		settle(w.Hub)
	}
	w.connect = func() (net.Conn, error) {
		conn, err := net.Dial("tcp", w.server.Listener.Addr().String())
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return conn, err
	}
	if transport == "plain" {
		w.server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
			if err := c.(*net.TCPConn).SetWriteBuffer(32 << 10); err != nil { // as small as that of taken-over connections
				t.Error(err)
			}
			return ctx
		}
	}
	w.start(transport)
	return w
}

// makeWorld returns a world whose server is not running yet.
func makeWorld(t testing.TB, transport string, p Pace, now func() time.Time) *world {
	w := &world{t: t, registry: prometheus.NewRegistry(), topics: map[string]string{"a": "a1 one", "b": "b1 one"}, events: map[string]*rendered{}}
	w.Hub = New(Options{Latest: w.latest, Heartbeat: w.beat, Pace: p, Now: now, Metrics: w.registry})
	w.SetLimits(Limits{Total: 1 << 20})
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(w.handle))
	if transport == takenOver {
		Prepare(w.server.Config)
	}
	return w
}

// start starts the server. The test's cleanup ends it.
func (w *world) start(transport string) {
	if transport == "HTTP/2" {
		w.server.EnableHTTP2 = true
		w.server.StartTLS()
	} else {
		w.server.Start()
	}
	w.client().HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: 128 << 10} // as much as a socket buffers
	w.t.Cleanup(func() {
		w.Close()
		w.server.Close()
	})
}

func (w *world) client() *http.Transport { return w.server.Client().Transport.(*http.Transport) }

func (w *world) handle(out http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Late") != "" { // the server's write timeout has passed
		_ = http.NewResponseController(out).SetWriteDeadline(time.Unix(1, 0))
	}
	out.Header().Set("Content-Type", "text/event-stream")
	client, _ := netip.ParseAddr(r.Header.Get("Client"))
	err := w.Serve(out, r, Request{Topics: strings.Split(r.URL.Path[1:], ","), Client: client, LastID: r.Header.Get("Last-Event-ID"),
		Allowed: func() bool { return r.Header.Get("Outdated") == "" }})
	if err != nil {
		http.Error(out, err.Error(), http.StatusServiceUnavailable)
	}
}

func (w *world) latest(topic string) (id string, event []byte, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text, ok := w.topics[topic]
	if !ok {
		return "", nil, false
	}
	if w.events[topic] == nil || w.events[topic].of != text {
		w.events[topic] = &rendered{text, []byte("event: snapshot\ndata: " + text + "\n\n")}
	}
	id, _, _ = strings.Cut(text, " ")
	return id, w.events[topic].event, true
}

func (w *world) beat(topic string, _ time.Time) []byte {
	_, event, _ := w.latest(topic)
	return []byte(strings.Replace(string(event), "snapshot", "heartbeat", 1))
}

// set changes the latest text of a topic; "" removes the topic.
func (w *world) set(topic, text string) {
	w.mu.Lock()
	if text == "" {
		delete(w.topics, topic)
	} else {
		w.topics[topic] = text
	}
	w.mu.Unlock()
	w.Changed(topic)
}

// An event is one that a reader received. A retry field counts as an event, though it is a part of the next.
type event struct{ kind, id, data string }

// A listener is a reader of a stream.
type listener struct {
	*http.Response
	t      testing.TB
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

// listen opens a stream; headers come in pairs.
func (w *world) listen(topics string, headers ...string) *listener {
	w.t.Helper()
	l, err := w.open(topics, headers...)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) open(topics string, headers ...string) (*listener, error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.timeout)
	w.t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+"/"+topics, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := w.server.Client().Do(r)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return &listener{Response: resp, t: w.t, lines: lines, cancel: cancel}, nil
}

// next returns the next event, or one of kind "end" when the stream has ended in order.
func (l *listener) next() (e event) {
	l.t.Helper()
	for l.lines.Scan() {
		field, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch field {
		case "event":
			e.kind = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "retry":
			return event{"retry", "", value}
		case "":
			return e
		default:
			l.t.Fatalf("unexpected line %q", l.lines.Text())
		}
	}
	if err := l.lines.Err(); err != nil {
		return event{kind: "broken", data: err.Error()}
	}
	return event{kind: "end"}
}

// expect reads events and compares them. A retry may have any time.
func (l *listener) expect(want ...event) {
	l.t.Helper()
	for _, each := range want {
		got := l.next()
		if got.kind == "retry" {
			got.data = ""
		}
		if got != each {
			l.t.Fatalf("got %+v, want %+v", got, each)
		}
	}
}

var (
	retry = event{kind: "retry"}
	end   = event{kind: "end"}
)

func snapshot(text string) event {
	id, _, _ := strings.Cut(text, " ")
	return event{"snapshot", id, text}
}

// metric returns the value of a metric. The name includes the label values.
func (w *world) metric(name string) float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			full := f.GetName()
			for _, label := range m.GetLabel() {
				full += " " + label.GetValue()
			}
			if full == name {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	w.t.Fatalf("no metric %s", name)
	return 0
}

// until waits for a condition that other goroutines bring about.
func (w *world) until(what string, condition func() bool) {
	w.t.Helper()
	for bound := time.After(bound); !condition(); {
		select {
		case <-bound:
			w.t.Fatalf("timeout: %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}

func (w *world) streams(n int) func() bool {
	return func() bool { return testutil.ToFloat64(w.metrics.open) == float64(n) }
}

// dial opens a stream over HTTP/1.0, and reads the header only.
func (w *world) dial(topics string) net.Conn {
	w.t.Helper()
	conn, err := w.connect()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /%s HTTP/1.0\r\n\r\n", topics); err != nil {
		w.t.Fatal(err)
	}
	for head, one := "", make([]byte, 1); !strings.HasSuffix(head, "\r\n\r\n"); head += string(one) {
		if _, err := io.ReadFull(conn, one); err != nil {
			w.t.Fatal(err)
		}
	}
	return conn
}

// idle opens a stream without reading it.
func (w *world) idle(topics string) *listener {
	w.t.Helper()
	if w.server.TLS != nil {
		return w.listen(topics)
	}
	conn := w.dial(topics)
	_ = conn.SetReadDeadline(time.Now().Add(w.timeout))
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	return &listener{t: w.t, lines: lines}
}
