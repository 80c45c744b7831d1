package chronicall

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"waitboard/domain"
	"waitboard/internal/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type secret string

func (s secret) Reveal() string { return string(s) }

const key = "CANARYkey"

// client returns a client of a server with a handler, below the prefix /rest.
func client(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/rest", handler))
	t.Cleanup(server.Close)
	return clientOf(t, Options{URL: server.URL + "/rest"})
}

func clientOf(t *testing.T, o Options) *Client {
	t.Helper()
	o.Key, o.Now, o.Log = secret(key), time.Now, slog.New(slog.DiscardHandler)
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// A memoryServer is a server in memory, for a synctest bubble.
type memoryServer struct {
	*httptest.Server
	listener *memnet.Listener
}

// inMemory returns a server. The caller starts it, in a bubble.
func inMemory(handler http.HandlerFunc) memoryServer {
	l := memnet.Listen()
	return memoryServer{&httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}, l}
}

// clientOf returns a client of the server, which must be started.
func (server memoryServer) clientOf(t *testing.T, o Options) *Client {
	t.Helper()
	t.Cleanup(server.Close)
	o.URL = server.URL
	c := clientOf(t, o)
	c.http.Transport.(*http.Transport).DialContext = server.listener.DialContext
	return c
}

func TestMetrics(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/realtime/metrics" || r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("requested %s with %q", r.URL.Path, r.Header["Authorization"])
		}
		fmt.Fprint(w, `[{"metricId":"101","metricName":"A","categoryType":"AGENT","categorySelection":["Alice","Bob"],"new":{}},
			{"metricId":102,"metricName":7,"categoryType":"ACCOUNT_CODE","categorySelection":[1001,null]}, {"metricName":"has no ID"}, 5, {"metricId":{}}]`)
	})
	got, err := c.Metrics(t.Context())
	want := []domain.MetricInfo{{ID: "101", Name: "A", CategoryType: "AGENT", Categories: []string{"Alice", "Bob"}}, {ID: "102", Name: "7", CategoryType: "ACCOUNT_CODE", Categories: []string{"1001", ""}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A status means something else for the list than for values, which are requested for some metrics.
func TestStatusOfTheList(t *testing.T) {
	for status, want := range map[int][2]string{
		http.StatusForbidden: {"the key's user may not read metrics, or a proxy", "a metric is not assigned to the key's user, or a proxy"},
		http.StatusNotFound:  {"the API is not at this url; check its path", "a metric does not exist, or the url has a wrong path"},
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		_, listed := c.Metrics(t.Context())
		for i, err := range []error{listed, c.Values(t.Context(), []string{"M"})[0].Err} {
			if err == nil || !strings.Contains(err.Error(), want[i]) {
				t.Errorf("status %d, request %d: %v, want %q", status, i+1, err, want[i])
			}
		}
	}
}

// A single answer with an old date may come from a cache and is rejected. A second one shows that the clock was set back.
func TestOldAnswers(t *testing.T) {
	var date atomic.Value // of the next answer
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date.Load().(time.Time).UTC().Format(http.TimeFormat))
		fmt.Fprint(w, `{"results":[{"key":{"metricId":"M"},"value":{"lastUpdateTime":"2018-09-24T13:17:35Z","type":"COUNT","count":1}}],"initializing":[]}`)
	})
	now := time.Now()
	c.now = func() time.Time { return now }
	for i, test := range []struct {
		moved time.Duration
		fails bool
	}{{0, false}, {-10 * time.Minute, true}, {0, false}, {-10 * time.Minute, true}, {-10 * time.Minute, false}, {0, false}, {0, false}} {
		now = now.Add(10 * time.Second)
		date.Store(now.Add(test.moved))
		b := c.Values(t.Context(), []string{"M"})[0]
		if (b.Err != nil) != test.fails || (len(b.Readings) == 1) == test.fails {
			t.Errorf("answer %d, dated %v after it is: %v, %+v", i+1, test.moved, b.Err, b.Readings)
		}
		if test.fails {
			checkFailure(t, b.Err, domain.Unexpected, 0)
		}
	}
}

// Two nodes of a cluster answer in turns, one with a clock that is behind. A running wait reads the same from both.
func TestClusterOfClocks(t *testing.T) {
	for _, test := range []struct{ behind, interval time.Duration }{{8 * time.Second, 10 * time.Second}, {8 * time.Second, 5 * time.Second}, {-8 * time.Second, 10 * time.Second}} {
		t.Run(fmt.Sprintf("%v behind, asked every %v", test.behind, test.interval), func(t *testing.T) {
			now := time.Date(2026, 11, 23, 12, 0, 0, 250e6, time.UTC)
			began := now.Add(-time.Minute)
			i := 0
			c := client(t, func(w http.ResponseWriter, _ *http.Request) {
				theirs := now
				if i%2 == 1 {
					theirs = now.Add(-test.behind)
				}
				w.Header().Set("Date", theirs.Format(http.TimeFormat))
				fmt.Fprintf(w, `{"results":[{"key":{"metricId":"M"},"value":{"lastUpdateTime":%q,"type":"DURATION","finishedDuration":%d,"numCountingUp":1}}]}`,
					theirs.Format(time.RFC3339Nano), now.Sub(began).Milliseconds())
			})
			var log strings.Builder
			c.clock.onSecondNode = func(apart time.Duration) { fmt.Fprintln(&log, "apart", apart.Round(time.Second)) }
			c.now = func() time.Time { return now }
			for i = range 60 {
				now = now.Add(test.interval)
				b := c.Values(t.Context(), []string{"M"})[0]
				if i < 10 {
					continue // until the second node is known
				}
				if b.Err != nil || len(b.Readings) != 1 {
					t.Fatalf("answer %d: %v, %+v", i, b.Err, b.Readings)
				}
				v, ok := b.Readings[0].Reading.At(now)
				if want := now.Sub(began); !ok || (v.Duration-want).Abs() > time.Second {
					t.Errorf("answer %d: %+v, want %v", i, v, want)
				}
			}
			if log.String() != "apart 8s\n" {
				t.Errorf("logged %q", log.String())
			}
		})
	}
}

func TestValues(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "id=K0FLAEB6,a%26b" {
			t.Errorf("query %q", r.URL.RawQuery)
		}
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip is not requested")
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusPartialContent)
		zipped := gzip.NewWriter(w)
		fmt.Fprint(zipped, `{"results":[{"key":{"metricId":"K0FLAEB6"},"value":{"lastUpdateTime":"2019-10-01T10:17:56.496-06:00","count":206,"type":"COUNT"}}],
			"initializing":[{"metricId":"a&b","categoryValue":"Elvis Presley(121)"},"a&b",true,{},{"metricId":"a&b","categoryValue":101}]}`)
		_ = zipped.Close()
	})
	batches := c.Values(t.Context(), []string{"K0FLAEB6", "a&b"})
	if len(batches) != 1 || batches[0].Asked.IsZero() {
		t.Fatalf("got %+v", batches)
	}
	batches[0].Asked = time.Time{}
	want := domain.Batch{
		IDs:          []string{"K0FLAEB6", "a&b"},
		Readings:     []domain.KeyedReading{{Key: domain.Key{Metric: "K0FLAEB6"}, Reading: domain.CountOf(206), Updated: time.Date(2019, 10, 1, 16, 17, 56, 496e6, time.UTC)}},
		Initializing: []domain.Key{{Metric: "a&b", Category: "Elvis Presley(121)"}, {Metric: "a&b"}, {Metric: "true"}, {Metric: "a&b", Category: "101"}},
	}
	if diff := cmp.Diff(want, batches[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestValuesAreAskedInBatches(t *testing.T) {
	var now, most atomic.Int32
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		if length := len("http://") + len(r.Host) + len("/rest") + len(r.URL.RequestURI()); length > maxURLBytes {
			t.Errorf("a URL has %d bytes", length)
		}
		if strings.Contains(r.URL.RawQuery, "METRIC150") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, `{"results":[],"initializing":[]}`)
	})
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("METRIC%d", i)
	}
	var asked []string
	failed := 0
	for _, b := range c.Values(t.Context(), ids) {
		asked = append(asked, b.IDs...)
		if b.Err != nil {
			failed++
		}
	}
	slices.Sort(ids)
	slices.Sort(asked)
	if diff := cmp.Diff(ids, asked); diff != "" {
		t.Errorf("requested (-want +got):\n%s", diff)
	}
	if failed != 1 {
		t.Errorf("%d batches failed, want the one with the bad metric", failed)
	}
	if most.Load() > maxParallel {
		t.Errorf("%d requests at one time", most.Load())
	}
}

// After a timeout, Values makes no further requests.
func TestSilenceIsNotWaitedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		server := inMemory(func(_ http.ResponseWriter, r *http.Request) { requests.Add(1); <-r.Context().Done() })
		server.Start()
		const timeout = 10 * time.Second
		c := server.clientOf(t, Options{Timeout: timeout})
		ids := make([]string, 5000)
		for i := range ids {
			ids[i] = fmt.Sprintf("METRIC%d", i)
		}
		asked := time.Now()
		batches := c.Values(t.Context(), ids)
		if took := time.Since(asked); took != timeout {
			t.Errorf("took %v, want one timeout of %v", took, timeout)
		}
		if n := int(requests.Load()); n != len(batches) || n != maxParallel {
			t.Errorf("%d requests and %d outcomes, want %d", n, len(batches), maxParallel)
		}
		for _, b := range batches {
			checkFailure(t, b.Err, domain.Timeout, 0)
		}
	})
}

// After a timeout, the next request has a new connection: idle ones may be dead as well.
func TestDeadConnectionsAreNotUsedAgain(t *testing.T) {
	for _, tls := range []bool{false, true} {
		t.Run(fmt.Sprint("tls=", tls), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { useDeadConnections(t, tls) })
		})
	}
}

func useDeadConnections(t *testing.T, tls bool) {
	var dead atomic.Bool // the connections open at that time
	var meet sync.WaitGroup
	meet.Add(maxParallel)
	server := inMemory(func(w http.ResponseWriter, r *http.Request) {
		if gone := r.Context().Value(connection{}).(*atomic.Bool); gone.Load() {
			<-r.Context().Done()
			return
		}
		if !dead.Load() {
			meet.Done() // each has its connection
			meet.Wait()
		}
		fmt.Fprint(w, `{"results":[],"initializing":[]}`)
	})
	var mu sync.Mutex
	var old []*atomic.Bool
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		mu.Lock()
		defer mu.Unlock()
		gone := new(atomic.Bool)
		old = append(old, gone)
		return context.WithValue(ctx, connection{}, gone)
	}
	var o Options
	if server.EnableHTTP2 = tls; tls { // all requests would share a connection
		server.StartTLS()
		o.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	} else {
		server.Start()
	}
	c := server.clientOf(t, o)
	long := strings.Repeat("M", maxURLBytes*3/4)
	c.Values(t.Context(), []string{long + "0", long + "1", long + "2", long + "3"})
	mu.Lock()
	if len(old) != maxParallel {
		t.Errorf("%d connections", len(old))
	}
	for _, gone := range old {
		gone.Store(true)
	}
	mu.Unlock()
	dead.Store(true)
	checkFailure(t, c.Values(t.Context(), []string{"101"})[0].Err, domain.Timeout, 0)
	if b := c.Values(t.Context(), []string{"101"})[0]; b.Err != nil {
		t.Errorf("through another connection: %v", b.Err)
	}
}

type connection struct{}

// Errors contain no key, address, metric or upstream text.
func TestFailures(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, "CANARYbody")
		}
	}
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
	}
	date := "Mon, 23 Nov 2026 12:00:00 GMT"
	tests := []struct {
		name    string
		handler http.HandlerFunc
		cause   domain.Cause
		after   time.Duration
	}{
		{"bad key", status(401), domain.Unauthorized, 0},
		{"not assigned", status(403), domain.Forbidden, 0},
		{"no such metric", status(404), domain.NotFound, 0},
		{"bad request", status(400), domain.BadRequest, 0},
		{"too many", status(429, "Retry-After", "17"), domain.RateLimited, 17 * time.Second},
		{"bandwidth", status(509), domain.RateLimited, 0},
		{"maintenance until", status(503, "Date", date, "Retry-After", "Mon, 23 Nov 2026 12:02:00 GMT"), domain.ServerError, 2 * time.Minute},
		{"retry after nonsense", status(503, "Retry-After", "soon"), domain.ServerError, 0},
		{"retry in the past", status(503, "Retry-After", "-5"), domain.ServerError, 0},
		{"retry after years", status(503, "Retry-After", "999999999"), domain.ServerError, time.Hour},
		{"redirect", status(302, "Location", "http://CANARY.example/"), domain.Unexpected, 0},
		{"no content", status(204), domain.Unexpected, 0},
		{"HTML", body("<html>CANARY</html>"), domain.Malformed, 0},
		{"nothing", body(""), domain.Malformed, 0},
		{"broken JSON", body(`{"results":[{"key":"CANARY`), domain.Malformed, 0},
		{"JSON of another shape", body(`{"results":"CANARY"}`), domain.Malformed, 0},
		{"JSON without results", body(`{"error":"CANARY"}`), domain.Malformed, 0},
		{"list for an object", body(`["CANARY"]`), domain.Malformed, 0},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"results":[`)
		}, domain.Malformed, 0},
		{"too large", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.CopyN(w, zeros{}, maxAnswerBytes+1)
		}, domain.TooLarge, 0},
		{"too many values", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"results":[1`+strings.Repeat(",1", maxElements)+`]}`)
		}, domain.TooLarge, 0},
		{"another protocol", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
				_, _ = io.Copy(io.Discard, conn) // holds the connection open until the client closes it
				_ = conn.Close()
			}
		}, domain.Unexpected, 0},
		{"connection cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, domain.Unreachable, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := client(t, test.handler)
			checkFailure(t, c.Values(t.Context(), []string{"CANARYmetric"})[0].Err, test.cause, test.after)
		})
	}
}

func checkFailure(t *testing.T, err error, cause domain.Cause, after time.Duration) {
	t.Helper()
	var failure *domain.Failure
	if !errors.As(err, &failure) {
		t.Fatalf("got %v, want a failure", err)
	}
	if failure.Cause != cause || failure.RetryAfter != after {
		t.Errorf("got %v, retry after %v; want %v, %v", failure.Cause, failure.RetryAfter, cause, after)
	}
	for _, leak := range []string{"CANARY", "127.0.0.1", "/api"} {
		if strings.Contains(err.Error(), leak) {
			t.Errorf("%q holds %q", err, leak)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// The standard logger is the program's: see main.go.
func TestNewLeavesTheStandardLoggerAlone(t *testing.T) {
	before := log.Writer()
	client(t, func(http.ResponseWriter, *http.Request) {})
	if log.Writer() != before {
		t.Error("the standard logger prints elsewhere")
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	c := clientOf(t, Options{URL: server.URL, Timeout: time.Millisecond})
	_, err := c.Metrics(t.Context())
	checkFailure(t, err, domain.Timeout, 0)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Metrics(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("given up by the caller: got %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c := clientOf(t, Options{URL: server.URL})
	_, err := c.Metrics(t.Context())
	checkFailure(t, err, domain.Unreachable, 0)
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[]`) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of refused handshakes
	server.StartTLS()
	defer server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})

	_, err := clientOf(t, Options{URL: server.URL}).Metrics(t.Context())
	checkFailure(t, err, domain.Untrusted, 0)
	_, err = clientOf(t, Options{URL: strings.Replace(server.URL, "127.0.0.1", "localhost", 1), CA: ca}).Metrics(t.Context())
	checkFailure(t, err, domain.Untrusted, 0)
	if _, err := clientOf(t, Options{URL: server.URL, CA: ca}).Metrics(t.Context()); err != nil {
		t.Errorf("with the CA: %v", err)
	}
	_, err = clientOf(t, Options{URL: strings.Replace(server.URL, "https", "http", 1), CA: ca}).Metrics(t.Context())
	checkFailure(t, err, domain.WrongScheme, 0)

	plain := httptest.NewServer(nil)
	defer plain.Close()
	_, err = clientOf(t, Options{URL: strings.Replace(plain.URL, "http", "https", 1)}).Metrics(t.Context())
	checkFailure(t, err, domain.WrongScheme, 0)

	if _, err := New(Options{CA: []byte("no certificate")}); err == nil {
		t.Error("a CA file without certificates: want an error")
	}
}

// Durations are right even if the server's clock is wrong.
func TestTheirClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 250e6, time.UTC)
	for _, ahead := range []time.Duration{0, 7 * time.Minute, -90 * time.Second} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			theirs := now.Add(ahead)
			w.Header().Set("Date", theirs.UTC().Format(http.TimeFormat))
			fmt.Fprintf(w, `{"results":[{"key":{"metricId":"M"},"value":{"type":"DURATION","finishedDuration":5000,
				"numCountingUp":1,"lastUpdateTime":%q}}]}`, theirs.Add(-time.Minute).Format(time.RFC3339Nano))
		})
		c.now = func() time.Time { return now }
		got := c.Values(t.Context(), []string{"M"})[0].Readings[0].Reading
		v, _ := got.At(now)
		if difference := v.Duration - 65*time.Second; difference.Abs() > time.Second { // a Date is in whole seconds
			t.Errorf("%v ahead: got %v, want about 65s", ahead, v.Duration)
		}
	}
}
