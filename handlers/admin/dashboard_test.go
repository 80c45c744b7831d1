package admin

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"waitboard/api/operator"
	"waitboard/internal/golden"
)

// The page escapes texts, shows a private value next to the public one, and has times in the zone of the widget, without seconds.
func TestDashboard(t *testing.T) {
	body := text(t, newFixture(t, nil, nil).do("GET", "/", ""))
	for _, part := range []string{
		`value="&lt;b&gt;down&lt;/b&gt;"`, `unchanged: ends in 2 h, at 07:00 MST</option>`, `<strong><bdi>&lt;i&gt;Help&lt;/i&gt;</bdi></strong> <bdi class="quiet">support</bdi>`,
		`<a href="https://wait.example.com/w/support">`, `action="widgets/sales/notice"`, "data_dir", "https://phones.example.com:9080", "key_env KEY", ">3:25</bdi></td>", ">4 min</bdi></td>",
	} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
	if strings.Contains(body, "<style") || strings.Contains(body, "style=") || strings.Contains(body, "<script>") {
		t.Errorf("the policy forbids a part of %s", body)
	}
}

// fullState returns a state that uses every field.
func fullState() operator.State {
	s := testState()
	at := func(d time.Duration) *time.Time { t := noon.Add(d); return &t }
	ahead := 3605.
	s.Config = operator.Config{Reason: "it has mistakes", Problems: []string{"waitboard.yaml:4:5: sources.hq.url: is missing"}, Files: []operator.File{{Name: "a.yaml", State: "skipped", Problems: []string{"a.yaml:1:1: is empty"}}}}
	s.Certificate = &operator.Certificate{Expires: *at(24 * time.Hour)}
	s.Cluster = &operator.Cluster{Replica: "a", Problem: "The engine of the cluster does not answer.", Replicas: []operator.Replica{{ID: "a", Leases: 1}}}
	s.Sources[0] = operator.Source{
		ID: "hq", Address: "https://phones.example.com:9080", State: "failing", Cause: "timeout", Detail: "no answer in time", FailingSince: at(-time.Minute), PolledBy: "a", LastPoll: at(-time.Second), Latency: 10,
		LastAnswer: at(-time.Hour), Hour: operator.Hour{Polls: []int{6, 6}, Failures: []int{0, 6}}, ClockAhead: &ahead, CertificateExpires: at(48 * time.Hour), Key: "key_env KEY", ConfigProblems: []string{"ca_file: is missing"},
		Subscription: operator.Subscription{State: "unavailable", Since: at(-time.Minute), Cause: "timeout", Detail: "no answer in time", Tried: at(-time.Minute), Next: at(time.Minute)},
		Metrics:      []operator.SourceMetric{{Reason: "not_found", Text: "no metric with this ID or exact name exists", Metric: "Wait", UsedBy: []string{"support.wait"}, Near: []string{"Wait time (M1)"}, Categories: []string{"Sales"}, Retry: at(time.Minute)}},
	}
	w := &s.Widgets[0]
	w.Message, w.Hours, w.Builder = "Closed", &operator.Hours{Until: at(time.Hour)}, "https://wait.example.com/?widget=support"
	w.Refused, w.EmbeddedBy = []operator.Site{{Site: "https://c.example", Requests: 7}}, []operator.Site{{Site: "https://www.example.com", Requests: 12}}
	w.Metrics[0].Confirmed, w.Metrics[0].Level, w.Metrics[0].Stale = at(-time.Hour), "low", true
	return s
}

// GET /api/state has everything that the page shows, and follows its schema.
func TestState(t *testing.T) {
	f := newFixture(t, nil, func(o *Options) {
		o.State = fullState
		o.Trend = func(widget, metric string) []float32 { return []float32{1, float32(math.NaN()), 2.5} }
		o.Webhooks = func() []operator.Webhook {
			return []operator.Webhook{{ID: "chat", State: "failing", Queued: 1, Oldest: &noon, Delivered: &noon, Problem: "status 500"}}
		}
	})
	body := text(t, f.do("GET", "/api/state", ""))
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile("../../docs/state.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "state.json", string(raw)+"\n")
	page := text(t, f.do("GET", "/", ""))
	for _, part := range []string{
		"the last attempt, 60 s ago: timeout, no answer in time; the next one in 60 s", ">60 min ahead<", `<bdi class="upstream">Wait time</bdi> (<bdi class="upstream">M1</bdi>).`, `<bdi>Wait</bdi> <bdi class="quiet">wait</bdi></th>`, "https://c.example</span>", "https://www.example.com</span>",
		`aria-label="Last hour: 12 polls, 6 failed"`, `aria-label="Last three hours: 0:01 to 0:02"`, "Status 500.</td>", "expires in 24 h", "a.yaml", "not connected",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("no %s in %s", part, page)
		}
	}
}

// A search finds parts of IDs, titles, labels and addresses, or one source or widget with what belongs to it.
func TestSearch(t *testing.T) {
	f := newFixture(t, nil, func(o *Options) {
		o.State = func() operator.State {
			s := testState()
			s.Sources = append(s.Sources, operator.Source{ID: "branch", State: "failing", Cause: "timeout", Detail: "no answer in time", Address: "http://10.0.0.7"})
			s.Widgets[1].Sources = []string{"branch", "hq"}
			return s
		}
	})
	for query, want := range map[string]string{
		"":                             "hq branch | support sales | 1",
		"q=sup":                        " | support | 0",
		"q=HELP+wait":                  " | support | 0",
		"q=help+nosuch":                " |  | 0",
		"q=10.0.0":                     "branch |  | 1",
		"q=h":                          "hq branch | support | 1",
		"q=widget:sales":               "hq branch | sales | 1",
		"q=source:branch":              "branch | sales | 1",
		"q=source:nosuch":              " |  | 0",
		"show=problems":                "branch |  | 1",
		"show=problems&q=widget:sales": "branch |  | 1",
		"show=problems&q=hq":           " |  | 0",
		"q=%zz":                        "hq branch | support sales | 1",
	} {
		var s operator.State
		if err := json.Unmarshal([]byte(text(t, f.do("GET", "/api/state?"+query, ""))), &s); err != nil {
			t.Fatal(err)
		}
		var sources, widgets []string
		for _, source := range s.Sources {
			sources = append(sources, source.ID)
		}
		for _, w := range s.Widgets {
			widgets = append(widgets, w.ID)
		}
		if got := fmt.Sprintf("%s | %s | %d", strings.Join(sources, " "), strings.Join(widgets, " "), len(s.Problems)); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	if page := text(t, f.do("GET", "/?q=widget:support", "")); !strings.Contains(page, `<details id="widget-support" open>`) || !strings.Contains(page, `name="view" value="q=widget%3Asupport"`) {
		t.Errorf("a widget alone is not open: %s", page)
	}
}

// An empty line says why.
func TestLineWithoutValues(t *testing.T) {
	for kind, want := range map[string]string{"duration": "not yet", "": "not yet", "text": "not for texts"} {
		if got := string((&dashboard{}).Line(&operator.Metric{Type: kind})); !strings.Contains(got, want) {
			t.Errorf("%q: %s", kind, got)
		}
	}
}

func TestPages(t *testing.T) {
	list := make([]int, 120)
	for i := range list {
		list[i] = i
	}
	for _, test := range []struct {
		query          string
		from, to       int
		previous, next string
	}{
		{"", 1, 50, "", "?page=2"},
		{"page=2&q=a&other=1", 51, 100, "?page=1&q=a", "?page=3&q=a"},
		{"page=3", 101, 120, "?page=2", ""},
		{"page=99", 101, 120, "?page=2", ""},
		{"page=-1", 1, 50, "", "?page=2"},
		{"page=x", 1, 50, "", "?page=2"},
	} {
		query, _ := url.ParseQuery(test.query)
		p, part := paged(query, "page", 50, list)
		if want := (pager{test.from, test.to, 120, test.previous, test.next}); p != want || part[0] != test.from-1 || len(part) != test.to-test.from+1 {
			t.Errorf("%q: %+v", test.query, p)
		}
	}
	if _, part := paged(nil, "page", 50, []int{}); len(part) != 0 {
		t.Errorf("an empty list has %d", len(part))
	}
}

// A problem leads to its source or widget on the same page, or alone on another one.
func TestProblemLinks(t *testing.T) {
	f := newFixture(t, nil, func(o *Options) {
		o.State = func() operator.State {
			s := testState()
			s.Sources = nil
			for i := range sourcesPerPage + 1 {
				s.Sources = append(s.Sources, operator.Source{ID: fmt.Sprintf("s%d", i), State: "ok"})
			}
			s.Sources[1].Metrics = []operator.SourceMetric{{Reason: "ambiguous", UsedBy: []string{"support.wait", "sales.wait"}}}
			for _, i := range []int{0, sourcesPerPage} {
				s.Sources[i].State, s.Sources[i].Cause = "failing", "timeout"
			}
			return s
		}
	})
	page := text(t, f.do("GET", "/", ""))
	for _, link := range []string{`<a href="#source-s0">`, `<a href="?q=source%3As20#source-s20">`, `<a href="#widget-support">support.wait</a>`, `<a href="#widget-sales">sales.wait</a>`} {
		if !strings.Contains(page, link) {
			t.Errorf("no %s", link)
		}
	}
}

func TestPageOfCrowdIsSmall(t *testing.T) {
	f := newFixture(t, nil, func(o *Options) { o.State, o.Trend = func() operator.State { return crowd(200, 1000) }, wave })
	body := text(t, f.do("GET", "/", "", "Accept-Encoding", "gzip"))
	whole := text(t, f.do("GET", "/", ""))
	t.Logf("%d bytes, compressed %d", len(whole), len(body))
	if len(body) > 50_000 || len(whole) > 500_000 {
		t.Errorf("%d bytes, compressed %d", len(whole), len(body))
	}
}

func wave(widget, metric string) []float32 {
	out := make([]float32, 180)
	for i := range out {
		out[i] = float32(200 + 150*math.Sin(float64(i+len(widget))/17))
	}
	return out
}

// crowd returns a state with healthy sources and widgets.
func crowd(sources, widgets int) operator.State {
	s := testState()
	w, source := s.Widgets[0], s.Sources[0]
	s.Widgets, s.Sources = nil, nil
	for i := range sources {
		source.ID, source.Hour = fmt.Sprintf("source-%d", i), operator.Hour{Polls: slices.Repeat([]int{6}, 60), Failures: make([]int, 60)}
		s.Sources = append(s.Sources, source)
	}
	for i := range widgets {
		w.ID, w.Sources, w.Metrics = fmt.Sprintf("widget-%d", i), []string{s.Sources[i%sources].ID}, slices.Repeat(w.Metrics[:1], 3)
		s.Widgets = append(s.Widgets, w)
	}
	return s
}

func BenchmarkDashboard(b *testing.B) {
	for _, path := range []string{"/", "/?q=source:source-7", "/api/state"} {
		f := newFixture(b, nil, func(o *Options) { o.State, o.Trend = func() operator.State { return crowd(200, 1000) }, wave })
		b.Run(path, func(b *testing.B) {
			size := 0
			for b.Loop() {
				size = int(f.do("GET", path, "", "Accept-Encoding", "gzip").ContentLength)
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
