package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// A hookReceiver records messages, and fails in several ways until it is told to behave.
type hookReceiver struct {
	t        *testing.T
	verifier *standardwebhooks.Webhook

	mu     sync.Mutex // guards what follows
	bodies map[string]string
	order  []hookMessage // each once, as it first came
	again  int           // deliveries of known messages
	tame   bool
}

type hookMessage struct {
	Type string
	Data struct {
		From, To string
		Widgets  []string
	}
}

func newHookReceiver(t *testing.T) (*hookReceiver, string) {
	verifier, err := standardwebhooks.NewWebhook(hookSecret)
	if err != nil {
		t.Fatal(err)
	}
	r := &hookReceiver{t: t, verifier: verifier, bodies: map[string]string{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, server.URL
}

func (r *hookReceiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the sender was killed
	}
	if err := r.verifier.Verify(body, request.Header); err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fate := rand.IntN(4)
	if fate == 0 && !r.tame {
		w.WriteHeader(http.StatusInternalServerError) // as if it never came
		return
	}
	id := request.Header.Get("Webhook-Id")
	if before, known := r.bodies[id]; known {
		r.again++
		if before != string(body) {
			r.t.Errorf("%s has two bodies:\n%s\n%s", id, before, body)
		}
	} else {
		var m hookMessage
		if err := json.Unmarshal(body, &m); err != nil {
			r.t.Errorf("%s: %v", body, err)
		}
		r.bodies[id] = string(body)
		r.order = append(r.order, m)
	}
	if fate == 1 && !r.tame {
		panic(http.ErrAbortHandler) // it has the message, and the sender doesn't know
	}
}

func (r *hookReceiver) behave() { r.mu.Lock(); defer r.mu.Unlock(); r.tame = true }

// last returns the last reported state of a widget.
func (r *hookReceiver) last(widget string) (to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.order {
		if m.Data.Widgets[0] == widget {
			to = m.Data.To
		}
	}
	return to
}

// checkChain checks that each message about a widget begins where the one before ended. A lost message, or one that was sent again under
// another ID, breaks the chain.
func (r *hookReceiver) checkChain() {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	last := map[string]string{}
	for i, m := range r.order {
		widget := m.Data.Widgets[0]
		if before, known := last[widget]; known && before != m.Data.From || m.Data.From == m.Data.To {
			r.t.Errorf("message %d about %s is from %s to %s, after %s", i, widget, m.Data.From, m.Data.To, before)
		}
		last[widget] = m.Data.To
	}
	r.t.Logf("%d messages, %d deliveries of known ones", len(r.order), r.again)
}

// A hookService is a process that the test kills.
type hookService struct {
	*testprogram.Process
	admin string
}

// serveHooks starts a process.
func serveHooks(t *testing.T, file string, env ...string) *hookService {
	t.Helper()
	testlevel.Short(t)
	p := testprogram.Serve(t, file, env...)
	return &hookService{p, strings.TrimSuffix(p.Admin(), "/")}
}

// toggle closes or opens a widget. It reports whether the service did it.
func (s *hookService) toggle(widget string, closed bool) bool {
	method, body := http.MethodDelete, ""
	if closed {
		method, body = http.MethodPut, `{"text":"Closed","closed":true}`
	}
	request, err := http.NewRequestWithContext(context.Background(), method, s.admin+"/widgets/"+widget+"/notice", strings.NewReader(body))
	if err != nil {
		panic(err) // the URL is valid
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode < 300
}

// sends reports whether the process serves the webhook.
func (s *hookService) sends(t *testing.T) bool {
	return strings.Contains(fetch(t, s.admin+"/metrics"), `waitboard_webhook_queued{webhook="chat"}`)
}

// eventually waits for a condition, much longer than it should take.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.NewTimer(2*time.Minute)
	defer tick.Stop()
	defer end.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatal("not in time: " + what)
		}
	}
}

// hookFile writes a configuration with two widgets and a webhook.
func hookFile(t *testing.T, sim *simulator.Simulator, more string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "waitboard.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, `
listen: 127.0.0.1:0
admin: localhost:0
%s
webhooks: {chat: {url_env: HOOK, secret_env: HOOK_SECRET, when: state, allow_private: true}}
sources: {hq: {url: %q, key_env: KEY, interval: 1s}}
widgets:
  support: {metrics: {waiting: {metric: K0FLAEB6}}}
  sales: {metrics: {waiting: {metric: K0FLAEB6}}}
`, more, sim.URL()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func startSimulator(t *testing.T) *simulator.Simulator {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return sim
}

// acceptedIn counts the messages of a journal, which may not exist yet.
func acceptedIn(journal string) int {
	raw, _ := os.ReadFile(journal)
	found := map[string]bool{}
	for _, id := range regexp.MustCompile(`msg_[0-9a-f]{32}`).FindAllString(string(raw), -1) {
		found[id] = true
	}
	return len(found)
}

// Killed at any moment of a delivery, the service loses no message that it has accepted, and repeats none under another ID.
func TestWebhooksKilledAtAnyMoment(t *testing.T) {
	sim := startSimulator(t)
	receiver, url := newHookReceiver(t)
	file := hookFile(t, sim, "data_dir: data")
	env := []string{"KEY=" + sim.Key(), "HOOK=" + url, "HOOK_SECRET=" + hookSecret}
	journal := filepath.Join(filepath.Dir(file), "data", "webhooks.journal")
	closed := map[string]bool{}
	lives := testlevel.Pick(10, 10, 100)
	for range lives {
		s := serveHooks(t, file, env...)
		life := time.NewTimer(time.Duration(rand.IntN(1000)) * time.Millisecond)
		const most = 8 // before the life may end, so that the queue, which holds 1,000 messages, is never full
		changes, before, over := 0, acceptedIn(journal), false
		for alive := true; alive; {
			widget := []string{"support", "sales"}[rand.IntN(2)]
			if (changes < most || over) && s.toggle(widget, !closed[widget]) {
				closed[widget] = !closed[widget]
				changes++
			}
			select {
			case <-life.C:
				over = true
			case <-time.After(time.Duration(rand.IntN(120)) * time.Millisecond):
			}
			alive = !over || acceptedIn(journal) == before // each life accepts a message
		}
		s.Kill()
	}
	receiver.behave()
	s := serveHooks(t, file, env...)
	defer s.Kill()
	for widget, want := range map[string]string{"support": "open", "sales": "open"} {
		if closed[widget] {
			want = "closed"
		}
		eventually(t, widget+" is "+want, func() bool { return receiver.last(widget) == want })
	}
	eventually(t, "the queue is empty", func() bool {
		return strings.Contains(fetch(t, s.admin+"/metrics"), `waitboard_webhook_queued{webhook="chat"} 0`)
	})
	receiver.checkChain()
	raw, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	accepted := map[string]bool{}
	for _, found := range regexp.MustCompile(`msg_[0-9a-f]{32}`).FindAllString(string(raw), -1) {
		accepted[found] = true
		if receiver.bodies[found] == "" {
			t.Errorf("%s was accepted, and never came", found)
		}
	}
	if len(accepted) != len(receiver.bodies) || len(accepted) < lives {
		t.Errorf("%d accepted, %d received", len(accepted), len(receiver.bodies))
	}
	if strings.Contains(string(raw), url) || strings.Contains(string(raw), hookSecret) || strings.Contains(s.Log(), url) {
		t.Error("the URL or the secret leaks")
	}
}

// Of two replicas one sends. When it is killed, the other one continues, and no message comes under a second ID.
func TestWebhooksOfReplicas(t *testing.T) {
	program(t) // skips first
	engine, sim := testengine.Start(t), startSimulator(t)
	receiver, url := newHookReceiver(t)
	file := hookFile(t, sim, "cluster: {url_env: ENGINE}")
	env := []string{"KEY=" + sim.Key(), "HOOK=" + url, "HOOK_SECRET=" + hookSecret, "ENGINE=" + engine.URL()}
	all := []*hookService{serveHooks(t, file, env...), serveHooks(t, file, env...)}
	defer func() { all[0].Kill(); all[1].Kill() }()
	closed := map[string]bool{}
	toggle := func(s *hookService) {
		t.Helper()
		widget := []string{"support", "sales"}[rand.IntN(2)]
		if s.toggle(widget, !closed[widget]) {
			closed[widget] = !closed[widget]
		}
		<-time.After(time.Duration(rand.IntN(100)) * time.Millisecond) // many changes are seen, some are not
	}
	holder := func() int {
		t.Helper()
		found := -1
		eventually(t, "one replica sends", func() bool {
			first, second := all[0].sends(t), all[1].sends(t)
			if found = 0; second {
				found = 1
			}
			return first != second
		})
		return found
	}
	for range testlevel.Pick(2, 2, 10) {
		for range 20 {
			toggle(all[rand.IntN(2)])
		}
		dies := holder()
		toggle(all[1-dies])
		all[dies].Kill()
		for range 5 {
			toggle(all[1-dies])
		}
		eventually(t, "the other one sends", func() bool { return all[1-dies].sends(t) })
		all[dies] = serveHooks(t, file, env...)
	}
	receiver.behave()
	for _, widget := range []string{"support", "sales"} {
		reach := func(closed bool, want string) {
			eventually(t, widget+" is "+want, func() bool { return all[0].toggle(widget, closed) && receiver.last(widget) == want })
		}
		reach(true, "closed")
		reach(false, "open")
	}
	receiver.checkChain()
}
