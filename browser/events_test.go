package browser

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"waitboard/domain"
)

// EventSource handles a stream's events, its end, and a rejection.
func TestEventSource(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	var known []string // the Last-Event-ID of each connection; guarded by s.mu
	s.breakBy(func(_ http.ResponseWriter, r *http.Request) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/events") {
			known = append(known, r.Header.Get("Last-Event-ID"))
		}
		return false
	})
	b.open(s.page("/", `<script>
		window.received = [];
		const follow = (name, path) => {
			const source = window[name] = new EventSource('{api}' + path);
			for (const kind of ['open', 'error', 'message', 'snapshot', 'heartbeat'])
				source.addEventListener(kind, e => received.push({name, kind, data: e.data ? JSON.parse(e.data) : null, id: e.lastEventId}));
			return source;
		};
		follow('one', '/v1/widgets/sales/events');
		follow('both', '/v1/events?id=support&id=sales');
		const of = (name, kind) => received.filter(e => e.name == name && e.kind == kind);
	</script>`))
	b.wait(`of('one', 'snapshot').length == 1 && of('both', 'snapshot').length == 2`)
	if got := eval[string](b, `JSON.stringify(of('both', 'snapshot').map(e => e.data.id))`); got != `["support","sales"]` {
		t.Errorf("first snapshots: %s", got)
	}
	s.observe("calls", domain.CountOf(4), 0)
	b.wait(`of('one', 'snapshot').length == 2 && of('both', 'snapshot').length == 4`)
	page, _ := s.publisher.Page("sales")
	var want, got any
	if err := json.Unmarshal(page.Plain.Body, &want); err != nil {
		t.Fatal(err)
	}
	if got = eval[any](b, `of('one', 'snapshot').at(-1).data`); !equalJSON(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if id := eval[string](b, `of('one', 'snapshot').at(-1).id`); id != page.Change {
		t.Errorf("event id %q", id)
	}

	s.events.EndAll() // both reconnect with their last id, and receive no snapshot
	b.wait(`of('one', 'heartbeat').length >= 1 && of('both', 'heartbeat').length >= 2`)
	if n := eval[int](b, `received.filter(e => e.kind == 'snapshot').length`); n != 6 {
		t.Errorf("%d snapshots", n)
	}
	s.mu.Lock()
	if len(known) != 4 || slices.Index(known, "") > 1 || !slices.Contains(known[2:], page.Change) || slices.Contains(known[2:], "") {
		t.Errorf("reconnected with %q", known)
	}
	s.mu.Unlock()
	s.observe("calls", domain.CountOf(5), 0)
	b.wait(`of('one', 'snapshot').length == 3 && of('both', 'snapshot').length == 6`)

	eval[any](b, `follow('none', '/v1/widgets/nosuch/events')`)
	b.wait(`none.readyState == EventSource.CLOSED`)
	if n := eval[int](b, `of('one', 'message').length + of('both', 'message').length`); n != 0 {
		t.Errorf("%d events without a name", n)
	}
}

func equalJSON(a, b any) bool {
	one, err := json.Marshal(a)
	other, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(one) == string(other)
}
