package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/santhosh-tekuri/jsonschema/v6"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"waitboard/domain"
)

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func everything(h *Hook) { h.When, h.For = []Kind{Level, State, Stale, Source}, 20*time.Second }

// story makes everything happen that a hook reports. n is a value that is high.
func (w *world) story(n float64, cause string) {
	w.setSources(map[string]SourceState{canary + "support": {Condition: "ok"}})
	w.hold("support", 1, time.Minute)
	w.hold("support", n, time.Minute)
	w.setSources(map[string]SourceState{canary + "support": {"failing", cause}})
	w.pass(10 * time.Minute) // stale, unavailable
	w.setSources(map[string]SourceState{canary + "support": {"refused", cause}})
	w.pass(time.Minute)
	w.setSources(map[string]SourceState{canary + "support": {Condition: "ok"}})
	w.hold("support", 1, time.Minute)
	w.publisher.SetNotice("support", domain.Notice{Text: "Party", Closed: true})
	w.pass(time.Minute)
	w.publisher.SetNotice("support", domain.Notice{})
	w.hold("support", 1, time.Minute)
}

// Two histories that look the same to the public make the same messages, and those hold nothing else.
func TestMessagesAreAsPublicAsSnapshots(t *testing.T) {
	stories := map[bool][]string{}
	for _, n := range []float64{16, 19.5} { // both are shown as 20
		for _, private := range []bool{false, true} {
			inFakeTime(t, func(w *world) {
				r := w.receiver()
				w.replace(r.hook(everything, func(h *Hook) { h.Private, h.Widgets = private, []string{"support"} }))
				w.story(n, canary+fmt.Sprint(n))
				story := ""
				for _, d := range r.all() {
					story += d.body + "\n"
				}
				stories[private] = append(stories[private], story)
			})
		}
	}
	if diff := cmp.Diff(stories[false][0], stories[false][1]); diff != "" || strings.Contains(stories[false][0], canary) || strings.Contains(stories[false][0], "private") {
		t.Errorf("the messages differ, or leak: %s\n%s", diff, stories[false][0])
	}
	for _, want := range []string{`"values":{"wait":16}`, `"private":{"source":"CANARYsupport","cause":"CANARY16"}`} {
		if !strings.Contains(stories[true][0], want) {
			t.Errorf("private messages lack %s\n%s", want, stories[true][0])
		}
	}
}

// Every message passes the JSON Schema and the reference implementation of Standard Webhooks.
func TestMessages(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../docs/webhook.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	inFakeTime(t, func(w *world) {
		r := w.receiver()
		h := r.hook(everything, func(h *Hook) { h.Private, h.Widgets = true, []string{"support"} })
		w.replace(h)
		w.story(20, "timeout")
		env := w.hooks.o
		if problem := SendTest(context.Background(), h, env); problem != "" {
			t.Error(problem)
		}
		var got []string
		ids := map[string]bool{}
		for _, d := range r.all() {
			var m struct {
				Type string
				Data struct{ From, To, Summary, Text string }
			}
			if err := json.Unmarshal([]byte(d.body), &m); err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.TrimSpace(m.Type+" "+m.Data.Summary+" | "+m.Data.Text))
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(d.body))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s: %v", d.body, err)
			}
			if err := verifier.VerifyIgnoringTimestamp([]byte(d.body), d.header); err != nil {
				t.Errorf("%s: %v", d.body, err)
			}
			if ids[d.id] {
				t.Errorf("%s has the ID of another message", d.body)
			}
			ids[d.id] = true
		}
		want := []string{
			"widget.level Title of support, Waiting: high, was low | Title of support: Waiting 20",
			"source.state A source of support fails |",
			"widget.stale Title of support: not up to date | Title of support: Waiting 20 (not up to date)",
			"widget.state Title of support: unavailable, was open | Title of support: Not available",
			"source.state A source of support rejects the key |",
			"widget.level Title of support, Waiting: low, was high | Title of support: Waiting 5",
			"widget.stale Title of support: up to date again | Title of support: Waiting 5",
			"widget.state Title of support: open, was unavailable | Title of support: Waiting 5",
			"source.state A source of support works again |",
			"widget.state Title of support: closed, was open | Title of support: Party",
			"widget.state Title of support: open, was closed | Title of support: Waiting 5",
			"test A test of webhook chat by waitboard. Nothing has happened. |",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// A value that flaps makes one message at most.
func TestFlapping(t *testing.T) {
	inFakeTime(t, func(w *world) {
		r := w.receiver()
		w.replace(r.hook(func(h *Hook) { h.For = 2 * time.Minute }))
		for range 30 {
			w.hold("support", 20, time.Minute)
			w.hold("support", 1, time.Minute)
		}
		if got := r.conditions(); got != "" {
			t.Errorf("received %s", got)
		}
		w.hold("support", 20, 3*time.Minute)
		if got := r.conditions(); got != "high" {
			t.Errorf("received %s", got)
		}
	})
}

// The documented example: what has lasted is less than what the public sees now.
func TestRising(t *testing.T) {
	inFakeTime(t, func(w *world) {
		r := w.receiver()
		w.replace(r.hook(func(h *Hook) { h.For = 2 * time.Minute }))
		w.hold("support", 1, time.Minute)
		w.hold("support", 10, time.Minute)
		w.hold("support", 20, time.Minute+30*time.Second)
		if got := r.conditions(); got != "moderate" || !strings.Contains(r.all()[0].body, `"level":"high"`) {
			t.Errorf("received %s: %v", got, r.all())
		}
		w.hold("support", 20, time.Minute)
		if got := r.conditions(); got != "moderate high" {
			t.Errorf("received %s", got)
		}
	})
}

// Hooks are added, changed and removed while others stay.
func TestReplace(t *testing.T) {
	inFakeTime(t, func(w *world) {
		r, other := w.receiver(), w.receiver()
		otherHook := other.hook(func(h *Hook) { h.Name = "other" })
		w.replace(r.hook(), otherHook, Hook{Name: "broken"})
		for _, metric := range []string{"waitboard_webhook_queued", "waitboard_webhook_oldest_age_seconds"} {
			if got := w.metric(metric, "broken"); got != 0 {
				t.Errorf("%s of an unusable hook: %v", metric, got)
			}
		}
		w.set("support", 20)
		w.pass(time.Second)
		slack := r.hook(func(h *Hook) { h.Format = "slack" })
		w.replace(slack, otherHook) // changed: it remembers what it reported
		w.pass(time.Minute)
		w.set("support", 1)
		w.pass(time.Second)
		if all := r.all(); len(all) != 2 || !strings.Contains(all[1].body, `{"text":"Title of support, Waiting: low, was high`) || w.metric("waitboard_webhook_sent_total", name) != 2 {
			t.Errorf("received %v", all)
		}
		other.answers(status(500))
		w.set("support", 20)
		w.pass(time.Second)
		w.replace(slack)
		if !strings.Contains(w.logged(), `msg="webhook removed, dropping its queue" webhook=other messages=1`) {
			t.Errorf("the log is\n%s", w.logged())
		}
		if n, err := testutil.GatherAndCount(w.registry); err != nil || n != 5 || w.metric("waitboard_webhook_sent_total", "other") != -1 {
			t.Errorf("%d series, %v", n, err)
		}
		other.answers(nil)
		before := len(other.all())
		w.replace(slack, otherHook) // again: as if new
		w.pass(time.Minute)
		if got := strings.Fields(other.conditions())[before:]; strings.Join(got, " ") != "high" {
			t.Errorf("received %v", got)
		}
		if problems, err := testutil.GatherAndLint(w.registry); err != nil || len(problems) > 0 {
			t.Errorf("%v %v", problems, err)
		}
		w.publisher.Replace([]domain.Widget{widget("sales")})
		w.pass(time.Minute)
		if status := w.hooks.Status(); len(status) != 2 || status[0].Name != name || !status[0].Serving || status[0].Queued != 0 || status[0].Delivered.IsZero() {
			t.Errorf("%+v", status)
		}
		if text := fmt.Sprintf("%v %+v %#v", slack, w.hooks.Status(), slack); strings.Contains(text, canary) || strings.Contains(text, "whsec") {
			t.Errorf("printed: %s", text)
		}
	})
}
