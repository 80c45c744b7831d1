package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestControlFault(t *testing.T) {
	s, _ := start(t, Options{ControlAddr: "127.0.0.1:0"})
	for _, step := range []struct {
		name, method, body string
		status             int
		want               string
	}{
		{"at first", "GET", "", 200, `{"mode":"ok"}`},
		{"slow by default", "PUT", `{"mode":"slow"}`, 200, `{"mode":"slow","delay":"3s"}`},
		{"slow", "POST", `{"mode":"slow","delay":"250ms"}`, 200, `{"mode":"slow","delay":"250ms"}`},
		{"it stays", "GET", "", 200, `{"mode":"slow","delay":"250ms"}`},
		{"unknown mode", "PUT", `{"mode":"sleepy"}`, 400, `simulator: unknown mode "sleepy": it must be one of ok, down, slow, hang, status, garbage, html, truncated, cut, oversized, restart`},
		{"unknown field", "PUT", `{"mod":"slow"}`, 400, `json: unknown field "mod"`},
		{"bad duration", "PUT", `{"mode":"slow","delay":"soon"}`, 400, `"soon" is not a duration such as "3s" or "-1m30s"`},
		{"no JSON", "PUT", `mode=slow`, 400, `invalid character 'm' looking for beginning of value`},
		{"two values", "PUT", `{} {}`, 400, `invalid character '{' after top-level value`},
		{"nothing", "PUT", ``, 400, `unexpected end of JSON input`},
		{"errors change nothing", "GET", "", 200, `{"mode":"slow","delay":"250ms"}`},
		{"everything", "PUT", `{"mode":"status","status":429,"retry_after":"30s","skew":"-1m30s","gone":"K0FLAEB6","forbidden":"K0W4ITGD"}`, 200,
			`{"mode":"status","status":429,"retry_after":"30s","skew":"-1m30s","gone":"K0FLAEB6","forbidden":"K0W4ITGD"}`},
		{"skew alone", "PUT", `{"skew":"2h"}`, 200, `{"mode":"ok","skew":"2h0m0s"}`},
		{"oversized", "PUT", `{"mode":"oversized"}`, 200, `{"mode":"oversized","size":67108864}`},
		{"lifted", "DELETE", "", 200, `{"mode":"ok"}`},
		{"other method", "PATCH", `{}`, 405, `Method Not Allowed`},
	} {
		req, _ := http.NewRequest(step.method, s.ControlURL()+"/fault", strings.NewReader(step.body))
		resp, body, err := send(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(body); resp.StatusCode != step.status || got != step.want {
			t.Errorf("%s: %d %s\nwant %d %s", step.name, resp.StatusCode, got, step.status, step.want)
		}
	}
	if n := s.Requests(); n.List+n.Values+n.Other != 0 {
		t.Errorf("requests to the control port were counted: %+v", n)
	}
}

func TestControlRejectsOtherOrigins(t *testing.T) {
	s, _ := start(t, Options{ControlAddr: "127.0.0.1:0"})
	req, _ := http.NewRequest("POST", s.ControlURL()+"/fault", strings.NewReader(`{"mode":"down"}`))
	req.Header.Set("Origin", "https://example.com")
	if resp, _, err := send(req); err != nil || resp.StatusCode != 403 {
		t.Errorf("%v, %v; want 403", resp, err)
	}
}

func TestControlTruth(t *testing.T) {
	s, clock := start(t, Options{ControlAddr: "127.0.0.1:0", Seed: 4})
	wait, _ := s.Truth("K0W4ITGD", "Support", clock.Now())
	text, _ := s.Truth("K0G5LMNP", "", clock.Now())
	for _, tc := range []struct {
		name, query string
		status      int
		want        map[string]any
	}{
		{"duration", "id=K0W4ITGD&category=Support", 200, map[string]any{
			"metric": "K0W4ITGD", "category": "Support", "ok": true, "kind": "duration",
			"duration_ms": float64(wait.Duration) / float64(time.Millisecond)}},
		{"text", "id=K0G5LMNP", 200, map[string]any{"metric": "K0G5LMNP", "ok": true, "kind": "text", "text": text.Text}},
		{"no value", "id=K0R9PJTE", 200, map[string]any{"metric": "K0R9PJTE", "ok": false}},
		{"boolean", "id=K1ZB0VXD&category=Returns", 200, map[string]any{
			"metric": "K1ZB0VXD", "category": "Returns", "ok": true, "kind": "boolean", "boolean": false}},
		{"count", "id=K1M8TZQ4&category=Returns", 200, map[string]any{
			"metric": "K1M8TZQ4", "category": "Returns", "ok": true, "kind": "count", "count": 0.0}},
		{"a minute ago", "id=K0FLAEB6&at=2026-11-23T17:29:00Z", 200, nil},
		{"unknown metric", "id=NOPE", 404, nil},
		{"unknown category", "id=K0W4ITGD&category=Nobody", 404, nil},
		{"category of none", "id=K0FLAEB6&category=Support", 404, nil},
		{"bad instant", "id=K0FLAEB6&at=yesterday", 400, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, _ := http.NewRequest("GET", s.ControlURL()+"/truth?"+tc.query, nil)
			resp, body, err := send(req)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tc.status {
				t.Fatalf("status %d, want %d: %s", resp.StatusCode, tc.status, body)
			}
			if tc.want == nil {
				return
			}
			var got map[string]any
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if at, err := time.Parse(time.RFC3339Nano, got["at"].(string)); err != nil || !at.Equal(clock.Now()) {
				t.Errorf("at %v, want %v", got["at"], clock.Now())
			}
			delete(got, "at")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestControlPages(t *testing.T) {
	s, _ := start(t, Options{ControlAddr: "127.0.0.1:0"})
	for path, want := range map[string]string{
		"/":        "curl " + s.ControlURL() + "/fault",
		"/metrics": `"categorySelection":["Support","Sales","Billing","Returns"],"valueType":"DURATION"}`,
	} {
		req, _ := http.NewRequest("GET", s.ControlURL()+path, nil)
		resp, body, err := send(req)
		if err != nil || resp.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %v, %v, without %q: %s", path, resp, err, want, body)
		}
		if strings.Contains(body, s.Key()) {
			t.Errorf("%s shows the key", path)
		}
	}
}
