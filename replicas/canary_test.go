package replicas

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
	"waitboard/simulator"
)

const canary = "CANARY"

// The engine never receives an upstream name, person, text, address or key. All its keys expire. The rules of docs/cluster.md are enough.
func TestEngineHoldsNothingInClear(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	w := newWorld(t, options{interval: 200 * time.Millisecond, speed: 60, mark: canary, configuration: everything})
	w.file = w.everyMetric()
	commands := w.monitor()
	w.allow()
	w.start(w.engine.URL())
	w.start(w.engine.URL())
	restricted := w.start(strings.Replace(w.engine.URL(), "redis://", "redis://waitboard:PASSWORD@", 1))
	w.eventually("the replicas share the work", w.shared)
	restricted.notice(http.MethodPut, `{"text":"Hello"}`)
	for _, r := range w.all { // each of them polls
		status, body := r.get(r.URL + "/v1/widgets/all")
		if status != http.StatusOK || !strings.Contains(body, `"state":"open"`) {
			t.Fatalf("%d %s", status, body)
		}
		w.eventually("it shows the notice", func() bool {
			_, body := r.get(r.URL + "/v1/widgets/all")
			return strings.Contains(body, "Hello")
		})
	}
	w.fails(simulator.Fault{Mode: simulator.ModeStatus, Status: http.StatusInternalServerError})
	w.fails(simulator.Fault{})
	c := newReader(t, "/v1/widgets/all", true)
	w.eventually("many changes", func() bool {
		c.read(restricted.URL)
		return c.answers-c.unchanged > 30
	})
	n, everyKey := w.dump()
	w.clean(fmt.Sprintf("the %d keys", n), everyKey)
	restricted.notice(http.MethodDelete, "")
	others := w.without(restricted)
	w.all = []*replica{restricted}
	for _, r := range others {
		r.Signal(syscall.SIGTERM)
	}
	w.holder()
	began := w.sim.Requests().Values
	w.eventually("it polls", func() bool { return w.sim.Requests().Values > began })
	n, everyKey = w.dump()
	w.clean(fmt.Sprintf("the %d keys", n), everyKey)
	text := commands()
	w.clean("MONITOR", text)
	t.Logf("%d commands, %d bytes", strings.Count(text, "\n"), len(text))
	if denied := w.client.Do(context.Background(), "ACL", "LOG").String(); strings.Contains(denied, "reason") {
		t.Errorf("denied: %s", denied)
	}
}

// fails sets a fault of the phone system, and waits for its effect on some polls.
func (w *world) fails(f simulator.Fault) {
	w.Helper()
	if err := w.sim.SetFault(f); err != nil {
		w.Fatal(err)
	}
	began := w.sim.Requests().Values
	w.eventually("some polls", func() bool { return w.sim.Requests().Values > began+3 })
}

// everything is a configuration whose widget shows all metrics, also texts.
const everything = `
listen: 127.0.0.1:0
admin: localhost:0
{cluster}
sources: {hq: {url: "{source}", key_env: KEY, interval: {interval}, mode: {mode}}}
widgets: {all: {metrics: {{metrics}}}}
`

// everyMetric writes that configuration.
func (w *world) everyMetric() (file string) {
	var metrics strings.Builder
	for i, m := range w.sim.Metrics() {
		fmt.Fprintf(&metrics, "m%d: {metric: %q}, n%d: {metric: %q}, ", i, m.ID, i, m.Name)
		if len(m.Categories) > 0 {
			fmt.Fprintf(&metrics, "c%d: {metric: %q, category: %q}, ", i, m.ID, m.Categories[0])
		}
	}
	w.o.configuration = strings.Replace(w.o.configuration, "{metrics}", metrics.String(), 1)
	return w.write("cluster: {url_env: ENGINE}")
}

// clean fails the test if a text has something that the engine must not see.
func (w *world) clean(what, text string) {
	w.Helper()
	source, _ := url.Parse(w.sim.URL())
	for _, secret := range []string{canary, source.Host, w.sim.Key()} {
		if at := strings.Index(text, secret); at >= 0 {
			w.Errorf("%s: %q in %q", what, secret, text[max(at-100, 0):min(at+100, len(text))])
		}
	}
	if len(text) < 1000 {
		w.Errorf("%s: only %q", what, text)
	}
}

// monitor collects all commands that the engine receives, until the function that it returns is called.
func (w *world) monitor() (stop func() string) {
	conn, err := net.Dial("tcp", w.engine.Addr())
	if err != nil {
		w.Fatal(err)
	}
	from := bufio.NewReader(conn)
	_, _ = io.WriteString(conn, "MONITOR\r\n")
	if line, err := from.ReadString('\n'); err != nil || line != "+OK\r\n" {
		w.Fatal(line, err)
	}
	var text strings.Builder
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(&text, from) })
	return func() string {
		_ = conn.Close()
		reading.Wait()
		return text.String()
	}
}

// dump returns all keys and values of the engine. Every key must have a time to live.
func (w *world) dump() (n int, text string) {
	w.Helper()
	ctx := context.Background()
	var out strings.Builder
	keys, err := w.client.Keys(ctx, "*").Result()
	if err != nil {
		w.Fatal(err)
	}
	for _, key := range keys {
		var value any
		switch kind := w.client.Type(ctx, key).Val(); kind {
		case "string":
			value = w.client.Get(ctx, key).Val()
		case "hash":
			value = w.client.HGetAll(ctx, key).Val()
		case "zset":
			value = w.client.ZRangeWithScores(ctx, key, 0, -1).Val()
		case "none": // it has expired
		default:
			w.Errorf("%s is a %s", key, kind)
		}
		fmt.Fprintf(&out, "%s %v\n", key, value)
		if left := w.client.PTTL(ctx, key).Val(); left == -1 {
			w.Errorf("%s does not expire", key)
		}
	}
	return len(keys), out.String()
}

// allow adds the user of docs/cluster.md to the engine.
func (w *world) allow() {
	w.Helper()
	page, err := os.ReadFile("../docs/cluster.md")
	if err != nil {
		w.Fatal(err)
	}
	_, rules, _ := strings.Cut(string(page), "ACL SETUSER ")
	rules, _, ok := strings.Cut(rules, "\n")
	if !ok {
		w.Fatal("the page has no rules")
	}
	args := []any{"ACL", "SETUSER"}
	for rule := range strings.FieldsSeq(rules) {
		args = append(args, rule)
	}
	if err := w.client.Do(context.Background(), args...).Err(); err != nil {
		w.Fatal(err)
	}
}

// notice changes the notice of a widget.
func (r *replica) notice(method, body string) {
	r.Helper()
	request, err := http.NewRequest(method, r.Admin()+"/widgets/all/notice", strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(request)
	if err != nil {
		r.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		r.Errorf("%s of a notice: %s", method, resp.Status)
	}
}
