package app_test

import (
	"bufio"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waitboard/config"
	"waitboard/simulator"
)

// A follower reads a stream of events from its beginning to its end.
type follower struct {
	mu    sync.Mutex
	text  strings.Builder
	ended chan struct{} // closed when the stream has ended in order
}

// follow opens a stream, and reads it until it ends.
func (s *service) follow(path string) *follower {
	s.t.Helper()
	return s.followBy(&http.Client{Transport: s.client.Transport}, path)
}

func (s *service) followBy(client *http.Client, path string) *follower {
	s.t.Helper()
	r, _ := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	resp, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	f := &follower{ended: make(chan struct{})}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("%s: %d %v", path, resp.StatusCode, resp.Header)
	}
	f.add(resp.Proto + fmt.Sprint(resp.Header))
	go func() {
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			f.add(lines.Text())
		}
		if lines.Err() == nil {
			close(f.ended)
		}
	}()
	return f
}

func (f *follower) add(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text.WriteString(line + "\n")
}

func (f *follower) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text.String()
}

// lastHas reports whether the last snapshot contains a text.
func (f *follower) lastHas(text string) func() bool {
	return func() bool {
		all := f.String()
		return strings.Contains(all[max(strings.LastIndex(all, "event: snapshot"), 0):], text)
	}
}

// over reports whether the stream has ended in order.
func (f *follower) over() bool {
	select {
	case <-f.ended:
		return strings.HasSuffix(f.String(), "\n\n")
	default:
		return false
	}
}

const eventsYAML = `
sources: {hq: {url: %q, key_env: KEY}}
widgets:
  support: {title: Support, metrics: {waiting: {metric: K0FLAEB6}}}
  sales: {metrics: {waiting: {metric: K0FLAEB6}}}
  partner: {metrics: {waiting: {metric: K0FLAEB6}}}
`

// Streams continue through a reload, and send what it changes. They end in order when the origins change, when
// the widget is removed, when the address moves, and when the service stops.
func TestEventsThroughReloads(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 9})
	yaml := fmt.Sprintf(eventsYAML, sim.URL())
	load := func(changes ...string) *config.Config {
		return parse(t, strings.NewReplacer(changes...).Replace(yaml), map[string]string{"KEY": sim.Key()})
	}
	s := serveReloading(t, load())
	all := map[string]*follower{"several": s.follow("/v1/events?id=sales&id=support")}
	for _, id := range []string{"support", "sales", "partner"} {
		all[id] = s.follow("/v1/widgets/" + id + "/events")
	}
	for name, f := range all {
		s.within(long, name+" is open", f.lastHas(`"state":"open"`))
	}
	s.metric("waitboard_streams 4")

	s.reload(load("title: Support", "title: Service", "partner: {", "partner: {origins: ['https://www.example.com'], "))
	s.within(long, "the other title", all["support"].lastHas(`"title":"Service"`))
	s.within(long, "the other title, of several", all["several"].lastHas(`"title":"Service"`))
	s.within(long, "the end for any origin", all["partner"].over)
	if all["sales"].over() {
		t.Error("the stream of an unchanged widget has ended")
	}

	s.reload(load("title: Support", "title: Service", "  sales: {metrics: {waiting: {metric: K0FLAEB6}}}", ""))
	s.within(long, "the end of a removed widget", all["sales"].over)
	s.within(long, "the end of several with it", all["several"].over)
	if all["support"].over() {
		t.Error("the stream of a remaining widget has ended")
	}
	s.within(long, "one is counted", func() bool {
		_, metrics := s.get(s.admin + "/metrics")
		return strings.Contains(metrics, "\nwaitboard_streams 1\n")
	})

	elsewhere := load("title: Support", "title: Service")
	elsewhere.Listen = "localhost:0"
	s.reload(elsewhere)
	s.within(long, "the end at the old address", all["support"].over)
	s.url = s.app.URL()
	last := s.follow("/v1/widgets/support/events")
	s.within(long, "open at the new one", last.lastHas(`"state":"open"`))

	s.stop()
	s.within(long, "the end with the service", last.over)
}

// A service stops without waiting for streams, even those whose readers do not read.
func TestEventsDoNotDelayTheEnd(t *testing.T) {
	t.Parallel()
	sim := simulate(t, simulator.Options{Seed: 10})
	s := serve(t, parse(t, fmt.Sprintf(eventsYAML, sim.URL()), map[string]string{"KEY": sim.Key()}))
	var all []*follower
	for range 50 {
		all = append(all, s.follow("/v1/widgets/support/events"))
	}
	for range 50 {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1/events?id=support&id=sales", nil)
		resp, err := new(http.Client).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
	}
	s.stop()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
	close(s.ended) // for the cleanup, which waits for it too
	for _, f := range all {
		s.within(long, "the stream has ended in order", f.over)
	}
	if log := s.log.String(); !strings.Contains(log, "msg=stopped") {
		t.Errorf("the service did not stop in order: %s", log)
	}
}

// Streams work over HTTP/2 with and without TLS, and over HTTP/1.1 with TLS.
func TestEventsByEveryProtocol(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	secure := fmt.Sprintf("tls: {cert_file: %q, key_file: %q}", filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem"))
	tests := []struct {
		name, yaml, proto string
		change            func(*http.Transport)
	}{
		{"TLS", secure, "HTTP/2.0", func(*http.Transport) {}},
		{"TLS, HTTP/1.1", secure, "HTTP/1.1", func(tr *http.Transport) { tr.Protocols.SetHTTP2(false) }},
		{"h2c", "h2c: true", "HTTP/2.0", func(tr *http.Transport) { tr.Protocols.SetHTTP1(false) }},
		{"plain", "h2c: true", "HTTP/1.1", func(tr *http.Transport) { tr.Protocols.SetUnencryptedHTTP2(false) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				sim := w.simulate(simulator.Options{Seed: 11})
				certificate := selfSigned(w.t, folder, 1, time.Now().Add(time.Hour))
				s := w.serve(w.read(fmt.Sprintf(secureYAML, sim.URL(), test.yaml), map[string]string{"KEY": sim.Key()}))
				trusts := trusting(w.t, certificate)
				trusts.Timeout = 0
				transport := trusts.Transport.(*http.Transport)
				transport.DialContext = w.network.Dial
				transport.Protocols = new(http.Protocols)
				transport.Protocols.SetHTTP1(true)
				transport.Protocols.SetHTTP2(true)
				transport.Protocols.SetUnencryptedHTTP2(true)
				test.change(transport)
				f := s.followBy(trusts, "/v1/events?id=w")
				if got := f.String(); !strings.HasPrefix(got, test.proto) {
					t.Errorf("the protocol is %s", got)
				}
				s.within(lifeInterval, "open", f.lastHas(`"state":"open"`))
				s.end()
				w.pass(0)
				if !f.over() {
					t.Errorf("the stream has not ended with the service: %s", f)
				}
				transport.CloseIdleConnections()
			})
		})
	}
}
