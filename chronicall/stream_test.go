package chronicall

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// socket serves subscriptions, each with the given conversation.
func socket(t *testing.T, talk func(conn *websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow() //nolint:errcheck // it may be closed already
		talk(conn)
	}
}

func send(t *testing.T, conn *websocket.Conn, text string) {
	if err := conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		t.Error(err)
	}
}

// heard subscribes until want messages have come or the subscription ends. opened says that there was one.
func heard(t *testing.T, c *Client, want int, ids ...string) (messages []domain.Push, opened bool, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	run, err := c.Subscribe(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	err = run(func(m domain.Push) {
		if messages = append(messages, m); len(messages) == want {
			cancel()
		}
	})
	return messages, true, err
}

func TestSubscribe(t *testing.T) {
	updated := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	closed := make(chan error, 1)
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/realtime-metric-subscription" || r.URL.RawQuery != "id=K0FLAEB6&id=a%26b&auth_token="+key {
			t.Errorf("requested %s?%s", r.URL.Path, r.URL.RawQuery)
		}
		socket(t, func(conn *websocket.Conn) {
			for n := range 3 {
				send(t, conn, fmt.Sprintf(`{"key":{"metricId":"a&b","categoryValue":"John Doe(481)"},"value":{"lastUpdateTime":%q,"count":%d,"type":"COUNT"}}`,
					updated.Format(time.RFC3339Nano), n))
			}
			send(t, conn, `not JSON`)
			send(t, conn, `[{"key":{"metricId":"M"}}]`)
			send(t, conn, `{"key":{"metricId":"M"},"value":{"lastUpdateTime":"soon","count":5,"type":"COUNT"}}`)
			_, _, err := conn.Read(context.Background())
			closed <- err
		})(w, r)
	})
	got, opened, err := heard(t, c, 6, "K0FLAEB6", "a&b")
	if !opened || !errors.Is(err, context.Canceled) {
		t.Errorf("opened %v, ended with %v", opened, err)
	}
	for n, m := range got[:3] {
		if m.Key != (domain.Key{Metric: "a&b", Category: "John Doe(481)"}) || m.Reading != domain.CountOf(float64(n)) || !m.Updated.Equal(updated) || !m.At.Equal(updated) {
			t.Errorf("message %d: %+v", n, m)
		}
	}
	if got[3] != (domain.Push{}) || got[4] != (domain.Push{}) || got[5].Key.Metric != "M" || !got[5].Updated.IsZero() {
		t.Errorf("unexpected messages: %+v", got[3:])
	}
	if err := <-closed; websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the server heard %v", err)
	}
}

// Messages are dated by the source's clock. Dates that are doubtful or in the future are dropped.
func TestMessagesInTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	d := decoder{log: slog.New(slog.DiscardHandler)}
	for name, test := range map[string]struct {
		updated time.Time
		t       timing
		dated   bool
		at      time.Time
	}{
		"right clock":              {now.Add(-time.Second), timing{answered: now}, true, now.Add(-time.Second)},
		"long ago":                 {now.Add(-time.Hour), timing{answered: now}, true, now.Add(-time.Hour)},
		"ahead, as is their clock": {now.Add(time.Hour), timing{answered: now, offset: offset{ahead: time.Hour}}, true, now},
		"a little ahead":           {now.Add(time.Second), timing{answered: now}, true, now},
		"from the future":          {now.Add(time.Minute), timing{answered: now}, false, now},
		"while in doubt":           {now, timing{answered: now, offset: offset{doubtful: true}}, false, now},
	} {
		raw := fmt.Sprintf(`{"key":{"metricId":"M"},"value":{"lastUpdateTime":%q,"count":5,"type":"COUNT"}}`, test.updated.Format(time.RFC3339Nano))
		if m := d.message([]byte(raw), test.t); m.Updated.IsZero() == test.dated || !m.At.Equal(test.at) {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestGroupsHaveSafeURLs(t *testing.T) {
	c := clientOf(t, Options{URL: "https://chronicall.example.com:9080/rest"})
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("METRIC&%d", i)
	}
	var all []string
	groups := c.Groups(ids)
	for _, group := range groups {
		if n := len(c.streamURL(group)); n > maxURLBytes {
			t.Errorf("a URL has %d bytes", n)
		}
		all = append(all, group...)
	}
	if diff := cmp.Diff(ids, all); diff != "" || len(groups) < 5 || len(groups) > 20 {
		t.Errorf("%d groups (-want +got):\n%s", len(groups), diff)
	}
	if c.Groups(nil) != nil {
		t.Error("a group of nothing")
	}
}

// Errors of handshakes and open sockets contain no key, address, metric or upstream text.
func TestStreamFailures(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, "CANARYbody ", r.URL)
		}
	}
	raw := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				fmt.Fprint(conn, answer)
				_ = conn.(*net.TCPConn).CloseWrite()
				_ = conn.Close()
			}
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		cause   domain.Cause
		after   time.Duration
		opened  bool
	}{
		{"malformed", status(400), domain.BadRequest, 0, false},
		{"bad key", status(401), domain.Unauthorized, 0, false},
		{"some metric", status(403), domain.Forbidden, 0, false},
		{"no such path", status(404), domain.NotFound, 0, false},
		{"too many", status(429, "Retry-After", "17"), domain.RateLimited, 17 * time.Second, false},
		{"maintenance", status(503, "Retry-After", "120"), domain.ServerError, 2 * time.Minute, false},
		{"redirect", status(307, "Location", "http://CANARY.example/"), domain.Unexpected, 0, false},
		{"a page", status(200), domain.Unexpected, 0, false},
		{"another protocol", raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: CANARY\r\nConnection: upgrade\r\n\r\n"), domain.Malformed, 0, false},
		{"no proof", raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: CANARY\r\n\r\n"), domain.Malformed, 0, false},
		{"not HTTP", raw("CANARY\r\n\r\n"), domain.Unreachable, 0, false},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, domain.Unreachable, 0, false},

		{"closed", socket(t, func(conn *websocket.Conn) { _ = conn.Close(websocket.StatusPolicyViolation, "CANARYreason") }), domain.Unreachable, 0, true},
		{"broken", socket(t, func(conn *websocket.Conn) { _ = conn.CloseNow() }), domain.Unreachable, 0, true},
		{"too large a message", socket(t, func(conn *websocket.Conn) {
			send(t, conn, `{"key":"`+strings.Repeat("CANARY", 50_000)+`"}`)
			_, _, _ = conn.Read(context.Background())
		}), domain.TooLarge, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, opened, err := heard(t, client(t, test.handler), 1, "CANARYmetric")
			checkFailure(t, err, test.cause, test.after)
			if opened != test.opened {
				t.Errorf("opened: %v", opened)
			}
			if test.cause == domain.Forbidden && (!strings.Contains(err.Error(), "not assigned") || !strings.Contains(err.Error(), "a proxy or firewall blocks WebSockets")) {
				t.Errorf("%v does not name both causes", err)
			}
		})
	}
}

func TestSubscribeTimeout(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	c := clientOf(t, Options{URL: server.URL, Timeout: time.Millisecond})
	_, _, err := heard(t, c, 1, "M")
	checkFailure(t, err, domain.Timeout, 0)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Subscribe(ctx, []string{"M"}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v", err)
	}
}

func TestSubscribeTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(socket(t, func(conn *websocket.Conn) {
		send(t, conn, `{"key":{"metricId":"M"},"value":{}}`)
		_, _, _ = conn.Read(context.Background())
	}))
	server.EnableHTTP2 = true // HTTP/2 has no WebSocket here
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	_, _, err := heard(t, clientOf(t, Options{URL: server.URL}), 1, "M")
	checkFailure(t, err, domain.Untrusted, 0)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if got, opened, _ := heard(t, clientOf(t, Options{URL: server.URL, CA: ca}), 1, "M"); !opened || len(got) != 1 {
		t.Errorf("with the CA: %v, %v", opened, got)
	}
}

// A server that answers no ping is disconnected.
func TestPingsWithoutAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := inMemory(func(w http.ResponseWriter, r *http.Request) {
			ignore := func(context.Context, []byte) bool { return false }
			if conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: ignore}); err == nil {
				_, _, _ = conn.Read(context.Background())
			}
		})
		server.Start()
		c := server.clientOf(t, Options{})
		began := time.Now()
		_, opened, err := heard(t, c, 1, "M")
		checkFailure(t, err, domain.Timeout, 0)
		if took := time.Since(began); !opened || took != c.ping+c.timeout {
			t.Errorf("opened %v, ended after %v, want %v", opened, took, c.ping+c.timeout)
		}
	})
}

// A server that answers pings may be silent for hours.
func TestPingsWithAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pings := 0
		ctx, cancel := context.WithCancel(t.Context())
		server := inMemory(func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: func(context.Context, []byte) bool {
				if pings++; pings == 20 {
					cancel()
				}
				return true
			}})
			if err == nil {
				_, _, _ = conn.Read(context.Background())
			}
		})
		server.Start()
		c := server.clientOf(t, Options{})
		began := time.Now()
		run, err := c.Subscribe(ctx, []string{"M"})
		if err != nil {
			t.Fatal(err)
		}
		if err := run(nil); !errors.Is(err, context.Canceled) {
			t.Errorf("a quiet server: %v", err)
		}
		if took := time.Since(began); took != 20*c.ping {
			t.Errorf("20 pings took %v", took)
		}
	})
}

// Subscribe waits closeTimeout at most for a server that does not answer the closing handshake.
func TestGoodbyeIsNotWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		during bool // it ends while it is read, and not before
		want   time.Duration
	}{"before it is read": {false, 0}, "while it is read": {true, closeTimeout}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				server := inMemory(func(w http.ResponseWriter, r *http.Request) {
					if conn, err := websocket.Accept(w, r, nil); err == nil {
						<-release
						_ = conn.CloseNow()
					}
				})
				server.Start()
				client := server.clientOf(t, Options{})
				defer close(release)
				ctx, cancel := context.WithCancel(t.Context())
				began := time.Now()
				run, err := client.Subscribe(ctx, []string{"M"})
				if err != nil {
					t.Fatal(err)
				}
				ended := make(chan error)
				if !c.during {
					cancel()
				}
				go func() { ended <- run(nil) }()
				synctest.Wait()
				cancel()
				if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(began); took != c.want {
					t.Errorf("ended after %v, want %v", took, c.want)
				}
			})
		})
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"key":{"metricId":"K","categoryValue":"John Doe(481)"},"value":{"lastUpdateTime":"2026-11-23T05:00:00.000-07:00","type":"COUNT","count":5}}`))
	f.Add([]byte(`{"key":"K","value":{"lastUpdateTime":"2026-11-23T12:59Z","type":"DURATION","finishedDuration":1e308,"numCountingUp":-3}}`))
	f.Add([]byte(`{"key":{"metricId":5},"value":[]}`))
	f.Add([]byte(`null`))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := decoder{log: slog.New(slog.DiscardHandler)}
		m := d.message(raw, timing{answered: now, offset: offset{ahead: time.Hour}})
		if m.Key.Metric == "" && m != (domain.Push{}) {
			t.Errorf("about nothing: %+v", m)
		}
		if m.At.After(now) || m.Updated.After(now.Add(time.Hour+maxAhead)) {
			t.Errorf("from the future: %+v", m)
		}
		if v, ok := m.Reading.At(now); ok != (v.Kind != domain.None) || v.Duration < 0 || v.Duration > domain.MaxDuration {
			t.Errorf("%+v is %+v, %v", m, v, ok)
		}
	})
}
