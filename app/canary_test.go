package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"waitboard/internal/memnet"
	"waitboard/simulator"
)

const canary = "CANARY"

// The simulator marks its key, metric IDs, names, people and everything in its error texts. In health and in every
// fault, no public byte, no log line and no metric may contain a mark. The public must not see the
// upstream's address either. Operators see names of metrics and categories, of those in trouble alone.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	inFakeTime(t, nothingLeaks)
}

func nothingLeaks(w *world) {
	t := w.t
	sim := w.simulate(simulator.Options{Seed: 5, Mark: canary, LookEvery: time.Second})
	cfg := w.read(canaryConfig(sim), map[string]string{"KEY": sim.Key()})
	cfg.Sources[0].Interval, cfg.Sources[0].Timeout, cfg.DataDir = canaryInterval, canaryInterval, t.TempDir()
	cfg.Private = true // values, but no names of upstream
	s := w.serve(cfg)
	s.look = canaryInterval
	s.within(lifeInterval, "open", s.state("all", "open"))
	streams := s.canaryStreams()
	s.checkFaultsLeak(w, sim)
	streams = append(streams, s.canaryStreams()...) // the first ones may end meanwhile
	s.checkSocketLeaks(w, sim)
	s.end()
	s.checkFilesLeak(sim, cfg.DataDir)
	w.pass(0)
	for _, f := range streams {
		if sent := f.String(); !f.over() || strings.Contains(sent, canary) || strings.Contains(sent, hostOf(sim)) || strings.Count(sent, "event: snapshot") < 2 {
			t.Errorf("a stream leaks, does not end, or has too few events: %s", sent)
		}
	}
}

// canaryInterval is short, because there are many faults.
const canaryInterval = 2 * time.Second

// canaryConfig returns a configuration with a widget that shows every metric, and some that do not exist.
func canaryConfig(sim *simulator.Simulator) string {
	var yaml strings.Builder
	fmt.Fprintf(&yaml, "sources: {hq: {url: %q, key_env: KEY}}\nwidgets:\n  all:\n    metrics:\n", sim.URL())
	n := 0
	add := func(metric, rest string) {
		fmt.Fprintf(&yaml, "      m%d: {metric: %q%s}\n", n, metric, rest)
		n++
	}
	for _, m := range sim.Metrics() {
		if m.ValueType == simulator.String {
			continue // a text is public by definition
		}
		add(m.ID, "")
		add(m.Name, "") // some are ambiguous
		add(m.ID, ", combine: count")
		for _, category := range m.Categories[:min(2, len(m.Categories))] { // more categories add no other case
			add(m.ID, fmt.Sprintf(", category: %q", category))
		}
		add(m.ID, fmt.Sprintf(", category: %q", canary+" nobody(999)"))
	}
	add(sim.UnassignedID(), "")
	add(canary+"NOSUCH", "")
	add(canary+" no such name", "")
	return yaml.String()
}

func (s *service) canaryStreams() []*follower {
	return []*follower{s.follow("/v1/widgets/all/events"), s.follow("/v1/events?id=all&id=nosuch")}
}

// checkFaultsLeak checks everything in each fault of a phone system, after two more requests.
func (s *service) checkFaultsLeak(w *world, sim *simulator.Simulator) {
	s.t.Helper()
	faults := []simulator.Fault{
		{}, {Mode: simulator.ModeDown}, {Mode: simulator.ModeSlow, Delay: 2 * canaryInterval}, {Mode: simulator.ModeHang},
		{Mode: simulator.ModeGarbage}, {Mode: simulator.ModeHTML}, {Mode: simulator.ModeTruncated}, {Mode: simulator.ModeCut},
		{Mode: simulator.ModeOversized, Size: 9 << 20}, {Mode: simulator.ModeRestart}, {Skew: time.Hour},
		{Gone: sim.Metrics()[0].ID}, {Forbidden: sim.Metrics()[0].ID},
	}
	for _, status := range []int{400, 401, 403, 404, 418, 429, 500, 503, 509} {
		faults = append(faults, simulator.Fault{Mode: simulator.ModeStatus, Status: status})
	}
	for _, fault := range faults {
		w.fail(sim, fault)
		before := asked(sim)
		s.within(5*time.Minute, fmt.Sprintf("two more requests with %+v", fault), func() bool { return asked(sim) >= before+2 })
		s.checkLeaks(sim, fmt.Sprintf("%+v", fault))
	}
	w.fail(sim, simulator.Fault{})
	s.within(5*time.Minute, "open again", s.state("all", "open"))
	s.checkLeaks(sim, "recovered")
	if _, page := s.get(s.admin + "/?q=source:hq"); !strings.Contains(page, `<bdi class="upstream">`+canary+" no such name</bdi>") {
		s.t.Errorf("the dashboard does not name a missing metric: %s", page)
	}
}

// checkFilesLeak checks the checkpoint.
func (s *service) checkFilesLeak(sim *simulator.Simulator, dir string) {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, valuesFile))
	if text := string(data); err != nil || !strings.Contains(text, `"confirmed"`) || strings.Contains(text, canary) || strings.Contains(text, hostOf(sim)) {
		s.t.Errorf("the checkpoint leaks, or is empty: %v %s", err, text)
	}
}

// checkSocketLeaks checks everything in each fault of a subscription, whose address contains the key.
func (s *service) checkSocketLeaks(w *world, sim *simulator.Simulator) {
	s.t.Helper()
	var faults []simulator.Fault
	for _, socket := range []string{
		simulator.SocketDrop, simulator.SocketFreeze, simulator.SocketHalfOpen, simulator.SocketSlow, simulator.SocketFlood, simulator.SocketUnknown,
	} {
		faults = append(faults, simulator.Fault{Socket: socket})
	}
	for _, status := range []int{400, 401, 403, 404, 418, 429, 500, 503} {
		faults = append(faults, simulator.Fault{Socket: simulator.SocketDrop, Handshake: status})
	}
	faults = append(faults, simulator.Fault{Mode: simulator.ModeDown}, simulator.Fault{Mode: simulator.ModeRestart}, simulator.Fault{Mode: simulator.ModeStatus, Status: 401})
	for _, fault := range faults {
		w.fail(sim, simulator.Fault{})
		s.within(10*time.Minute, "subscribed before "+fmt.Sprintf("%+v", fault), s.subscribed("hq"))
		w.pass(7 * canaryInterval) // after six intervals a lost subscription is retried soon, before that later and later
		if fault.Socket == simulator.SocketFlood {
			w.fault(sim, floodSlowly)
		}
		w.fail(sim, fault)
		before := sim.Requests()
		s.within(5*time.Minute, fmt.Sprintf("two more requests with %+v", fault), func() bool {
			now := sim.Requests()
			return asked(sim) >= before.List+before.Values+before.Other+2 && (fault.Handshake == 0 || now.Subscriptions > before.Subscriptions)
		})
		s.checkLeaks(sim, fmt.Sprintf("%+v", fault))
		w.fault(sim, memnet.Fault{})
	}
	for _, text := range []string{s.log.String(), fmt.Sprint(s.get(s.admin + "/")), fmt.Sprint(s.get(s.admin + "/metrics"))} {
		if strings.Contains(text, "auth_token") || strings.Contains(text, "realtime-metric") {
			s.t.Errorf("the address of a subscription leaks: %s", text)
		}
	}
}

// subscribed reports whether the subscription to a source is active, by the metrics.
func (s *service) subscribed(source string) func() bool {
	return func() bool {
		_, body := s.get(s.admin + "/metrics")
		_, sockets, found := strings.Cut(body, fmt.Sprintf("waitboard_upstream_sockets{source=%q} ", source))
		return found && sockets[0] > '0'
	}
}

func asked(sim *simulator.Simulator) int64 {
	r := sim.Requests()
	return r.List + r.Values + r.Other
}

// answer returns the header and the body of a response.
func (s *service) answer(url string) (http.Header, string) {
	s.t.Helper()
	resp, err := s.client.Get(url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Header, string(body)
}

func (s *service) checkLeaks(sim *simulator.Simulator, when string) {
	s.t.Helper()
	host := hostOf(sim)
	for _, path := range []string{
		"/", "/healthz", "/readyz", "/v1/widgets", "/v1/widgets/all", "/v1/widgets/all/text", "/v1/widgets/all/shields.json", "/v1/widgets?id=all",
		"/v1/widgets/" + canary[:3], "/nosuch", "/assets/embed.css", "/assets/gallery.css", "/assets/gallery.js", "/v1/openapi.json", "/v1/snapshot.schema.json",
		"/v1/widgets/nosuch/events", "/v1/events", "/v1/events?id=nosuch",
		"/v1/widgets/all/badge.svg", "/v1/widgets/all/snippet", "/?widget=all&kind=iframe", "/embed/all", "/w/all?locale=de", "/oembed?url=" + s.url + "/w/all",
	} {
		header, body := s.answer(s.url + path)
		if public := fmt.Sprint(header) + body; strings.Contains(public, canary) || strings.Contains(public, host) {
			s.t.Errorf("%s: %s leaks: %s", when, path, public)
		}
	}
	s.checkDashboardLeaks(sim, when)
	for _, path := range []string{"/metrics", "/readyz?verbose", "/widgets/all", "/widgets/all/notice"} {
		if _, body := s.get(s.admin + path); strings.Contains(body, canary) {
			s.t.Errorf("%s: the admin's %s leaks: %s", when, path, body)
		}
	}
	if log := s.log.String(); strings.Contains(log, canary) {
		s.t.Errorf("%s: the log leaks: %s", when, log)
	}
}

// upstream matches what the dashboard marks as a name of the source.
var upstream = regexp.MustCompile(`<bdi class="upstream">[^<]*</bdi>`)

// named lists the fields of the state that may name upstream metrics and categories, all of them of metrics in trouble.
var named = []string{"sources.metrics.metric", "sources.metrics.near", "sources.metrics.categories", "problems.names", "problems.near"}

// checkDashboardLeaks checks that operators see names of metrics and categories only where one is in trouble.
func (s *service) checkDashboardLeaks(sim *simulator.Simulator, when string) {
	s.t.Helper()
	_, page := s.get(s.admin + "/")
	if rest := upstream.ReplaceAllString(page, ""); strings.Contains(rest, canary) || strings.Contains(page, sim.Key()) {
		s.t.Errorf("%s: the dashboard leaks: %s", when, rest)
	}
	_, body := s.get(s.admin + "/api/state")
	var state any
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		s.t.Fatal(err)
	}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, field := range v {
				if kind := fmt.Sprint(v["kind"]); path == "problems" && name == "names" && kind != "metric" && kind != "category" && kind != "quarantine" {
					walk(path+"."+kind, field)
					continue
				}
				walk(strings.TrimPrefix(path+"."+name, "."), field)
			}
		case []any:
			for _, each := range v {
				walk(path, each)
			}
		case string:
			if strings.Contains(v, canary) && !slices.Contains(named, path) {
				s.t.Errorf("%s: %s of the state leaks: %s", when, path, v)
			}
		}
	}
	walk("", state)
}

var someTaken = regexp.MustCompile(`(?m)^waitboard_upstream_messages_total\{outcome="taken",source="hq"\} [1-9]`)

// promtool check metrics accepts the metrics.
func TestMetricsAreWellFormed(t *testing.T) {
	t.Parallel()
	inFakeTime(t, metricsAreWellFormed)
}

func metricsAreWellFormed(w *world) {
	t := w.t
	sim := w.simulate(simulator.Options{Seed: 6})
	s := w.serve(w.read(fmt.Sprintf("sources: {hq: {url: %q, key_env: KEY}}\nwidgets: {w: {metrics: {m: {metric: K0FLAEB6}}}}", sim.URL()),
		map[string]string{"KEY": sim.Key()}))
	s.within(5*time.Minute, "the first push", func() bool {
		_, body := s.get(s.admin + "/metrics")
		return someTaken.MatchString(body)
	})
	status, body := s.get(s.admin + "/metrics")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", err, problems)
	}
	for _, line := range []string{
		`waitboard_upstream_requests_total{outcome="ok",source="hq"}`,
		`waitboard_poll_duration_seconds_count{source="hq"}`,
		`waitboard_source_data_age_seconds{source="hq"}`,
		`waitboard_upstream_sockets{source="hq"} 1`,
		`waitboard_upstream_connects_total{outcome="ok",source="hq"} 1`,
		`waitboard_upstream_disconnects_total{cause="missed_change",source="hq"} 0`,
		`waitboard_widgets{state="open"} 1`, `waitboard_snapshots_rendered_total `,
		`waitboard_http_requests_total{code="200",route="/v1/widgets/:id"}`,
		"waitboard_streams 0", "waitboard_streams_cut_total 0", `waitboard_streams_refused_total{limit="address"} 0`, `waitboard_stream_events_total{event="snapshot"} 0`,
		`waitboard_build_info{`,
		`process_resident_memory_bytes`, `go_goroutines`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no %s", line)
		}
	}
	if status, body := s.get(s.admin + "/debug/pprof/goroutine?debug=1"); status != http.StatusOK || !strings.Contains(body, "goroutine profile") {
		t.Errorf("pprof: %d", status)
	}
}
