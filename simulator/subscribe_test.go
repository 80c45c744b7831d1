package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

// dial subscribes to metrics with the simulator's key.
func dial(t *testing.T, s *Simulator, ids ...string) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	query := url.Values{"id": ids, "auth_token": {s.Key()}}
	conn, resp, err := websocket.Dial(t.Context(), s.URL()+subscribePath+"?"+query.Encode(), &websocket.DialOptions{HTTPClient: client})
	if err == nil {
		t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, resp, err
}

func subscribed(t *testing.T, s *Simulator, ids ...string) *websocket.Conn {
	t.Helper()
	conn, _, err := dial(t, s, ids...)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// next returns the next message, raw and decoded.
func next(t *testing.T, conn *websocket.Conn) (text string, v wireValue) {
	t.Helper()
	_, raw, err := conn.Read(inMinutes(t))
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(raw, &v) // unexpected messages don't decode
	return string(raw), v
}

func TestHandshakes(t *testing.T) {
	s, _ := start(t, Options{Mark: "MARK"})
	set(t, s, Fault{Gone: "MARKK0W4ITGD", Forbidden: "MARKK1M8TZQ4"})
	key := "&auth_token=" + s.Key()
	for name, tc := range map[string]struct {
		query string
		want  int
	}{
		"one":                         {"id=MARKK0FLAEB6" + key, 101},
		"several":                     {"id=MARKK0FLAEB6&id=MARKK13CJXHV" + key, 101},
		"no id":                       {key[1:], 400},
		"empty id":                    {"id=" + key, 400},
		"no key":                      {"id=MARKK0FLAEB6", 400},
		"wrong key":                   {"id=MARKK0FLAEB6" + key + "x", 401},
		"wrong key and no such id":    {"id=MARKNOPE" + key + "x", 401},
		"unknown":                     {"id=MARKK0FLAEB6&id=MARKNOPE" + key, 403},
		"unassigned":                  {"id=" + s.UnassignedID() + key, 403},
		"gone":                        {"id=MARKK0W4ITGD" + key, 403},
		"forbidden":                   {"id=MARKK1M8TZQ4" + key, 403},
		"a list is no repeated param": {"id=MARKK0FLAEB6,MARKK13CJXHV" + key, 403},
	} {
		conn, resp, err := websocket.Dial(t.Context(), s.URL()+subscribePath+"?"+tc.query, &websocket.DialOptions{HTTPClient: client})
		if resp == nil || resp.StatusCode != tc.want {
			t.Errorf("%s: %v, %v; want %d", name, resp, err, tc.want)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
	if n := s.Requests(); n.Subscriptions != 12 || n.ByStatus[101] != 2 || n.ByStatus[403] != 5 {
		t.Errorf("counted %+v", n)
	}
	if resp, _ := request(t, s, subscribePath+"?id=MARKK0FLAEB6"+key); resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without an upgrade: %d", resp.StatusCode)
	}
}

// Each change is sent once and in order, and the last one equals the requested value.
func TestChangesAreSent(t *testing.T) {
	s, clock := start(t, Options{Seed: 3})
	ids := []string{"K0FLAEB6", "K1M8TZQ4", "K0W4ITGD"}
	conn := subscribed(t, s, ids...)
	if n := s.Requests(); n.Open != 1 {
		t.Errorf("%d subscriptions are open", n.Open)
	}
	last := map[string]wireValue{}
	for range 20 {
		before := values(t, s, ids...)
		clock.advance(30 * time.Second)
		var due []wireValue
		for i, v := range values(t, s, ids...) {
			if !v.Value.LastUpdateTime.Equal(before[i].Value.LastUpdateTime) {
				due = append(due, v)
			}
		}
		for sent := 0; sent < len(due); {
			_, v := next(t, conn)
			key := v.Key.MetricID + "/" + v.Key.CategoryValue
			if !v.Value.LastUpdateTime.After(last[key].Value.LastUpdateTime) {
				t.Fatalf("%s was sent twice or out of order: %+v after %+v", key, v, last[key])
			}
			last[key] = v
			for _, want := range due {
				if want.Key == v.Key && want.Value.LastUpdateTime.Equal(v.Value.LastUpdateTime) {
					sent++
					if diff := cmp.Diff(want, v); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				}
			}
		}
	}
	if len(last) < 3 {
		t.Errorf("only %d values changed", len(last))
	}
}

// A value that initializes during a subscription is sent when it is ready.
func TestInitializingWhileSubscribed(t *testing.T) {
	s, clock := start(t, Options{InitTime: time.Second})
	conn := subscribed(t, s, "K0FLAEB6")
	clock.advance(time.Second)
	if _, v := next(t, conn); v.Key.MetricID != "K0FLAEB6" || v.Value.Type != Count {
		t.Errorf("got %+v", v)
	}
}

var timestamps = regexp.MustCompile(`20[0-9T:.-]+`)

func TestHandshakeFault(t *testing.T) {
	s, _ := start(t, Options{})
	open := subscribed(t, s, "K0FLAEB6")
	set(t, s, Fault{Handshake: 503, RetryAfter: 90 * time.Second})
	_, resp, err := dial(t, s, "K0FLAEB6")
	if err == nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "90" {
		t.Errorf("%v, %+v", err, resp)
	}
	if resp, _ := request(t, s, metricsPath); resp.StatusCode != 200 {
		t.Errorf("the list: %d", resp.StatusCode)
	}
	open.CloseRead(t.Context())
	if err := open.Ping(t.Context()); err != nil {
		t.Errorf("the open subscription: %v", err)
	}
	set(t, s, Fault{Handshake: 401})
	if _, resp, err := dial(t, s, "K0FLAEB6"); err == nil || resp.StatusCode != 401 {
		t.Errorf("%v, %+v", err, resp)
	}
}

// A client leaves with and without a close frame. TestMain checks for leaked goroutines.
func TestClientLeaves(t *testing.T) {
	s, _ := start(t, Options{})
	if err := subscribed(t, s, "K0FLAEB6").Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("no close frame: %v", err)
	}
	_ = subscribed(t, s, "K0FLAEB6").CloseNow()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
