package browser

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/api/operator"
	"waitboard/domain"
	"waitboard/handlers/admin"
	"waitboard/internal/testlevel"
	"waitboard/locale"
	"waitboard/notices"
	"waitboard/publish"
)

// A board is the operators' side of a made-up service.
type board struct {
	url     string
	changes admin.Changes
	notices *notices.Store
	streams atomic.Int32 // open ones

	mu    sync.Mutex // guards what follows
	state operator.State
}

// newBoard serves a state. The notices are real.
func newBoard(t testing.TB, state operator.State) *board {
	t.Helper()
	b := &board{state: state}
	var widgets []domain.Widget
	for _, w := range state.Widgets {
		widgets = append(widgets, domain.Widget{ID: w.ID, Title: w.Title, Locale: locale.English()})
	}
	publisher := publish.New(publish.Options{Widgets: widgets, Now: time.Now})
	t.Cleanup(publisher.Close)
	publisher.Watch(func(string) { b.changes.Notify() })
	log := slog.New(slog.DiscardHandler)
	var err error
	if b.notices, err = notices.Open(notices.Options{Show: publisher.SetNotice, Now: time.Now, Log: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.notices.Close)
	handler := admin.New(admin.Options{
		Metrics: prometheus.NewRegistry(), State: b.read, Publisher: publisher, Notices: b.notices, Changes: &b.changes, Loopback: true, Now: time.Now, Log: log,
		Trend: trendOf,
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			b.streams.Add(1)
			defer b.streams.Add(-1)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		b.changes.Close()
		server.Close()
	})
	b.url = server.URL + "/"
	return b
}

// read returns the state with the notices of this moment.
func (b *board) read() operator.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.state
	s.Widgets = append([]operator.Widget{}, s.Widgets...)
	for i := range s.Widgets {
		if n, ok := b.notices.Get(s.Widgets[i].ID); ok {
			s.Widgets[i].Notice = &operator.Notice{Text: n.Text, Closed: n.Closed}
			if !n.Until.IsZero() {
				s.Widgets[i].Notice.Until = &n.Until
			}
		}
	}
	return s
}

// change changes the state, and notifies the pages.
func (b *board) change(work func(s *operator.State)) {
	b.mu.Lock()
	s := b.state
	s.Sources, s.Widgets = append([]operator.Source{}, s.Sources...), append([]operator.Widget{}, s.Widgets...)
	work(&s)
	b.state = s
	b.mu.Unlock()
	b.changes.Notify()
}

// trendOf returns three hours of a made-up metric, with a gap.
func trendOf(widget, metric string) []float32 {
	out := make([]float32, 180)
	phase := float64(len(widget) + 3*len(metric))
	for i := range out {
		x := float64(i)
		out[i] = float32(math.Round(200 + 150*math.Sin(x/17+phase) + 40*math.Sin(x/3+phase)))
		if i > 60 && i < 75 {
			out[i] = float32(math.NaN())
		}
	}
	return out
}

func before(d time.Duration) *time.Time {
	t := time.Now().Add(-d)
	return &t
}

func busyHour(failures int) (h operator.Hour) {
	for i := range 60 {
		failed := 0
		if i >= 60-failures {
			failed = 6
		}
		h.Polls, h.Failures = append(h.Polls, 6), append(h.Failures, failed)
	}
	return h
}

// healthy returns a state without problems.
func healthy(sources, widgets int) operator.State {
	names := []string{"Customer support", "Sales", "Billing", "Kundendienst", "Repairs and returns", "Pharmacy", "Night line"}
	s := operator.State{Now: time.Now(), Version: "1.2.3", Config: operator.Config{InForce: true}, NoticesPersistent: true, Sources: []operator.Source{}, Widgets: []operator.Widget{}}
	ahead := 0.2
	for i := range sources {
		id := fmt.Sprintf("tenant-%03d", i)
		if i == 0 {
			id = "hq"
		}
		s.Sources = append(s.Sources, operator.Source{
			ID: id, Address: "https://" + id + ".example.com:9080", State: "ok", LastPoll: before(3 * time.Second), Latency: .024 + float64(i%7)/50, LastAnswer: before(3 * time.Second), Hour: busyHour(0),
			Subscription: operator.Subscription{State: "active", Since: before(5 * time.Hour)}, ClockAhead: &ahead, Key: "key_env CHRONICALL_KEY",
		})
	}
	for i := range widgets {
		id := fmt.Sprintf("%s-%d", strings.ToLower(strings.Fields(names[i%len(names)])[0]), i)
		if i == 0 {
			id = "support"
		}
		source := s.Sources[i*sources/widgets].ID
		w := operator.Widget{ID: id, Title: names[i%len(names)], State: "open", Zone: "America/Denver", Page: "https://wait.example.com/w/" + id, Builder: "https://wait.example.com/?widget=" + id, Sources: []string{source}}
		for j, m := range []operator.Metric{
			{ID: "wait", Label: "Current wait time", Type: "duration", Value: 205., Text: "3:25", Public: "4 min", Level: "low"},
			{ID: "waiting", Label: "Calls in queue", Type: "count", Value: 12., Text: "12", Public: "10 or more", Level: "moderate"},
			{ID: "answered", Label: "Usually answered within", Type: "duration", Value: 3725., Text: "1:02:05", Public: "More than 30 min", Level: "high"},
		} {
			if j > 0 && i%3 == 0 && j > 1 {
				continue
			}
			m.Source, m.Confirmed = source, before(3*time.Second)
			w.Metrics = append(w.Metrics, m)
		}
		if i%5 == 2 {
			until := time.Now().Add(9 * time.Hour)
			w.State, w.Message, w.Hours = "closed", "Closed until 8:00 AM", &operator.Hours{Until: &until}
			for j := range w.Metrics {
				w.Metrics[j].Public, w.Metrics[j].Level = "", ""
			}
		}
		s.Widgets = append(s.Widgets, w)
	}
	return s
}

// troubled returns a state with one of every kind of problem.
func troubled() operator.State {
	s := healthy(6, 9)
	s.NoticesPersistent = false
	s.Config = operator.Config{Reason: "it has mistakes", Problems: []string{"waitboard.yaml:4:5: sources.hq.key_env: the environment variable CHRONICAL_KEY is not set (set it where waitboard is started, or use key_file)"},
		Files: []operator.File{{Name: "clients/a.yaml", State: "ok"}, {Name: "clients/b.yaml", State: "previous", Problems: []string{"clients/b.yaml:3:5: widgets.b.colour: is not a known key"}}}}
	s.Cluster = &operator.Cluster{Replica: "a-1f2e3d4c", Connected: true, Replicas: []operator.Replica{{ID: "a-1f2e3d4c", Leases: 3}, {ID: "b-99aa88bb", Leases: 2}}}
	s.Webhooks = []operator.Webhook{{ID: "chat", State: "ok", Delivered: before(time.Minute)}, {ID: "pager", State: "failing", Queued: 7, Oldest: before(12 * time.Minute), Delivered: before(3 * time.Hour), Problem: "The receiver answers with status 500"}}
	for i := range 6 {
		s.Webhooks = append(s.Webhooks, operator.Webhook{ID: fmt.Sprint("team-", i), State: "failing", Queued: 1, Problem: "the connection is refused; does it listen on that host and port?"})
	}
	skew, retry, soon := -3605., time.Now().Add(4*time.Minute), time.Now().Add(90*time.Second)
	fail := func(i int, cause, detail string) {
		source := &s.Sources[i]
		source.State, source.Cause, source.Detail, source.FailingSince, source.LastAnswer, source.Hour = "failing", cause, detail, before(11*time.Minute), before(11*time.Minute), busyHour(11)
		source.Subscription = operator.Subscription{State: "unavailable", Since: before(11 * time.Minute), Cause: "unreachable", Detail: "the connection broke", Tried: before(2 * time.Minute), Next: &soon}
	}
	fail(1, "unauthorized", "the key is rejected (status 401)")
	fail(2, "untrusted_tls", "this port does not speak TLS; try http:// in the address")
	s.Sources[3].State, s.Sources[3].PolledBy = "follows", "b-99aa88bb"
	s.Sources[3].LastPoll, s.Sources[3].Hour = nil, operator.Hour{Polls: make([]int, 60), Failures: make([]int, 60)}
	s.Sources[4].ClockAhead = &skew
	s.Sources[4].Metrics = []operator.SourceMetric{
		{Reason: "not_found", Text: "no metric with this ID or exact name exists, or none is assigned to the key's user", Metric: "Current Wait Tim", UsedBy: []string{"support.wait"}, Near: []string{"Current Wait Time (K0FLAEB2)", "Longest Wait Time (K0FLAEB3)"}},
		{Reason: "quarantined", Text: "the source rejects it: forbidden", Metric: "K0FLAEB6", UsedBy: []string{"support.waiting"}, Retry: &retry},
		{Reason: "category_missing", Text: "a chosen category value is not among those of the metric", Metric: "Calls", UsedBy: []string{"sales-1.waiting", "billing-2." + strings.Repeat("answered", 8)}, Categories: []string{"Sales & Service"}},
	}
	s.Widgets[0].Metrics[0].Value, s.Widgets[0].Metrics[0].Text, s.Widgets[0].Metrics[0].Public, s.Widgets[0].Metrics[0].Level = nil, "", "Not available", ""
	s.Widgets[0].EmbeddedBy = []operator.Site{{Site: "https://www.example.com", Requests: 18220}, {Site: "https://shop.example.com", Requests: 9120}, {Site: "https://help.example.org", Requests: 12}}
	last := &s.Widgets[8]
	last.State = "unavailable"
	for j := range last.Metrics {
		last.Metrics[j].Hidden, last.Metrics[j].Public, last.Metrics[j].Level, last.Metrics[j].Confirmed = true, "Not available", "", before(20*time.Minute)
	}
	s.Widgets[5].Stale, s.Widgets[5].Metrics[0].Stale = true, true
	s.Widgets[3].Refused = []operator.Site{{Site: "https://copycat.example", Requests: 40}, {Site: "http://localhost:3000", Requests: 2}}
	return s
}

// The dashboard fits phones and has no findings of axe, in light and dark, with and without problems, closed and opened.
func TestDashboardLooks(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]operator.State{"troubled": troubled(), "healthy": healthy(2, 4), "empty": healthy(0, 0), "crowded": healthy(200, 1000)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "crowded" {
				long(t)
			}
			s := newBoard(t, state)
			b := newInspector(t)
			for _, view := range []struct {
				scheme string
				width  int64
				long   bool
			}{{"light", 320, false}, {"dark", 1280, false}, {"light", 390, true}, {"light", 1280, true}, {"dark", 320, true}, {"dark", 390, true}} {
				if view.long && album == "" && !testlevel.Pick(false, false, true) {
					continue
				}
				b.prefer("prefers-color-scheme", view.scheme)
				b.resize(view.width, 900)
				b.open(s.url)
				b.wait(live)
				b.keep(fmt.Sprintf("dashboard-%s-%s-%d", name, view.scheme, view.width))
				if name == "crowded" {
					continue
				}
				for _, open := range []int{0, 12} {
					eval[any](b, fmt.Sprintf(`Array.from(document.querySelectorAll('details')).slice(0, %d).forEach(d => d.open = true)`, open))
					if is := eval[int64](b, `document.documentElement.scrollWidth`); is > view.width {
						t.Errorf("%s, %d opened: %d px wide at %d", view.scheme, open, is, view.width)
					}
					b.inspect(fmt.Sprintf("%s %d, %d opened", view.scheme, view.width, open))
				}
				b.keep(fmt.Sprintf("dashboard-%s-opened-%s-%d", name, view.scheme, view.width))
			}
			if name == "troubled" {
				b.prefer("forced-colors", "active", "prefers-color-scheme", "dark")
				b.open(s.url)
				b.wait(live)
				b.keep("dashboard-forced")
			}
			b.quiet()
		})
	}
}

// What is opened in a card stays within it on phones and desks, also a notice with an end and a long text value.
func TestDashboardFits(t *testing.T) {
	t.Parallel()
	state := healthy(1, 3)
	state.Widgets[0].Metrics[0].Type, state.Widgets[0].Metrics[0].Text = "text", strings.Repeat("Everybody is in a call, ", 10)
	s, b := newBoard(t, state), newTab(t, 1280, 900)
	if _, err := s.notices.Set("support", domain.Notice{Text: strings.Repeat("Phones are down. ", 8), Until: time.Now().Add(100 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	b.open(s.url)
	b.wait(live)
	eval[any](b, `document.querySelectorAll('details').forEach(d => d.open = true)`)
	for _, width := range []int64{320, 360, 390, 1280} {
		b.resize(width, 900)
		const wide = `Array.from(document.querySelectorAll('.more :is(table, td, th, dl, dt, dd, form, p, a, select, input, button)')).filter(e => {
			const range = document.createRange();
			range.selectNodeContents(e);
			const parent = e.closest('td, th, .more').getBoundingClientRect();
			return [e, range].some(b => { const r = b.getBoundingClientRect(); return r.width && (r.right > parent.right + 1 || r.left < parent.left - 1); });
		}).map(e => e.outerHTML.slice(0, 60))`
		if found := eval[[]string](b, wide); len(found) > 0 {
			t.Errorf("at %d px these are cut off: %q", width, found)
		}
		b.keep(fmt.Sprintf("dashboard-fits-%d", width))
	}
	b.quiet()
}

// live is true when the page follows changes.
const live = `document.querySelector('#live').textContent == 'Live'`
