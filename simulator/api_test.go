package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStatuses(t *testing.T) {
	s, _ := start(t, Options{})
	for _, tc := range []struct {
		name, path, auth string
		want             int
	}{
		{"list", "/rest" + metricsPath, "Bearer " + s.Key(), 200},
		{"list without /rest", metricsPath, "Bearer " + s.Key(), 200},
		{"scheme in lower case", metricsPath, "bearer " + s.Key(), 200},
		{"no key", metricsPath, "", 401},
		{"wrong key", metricsPath, "Bearer " + s.Key() + "x", 401},
		{"other scheme", metricsPath, "Basic " + s.Key(), 401},
		{"no key comes before no such metric", valuesPath + "?id=NOPE", "", 401},
		{"one value", "/rest" + valuesPath + "?id=K0FLAEB6", "Bearer " + s.Key(), 200},
		{"values without /rest", valuesPath + "?id=K0FLAEB6,K0W4ITGD", "Bearer " + s.Key(), 200},
		{"no id", valuesPath, "Bearer " + s.Key(), 400},
		{"empty ids", valuesPath + "?id=,,", "Bearer " + s.Key(), 400},
		{"unknown metric", valuesPath + "?id=K0FLAEB6,NOPE", "Bearer " + s.Key(), 404},
		{"unassigned metric", valuesPath + "?id=K0FLAEB6," + s.UnassignedID(), "Bearer " + s.Key(), 403},
		{"404 comes before 403", valuesPath + "?id=" + s.UnassignedID() + ",NOPE", "Bearer " + s.Key(), 404},
		{"other path", "/rest/api/v2", "Bearer " + s.Key(), 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, _ := http.NewRequest("GET", strings.TrimSuffix(s.URL(), "/rest")+tc.path, nil)
			if tc.auth != "" {
				req.Header.Set("Authorization", tc.auth)
			}
			resp, body, err := send(req)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tc.want {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, tc.want, body)
			}
			if got, want := resp.Header.Get("Date"), "Mon, 23 Nov 2026 17:30:00 GMT"; got != want {
				t.Errorf("Date %q, want %q", got, want)
			}
		})
	}
	if n := s.Requests(); n.List != 6 || n.Values != 8 || n.Other != 1 || n.ByStatus[404] != 3 || n.Cut != 0 {
		t.Errorf("counted %+v", n)
	}
}

func TestList(t *testing.T) {
	s, _ := start(t, Options{})
	_, body := request(t, s, metricsPath)

	wantStart := `[{"metricId":"K0FLAEB6","metricName":"Calls in Queue","categoryType":"NONE","categorySelection":[]},` +
		`{"metricId":"K08ZIKVN","metricName":"Longest Talk Time","categoryType":"AGENT","categorySelection":["John Doe(481)",`
	if !strings.HasPrefix(body, wantStart) {
		t.Errorf("the list starts with\n%.300s\nwant\n%s", body, wantStart)
	}
	if strings.Contains(body, s.UnassignedID()) {
		t.Error("the unassigned metric is on the list")
	}
	opaqueID := regexp.MustCompile(`^K[01][0-9A-Z]{6}$`)
	categories, types, names := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, m := range s.Metrics() {
		categories[m.CategoryType], types[m.ValueType] = true, true
		names[m.Name]++
		if (m.CategoryType == None) != (len(m.Categories) == 0) {
			t.Errorf("%s: type %s, categories %q", m.ID, m.CategoryType, m.Categories)
		}
		if !opaqueID.MatchString(m.ID) {
			t.Errorf("ID %q", m.ID)
		}
	}
	for _, want := range []string{None, Agent, Group, CallDirection, AccountCode} {
		if !categories[want] {
			t.Errorf("no metric of category type %s", want)
		}
	}
	for _, want := range []string{Boolean, Count, String, Duration, AverageDuration, Percentage, Absent} {
		if !types[want] {
			t.Errorf("no metric of value type %s", want)
		}
	}
	if names["Longest Talk Time"] != 2 {
		t.Error("no ambiguous name")
	}
}

// The formats match the examples on the vendor's page, field by field.
func TestFormats(t *testing.T) {
	at := time.Date(2019, 10, 1, 16, 17, 56, 496e6, time.UTC)
	for name, tc := range map[string]struct {
		line line
		want string
	}{
		"boolean":  {stated(false), `{"lastUpdateTime":"2019-10-01T09:17:56.496-07:00","value":false,"type":"BOOLEAN"}`},
		"count":    {counted(206), `{"lastUpdateTime":"2019-10-01T09:17:56.496-07:00","count":206,"type":"COUNT"}`},
		"absent":   {absent(), `{"lastUpdateTime":"2019-10-01T09:17:56.496-07:00"}`},
		"string":   {worded("string value"), `{"type":"STRING","lastUpdateTime":"2019-10-01T09:17:56.496-07:00","value":"string value"}`},
		"duration": {lasting(20521*time.Millisecond, 2, 1), `{"type":"DURATION","lastUpdateTime":"2019-10-01T09:17:56.496-07:00","finishedDuration":20521,"numCountingUp":2,"numCountingDown":1}`},
		"average":  {averaging(20521*time.Millisecond, 5, 2), `{"type":"AVERAGE_DURATION","lastUpdateTime":"2019-10-01T09:17:56.496-07:00","durationSum":20521,"count":5,"numCountingUp":2,"numCountingDown":0}`},
		"unknown":  {percent(87.5), `{"type":"PERCENTAGE","lastUpdateTime":"2019-10-01T09:17:56.496-07:00","percentage":87.5}`},
	} {
		t.Run(name, func(t *testing.T) {
			tc.line.updated = at
			got, err := json.Marshal(valueOf(tc.line, 0))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Values initialize as the vendor's page describes.
func TestInitializing(t *testing.T) {
	s, clock := start(t, Options{InitTime: 2 * time.Second, ForgetAfter: time.Minute})
	const (
		count = `{"metricId":"K0FLAEB6"}`
		group = `{"metricId":"K0W4ITGD","categoryValue":"Support"}`
	)
	for _, step := range []struct {
		name         string
		after        time.Duration
		ids          string
		status       int
		ready        []string
		initializing []string
	}{
		{"first asked", 0, "K0FLAEB6", 206, nil, []string{count}},
		{"too soon", 1999 * time.Millisecond, "K0FLAEB6", 206, nil, []string{count}},
		{"ready", time.Millisecond, "K0FLAEB6", 200, []string{count}, nil},
		{"another metric starts on its own", 0, "K0FLAEB6,K0W4ITGD", 206, []string{count}, []string{group}},
		{"both ready", 2 * time.Second, "K0FLAEB6,K0W4ITGD", 200, []string{count, group}, nil},
		{"just not forgotten", time.Minute, "K0FLAEB6", 200, []string{count}, nil},
		{"one forgotten", time.Second, "K0FLAEB6,K0W4ITGD", 206, []string{count}, []string{group}},
		{"ready again", 2 * time.Second, "K0FLAEB6,K0W4ITGD", 200, []string{count, group}, nil},
	} {
		clock.advance(step.after)
		resp, body := request(t, s, valuesPath+"?id="+step.ids)
		if resp.StatusCode != step.status {
			t.Fatalf("%s: status %d, want %d", step.name, resp.StatusCode, step.status)
		}
		results, initializing, _ := strings.Cut(body, `"initializing":`)
		for _, key := range step.ready {
			if !strings.Contains(results, key) {
				t.Errorf("%s: %s is not among the results: %s", step.name, key, body)
			}
		}
		for _, key := range step.initializing {
			if !strings.Contains(initializing, key) {
				t.Errorf("%s: %s is not initializing: %s", step.name, key, body)
			}
		}
		if len(step.initializing) == 0 && !strings.HasPrefix(initializing, "[]") {
			t.Errorf("%s: initializing is %s", step.name, initializing)
		}
		if len(step.ready) == 0 && !strings.HasPrefix(results, `{"results":[],`) {
			t.Errorf("%s: results are %s", step.name, results)
		}
	}
}

func TestRepeatedIDs(t *testing.T) {
	s, _ := start(t, Options{})
	if got := values(t, s, "K0FLAEB6", "K0FLAEB6"); len(got) != 1 {
		t.Errorf("%d results, want 1", len(got))
	}
	// Only the first parameter counts, as with Java's getParameter.
	if got := values(t, s, "K0FLAEB6&id=K0G5LMNP"); len(got) != 1 {
		t.Errorf("%d results, want 1", len(got))
	}
}

func TestMarkIsEverywhere(t *testing.T) {
	const mark = "LEAK~7."
	s, _ := start(t, Options{Mark: mark, Key: "secret"})
	if s.Key() != mark+"secret" {
		t.Errorf("key %q", s.Key())
	}
	for _, m := range s.Metrics() {
		for _, text := range append(m.Categories, m.ID, m.Name) {
			if !strings.HasPrefix(text, mark) {
				t.Errorf("%q has no mark", text)
			}
		}
		for _, v := range values(t, s, m.ID) {
			if text, ok := v.Value.Value.(string); ok && !strings.HasPrefix(text, mark) {
				t.Errorf("text %q of %s has no mark", text, m.Name)
			}
		}
	}
	for _, path := range []string{valuesPath, valuesPath + "?id=NOPE", valuesPath + "?id=" + s.UnassignedID(), "/nowhere"} {
		if resp, body := request(t, s, path); !strings.Contains(body, mark) || resp.StatusCode < 400 {
			t.Errorf("%s: %d without the mark: %s", path, resp.StatusCode, body)
		}
	}
}

func TestHostileText(t *testing.T) {
	s, _ := start(t, Options{})
	_, body := request(t, s, valuesPath+"?id=K0G5LMNP")
	if !strings.Contains(body, `"value":"<b>&\"'</b> `) {
		t.Errorf("markup is escaped: %s", body)
	}
}

func TestGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0": false, "identity": false,
	} {
		s, _ := start(t, Options{})
		req, _ := http.NewRequest("GET", s.URL()+metricsPath, nil)
		req.Header.Set("Authorization", "Bearer "+s.Key())
		// An explicit header keeps net/http from decompressing.
		req.Header.Set("Accept-Encoding", header)
		resp, body, err := send(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.HasPrefix(body, "\x1f\x8b"); got != want || (resp.Header.Get("Content-Encoding") == "gzip") != want {
			t.Errorf("Accept-Encoding %q: compressed %v, want %v", header, got, want)
		}
	}
}

func TestOptions(t *testing.T) {
	for name, tc := range map[string]struct {
		options Options
		want    string
	}{
		"negative speed":   {Options{Speed: -1}, "simulator: speed -1 must be above 0 and at most 1000"},
		"too fast":         {Options{Speed: 1001}, "simulator: speed 1001 must be above 0 and at most 1000"},
		"mark with comma":  {Options{Mark: "a,b"}, `simulator: mark "a,b" may hold letters, digits and . _ ~ - only`},
		"key with newline": {Options{Key: "a\nb"}, "simulator: the key may hold printable ASCII characters only"},
		"forget at once":   {Options{ForgetAfter: -1}, "simulator: forget-after -1ns must not be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Start(tc.options)
			if err == nil {
				s.Close()
				t.Fatal("no error")
			}
			if err.Error() != tc.want {
				t.Errorf("error %q, want %q", err, tc.want)
			}
		})
	}
}

func TestTakenPort(t *testing.T) {
	s, _ := start(t, Options{ControlAddr: "127.0.0.1:0"})
	for _, taken := range []string{s.URL(), s.ControlURL()} {
		u, err := url.Parse(taken)
		if err != nil {
			t.Fatal(err)
		}
		if other, err := Start(Options{Addr: u.Host}); err == nil {
			other.Close()
			t.Errorf("%s: no error for the API", u.Host)
		}
		if other, err := Start(Options{ControlAddr: u.Host}); err == nil {
			other.Close()
			t.Errorf("%s: no error for the control port", u.Host)
		}
	}
}

func TestAddressOfAllInterfaces(t *testing.T) {
	s, _ := start(t, Options{Addr: ":0"})
	if !strings.HasPrefix(s.URL(), "http://127.0.0.1:") {
		t.Errorf("URL %s", s.URL())
	}
	request(t, s, metricsPath)
}
