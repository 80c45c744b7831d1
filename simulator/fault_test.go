package simulator

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// All modes that respond immediately, for the list and for values.
func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault Fault
		check func(t *testing.T, resp *http.Response, body string, err error)
	}{
		{"ok", Fault{}, wantStatus(200, "[{")},
		{"down", Fault{Mode: ModeDown}, func(t *testing.T, _ *http.Response, _ string, err error) {
			if !errors.Is(err, io.EOF) {
				t.Errorf("error %v, want EOF", err)
			}
		}},
		{"status", Fault{Mode: ModeStatus}, wantStatus(500, "Problem on pbxMARK. Reason:\n<pre>    java.lang.IllegalStateException: /rest")},
		{"status 503", Fault{Mode: ModeStatus, Status: 503}, wantStatus(503, "MARK")},
		{"status 429", Fault{Mode: ModeStatus, Status: 429, RetryAfter: 1500 * time.Millisecond},
			func(t *testing.T, resp *http.Response, body string, err error) {
				wantStatus(429, "MARK")(t, resp, body, err)
				if got := resp.Header.Get("Retry-After"); got != "2" {
					t.Errorf("Retry-After %q, want 2", got)
				}
			}},
		{"key revoked", Fault{Mode: ModeStatus, Status: 401}, wantStatus(401, `"message":"MARK The authorization header \"Bearer MARK`)},
		{"html", Fault{Mode: ModeHTML}, wantStatus(200, "<title>Sign in</title>")},
		{"garbage", Fault{Mode: ModeGarbage}, func(t *testing.T, resp *http.Response, body string, err error) {
			wantStatus(200, "")(t, resp, body, err)
			if json.Valid([]byte(body)) {
				t.Error("garbage is valid JSON")
			}
		}},
		{"truncated", Fault{Mode: ModeTruncated}, func(t *testing.T, resp *http.Response, body string, err error) {
			if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(body, "[{") {
				t.Errorf("error %v after %d bytes, want an unexpected EOF after some", err, len(body))
			}
		}},
		{"cut", Fault{Mode: ModeCut}, func(t *testing.T, resp *http.Response, body string, err error) {
			wantStatus(200, "[{")(t, resp, body, err)
			if json.Valid([]byte(body)) {
				t.Error("the cut answer is valid JSON")
			}
		}},
		{"oversized", Fault{Mode: ModeOversized, Size: 1 << 20}, func(t *testing.T, resp *http.Response, body string, err error) {
			wantStatus(200, "[{")(t, resp, body, err)
			if len(body) < 1<<20 || !json.Valid([]byte(body)) {
				t.Errorf("%d bytes, valid: %v; want valid JSON of a megabyte", len(body), json.Valid([]byte(body)))
			}
		}},
		{"restart", Fault{Mode: ModeRestart}, wantStatus(200, "[{")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, _ := start(t, Options{Mark: "MARK"})
			set(t, s, tc.fault)
			resp, body, err := try(s, metricsPath)
			tc.check(t, resp, body, err)

			set(t, s, Fault{})
			if resp, _ := request(t, s, metricsPath); resp.StatusCode != 200 {
				t.Errorf("status %d after the fault is lifted", resp.StatusCode)
			}
			if n := s.Requests(); (tc.fault.Mode == ModeDown || tc.fault.Mode == ModeTruncated) != (n.Cut > 0) {
				t.Errorf("counted %+v", n)
			}
		})
	}
}

func set(t *testing.T, s *Simulator, f Fault) {
	t.Helper()
	if err := s.SetFault(f); err != nil {
		t.Fatal(err)
	}
}

func wantStatus(status int, part string) func(*testing.T, *http.Response, string, error) {
	return func(t *testing.T, resp *http.Response, body string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != status || !strings.Contains(body, part) {
			t.Errorf("status %d, want %d; body without %q: %.200s", resp.StatusCode, status, part, body)
		}
	}
}

func TestOversizedValues(t *testing.T) {
	s, _ := start(t, Options{})
	set(t, s, Fault{Mode: ModeOversized, Size: 1 << 20})
	req, _ := http.NewRequest("GET", s.URL()+valuesPath+"?id=K0FLAEB6", nil)
	req.Header.Set("Accept-Encoding", "gzip")
	resp, body, err := send(req)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	if len(body) > 100<<10 {
		t.Errorf("%d bytes on the wire, want few", len(body))
	}
	zip, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zip)
	if err != nil || len(plain) < 1<<20 || !json.Valid(plain) || !strings.HasPrefix(string(plain), `{"results":[{"key"`) {
		t.Errorf("%v after %d bytes", err, len(plain))
	}
}

// holdLog is a log handler that signals when a request is held.
type holdLog struct {
	slog.Handler
	held chan string
}

func (h holdLog) Enabled(context.Context, slog.Level) bool { return true }

func (h holdLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "request held" {
		h.held <- r.Message
	}
	return nil
}

// A held request ends in one of four ways.
func TestHeldRequests(t *testing.T) {
	for _, mode := range []Fault{{Mode: ModeHang}, {Mode: ModeSlow, Delay: longestHold}} {
		for _, tc := range []struct {
			name   string
			end    func(t *testing.T, s *Simulator, leave context.CancelFunc)
			status int // 0: no answer
		}{
			{"lifted", func(t *testing.T, s *Simulator, _ context.CancelFunc) { set(t, s, Fault{}) }, 200},
			{"replaced", func(t *testing.T, s *Simulator, _ context.CancelFunc) { set(t, s, Fault{Mode: ModeStatus}) }, 500},
			{"client leaves", func(_ *testing.T, s *Simulator, leave context.CancelFunc) { leave() }, 0},
			{"closed", func(t *testing.T, s *Simulator, _ context.CancelFunc) { s.Close() }, 0},
		} {
			t.Run(mode.Mode+" "+tc.name, func(t *testing.T) {
				log := holdLog{slog.DiscardHandler, make(chan string, 8)}
				s, _ := start(t, Options{Log: slog.New(log)})
				set(t, s, mode)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				req, _ := http.NewRequestWithContext(ctx, "GET", s.URL()+metricsPath, nil)
				req.Header.Set("Authorization", "Bearer "+s.Key())
				got := make(chan int)
				go func() {
					resp, _, err := send(req)
					if err != nil {
						got <- 0
						return
					}
					got <- resp.StatusCode
				}()
				<-log.held
				tc.end(t, s, leave)
				if status := <-got; status != tc.status {
					t.Errorf("status %d, want %d", status, tc.status)
				}
			})
		}
	}
}

func TestSkew(t *testing.T) {
	s, _ := start(t, Options{})
	right := values(t, s, allIDs(s)...)
	for _, skew := range []time.Duration{90 * time.Second, -48 * time.Hour} {
		set(t, s, Fault{Skew: skew})
		resp, _ := request(t, s, metricsPath)
		if got, want := resp.Header.Get("Date"), morning.Add(skew).UTC().Format(http.TimeFormat); got != want {
			t.Errorf("Date %q, want %q", got, want)
		}
		for i, v := range values(t, s, allIDs(s)...) {
			want := right[i]
			want.Value.LastUpdateTime = want.Value.LastUpdateTime.Add(skew)
			if diff := cmp.Diff(want, v); diff != "" {
				t.Errorf("skew %v (-want +got):\n%s", skew, diff)
			}
		}
	}
}

func TestGoneAndForbidden(t *testing.T) {
	s, _ := start(t, Options{})
	set(t, s, Fault{Gone: "K0FLAEB6", Forbidden: "K0W4ITGD"})
	_, list := request(t, s, metricsPath)
	for id, want := range map[string]int{
		"K0FLAEB6": 404, "K0W4ITGD": 403, "K0W4ITGD,K0FLAEB6": 404, "K0G5LMNP,K0W4ITGD": 403, "K0G5LMNP": 200,
	} {
		if resp, _ := request(t, s, valuesPath+"?id="+id); resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", id, resp.StatusCode, want)
		}
		if !strings.Contains(id, ",") && strings.Contains(list, id) != (want == 200) {
			t.Errorf("%s: on the list: %v", id, strings.Contains(list, id))
		}
	}
	if len(s.Metrics()) != 20 {
		t.Errorf("Metrics has %d, want all 20", len(s.Metrics()))
	}
}

func TestRestart(t *testing.T) {
	s, clock := start(t, Options{InitTime: time.Second})
	const path = valuesPath + "?id=K0FLAEB6"
	request(t, s, path)
	clock.advance(time.Second)
	if resp, _ := request(t, s, path); resp.StatusCode != 200 {
		t.Fatalf("status %d before the restart", resp.StatusCode)
	}
	set(t, s, Fault{Mode: ModeRestart, Skew: time.Second})
	if resp, _ := request(t, s, path); resp.StatusCode != 206 {
		t.Errorf("status %d after the restart", resp.StatusCode)
	}
	if f := s.Fault(); f != (Fault{Mode: ModeOK, Skew: time.Second}) {
		t.Errorf("fault %+v", f)
	}
}

func TestSetFaultErrors(t *testing.T) {
	s, _ := start(t, Options{})
	set(t, s, Fault{Mode: ModeHTML})
	for _, tc := range []struct {
		fault Fault
		want  string
	}{
		{Fault{Mode: "sleepy"}, `unknown mode "sleepy": it must be one of ok, down, slow, hang, status, garbage, html, truncated, cut, oversized, restart`},
		{Fault{Delay: time.Second}, `delay needs mode "slow", not "ok"`},
		{Fault{Mode: ModeSlow, Delay: -1}, `delay -1ns must be above 0 and at most 10m0s`},
		{Fault{Mode: ModeSlow, Delay: time.Hour}, `delay 1h0m0s must be above 0 and at most 10m0s`},
		{Fault{Mode: ModeHang, Status: 500}, `status needs mode "status", not "hang"`},
		{Fault{Mode: ModeStatus, Status: 200}, `status 200 must be from 400 to 599`},
		{Fault{Mode: ModeStatus, RetryAfter: -1}, `retry_after -1ns must not be negative`},
		{Fault{Mode: ModeOversized, Size: -1}, `size -1 must not be negative`},
		{Fault{Gone: "NOPE"}, `gone: unknown metric "NOPE"`},
		{Fault{Forbidden: "NOPE"}, `forbidden: unknown metric "NOPE"`},
	} {
		if err := s.SetFault(tc.fault); err == nil || err.Error() != "simulator: "+tc.want {
			t.Errorf("%+v: error %v, want %s", tc.fault, err, tc.want)
		}
	}
	if f := s.Fault(); f.Mode != ModeHTML {
		t.Errorf("the wrong faults left %+v", f)
	}
}

func TestCloseTwice(t *testing.T) {
	s, _ := start(t, Options{ControlAddr: "127.0.0.1:0"})
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if _, _, err := try(s, metricsPath); err == nil {
		t.Error("a closed simulator answers")
	}
}
