package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/internal/testlevel"
	"waitboard/locale"
	"waitboard/publish"
)

const ms = 1. // amounts are in milliseconds

// A trial is a policy and two courses of a metric. A course is a list of readings, one for each poll. The policy may make the courses equal.
type trial struct {
	metric domain.WidgetMetric
	other  []int // the readings of another metric of the widget, the same in both courses
	course [2][]domain.Reading
	queue  [2][]int               // of an estimate: how many callers wait; course is then their wait
	learnt [2]*domain.Expectation // of an estimate
}

const (
	polls      = 4
	pollEvery  = 9 * time.Second
	sampling   = 100 * time.Millisecond // all comparisons are at multiples of it
	staleAfter = 25 * time.Second
	hideAfter  = 35 * time.Second
)

// randomTrial draws amounts close together, so that many pairs look the same.
func randomTrial(r *rand.Rand) trial {
	t := trial{metric: domain.WidgetMetric{ID: "m", Label: "Wait", Ref: domain.Ref{Source: "hq", Metric: "m"}}}
	kind, unit := domain.Duration, 1000*ms
	if r.IntN(3) == 0 {
		kind, unit = domain.Count, 1
	}
	amount := func(most int) float64 { return float64(1+r.IntN(most)) * unit }
	d := &t.metric.Display
	switch d.Kind = kind; r.IntN(4) {
	case 0:
		d.Round, d.Rounding = amount(120), domain.Rounding(r.IntN(3))
	case 1:
		d.Below = amount(200)
		d.Above = d.Below + amount(100)
		d.Round = amount(60)
	case 2:
		d.Below, d.Round = amount(100), amount(60)
		d.HideZero = true
	case 3:
		for edge := 0.; len(d.Buckets) < 1+r.IntN(5); d.Buckets = append(d.Buckets, edge) {
			edge += amount(120)
		}
	}
	running := true
	if r.IntN(3) == 0 && d.Below == 0 && (d.Round > 0 || d.Buckets != nil) {
		d.Hold.Least = time.Duration(r.IntN(30)) * time.Second
		running = false // hysteresis depends on the instant at which a line crosses a step, which is public
	}
	if r.IntN(3) == 0 {
		t.metric.Levels = domain.Levels{Kind: kind, Moderate: amount(100), High: 100*unit + amount(100)}
		t.metric.Link = domain.Link{When: domain.High, Label: "Callback", URL: "https://www.example.com/"}
	}
	t.metric.History = domain.History{Keep: time.Hour, MinWeeks: 1, Alone: d.HideZero}
	center := float64(r.IntN(300)) * unit
	for range polls {
		t.other = append(t.other, r.IntN(2))
		for i := range t.course {
			t.course[i] = append(t.course[i], randomReading(r, kind, running, max(0, math.Round(center+r.NormFloat64()*8*unit))))
		}
	}
	return t
}

func randomReading(r *rand.Rand, kind domain.Kind, running bool, amount float64) domain.Reading {
	switch {
	case r.IntN(10) == 0:
		amount = 0
	case kind == domain.Count:
	case running && r.IntN(2) == 0:
		return domain.Line(time.Duration(amount)*time.Millisecond, float64(r.IntN(4)), time.Now().Add(-time.Second))
	}
	if kind == domain.Count {
		return domain.CountOf(amount)
	}
	return domain.Line(time.Duration(amount)*time.Millisecond, 0, time.Now())
}

// look returns what the policy shows of an amount, by the documentation and without package domain.
func look(d *domain.Display, l *domain.Levels, amount float64) string {
	level := "none"
	if l.High > 0 {
		level = "low"
		if amount >= l.Moderate {
			level = "moderate"
		}
		if amount >= l.High {
			level = "high"
		}
	}
	switch {
	case d.HideZero && amount == 0:
		return "nothing"
	case d.Below > 0 && amount < d.Below:
		return "below " + level
	case d.Above > 0 && amount >= d.Above:
		return "above " + level
	case len(d.Buckets) > 0:
		n := 0
		for n < len(d.Buckets) && amount >= d.Buckets[n] {
			n++
		}
		return fmt.Sprint("bucket ", n, " ", level)
	}
	steps := math.Ceil(amount/d.Round - 1e-9)
	switch d.Rounding {
	case domain.Down:
		steps = math.Floor(amount/d.Round + 1e-9)
	case domain.Nearest:
		steps = math.Floor(amount/d.Round + .5)
	}
	if d.HideZero && steps == 0 {
		return "nothing"
	}
	return fmt.Sprint("step ", steps, " ", level)
}

// sameLooks reports whether the policy shows the same of both courses at every sample.
func (t *trial) sameLooks(start time.Time) bool {
	for after := time.Duration(0); after <= (polls-1)*pollEvery+hideAfter; after += sampling {
		before, now := max(after-1, 0)/pollEvery, after/pollEvery // at the instant of a poll, the reading of before may still count
		if at := start.Add(after); !t.sameLooksAt(at, min(int(before), polls-1)) || !t.sameLooksAt(at, min(int(now), polls-1)) {
			return false
		}
	}
	return true
}

// sameLooksAt does so at one instant, with the readings of a poll.
func (t *trial) sameLooksAt(at time.Time, poll int) bool {
	var looks [2]string
	for i, course := range t.course {
		if t.metric.Estimate != nil {
			looks[i] = t.looksOfEstimate(i, poll, at)
			continue
		}
		r := course[poll]
		looks[i] = look(&t.metric.Display, &t.metric.Levels, math.Round(r.Base+r.Rate*float64(at.Sub(r.Instant).Milliseconds())))
	}
	return looks[0] == looks[1]
}

// A twin is a service that shows one course.
type twin struct {
	*publish.Publisher
	serve   func(target, encoding string) string
	gauges  func() string // the public values for Prometheus
	streams []*transcript
	close   func()
}

// A transcript holds everything that a stream sent.
type transcript struct {
	header http.Header
	mu     sync.Mutex
	text   strings.Builder
}

func (s *transcript) Header() http.Header { return s.header }
func (s *transcript) WriteHeader(int)     {}
func (s *transcript) Flush()              {}
func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func newTwin(w domain.Widget) *twin {
	p := publish.New(publish.Options{Widgets: []domain.Widget{w}, Now: time.Now})
	metrics := prometheus.NewRegistry()
	events := NewEvents(EventOptions{Publisher: p, Metrics: metrics, Now: time.Now, Pace: DefaultPace, Random: func() float64 { return .5 }}) // the same random numbers for both twins
	h := New(Options{Now: time.Now, Publisher: p, Widgets: []pages.Offered{{ID: "w"}}, PublicURL: "http://localhost", Metrics: metrics,
		Events: events, EventLimits: EventLimits{Total: 10}, Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true }})
	t := &twin{Publisher: p}
	ctx, cancel := context.WithCancel(context.Background())
	var open sync.WaitGroup
	for _, path := range []string{"/v1/widgets/w/events", eventsPath + "?id=w", eventsPath + "?id=w&id=nosuch"} {
		s := &transcript{header: http.Header{}}
		t.streams = append(t.streams, s)
		open.Go(func() { h.ServeHTTP(s, httptest.NewRequest("GET", path, nil).WithContext(ctx)) })
	}
	synctest.Wait() // until all streams are open
	t.close = func() {
		cancel()
		open.Wait()
		events.Close()
		p.Close()
	}
	public := prometheus.NewRegistry()
	public.MustRegister(p.Collector(func() bool { return false }))
	t.gauges = func() string {
		all, err := public.Gather()
		return fmt.Sprint(all, err)
	}
	t.serve = func(target, encoding string) string {
		r, answer := httptest.NewRequest("GET", target, nil), httptest.NewRecorder()
		r.Header.Set("Accept-Encoding", encoding)
		h.ServeHTTP(answer, r)
		return fmt.Sprint(answer.Code, answer.Header(), answer.Body)
	}
	return t
}

// outlets returns all public addresses of the route table. Pages take long, and files show no widget, so the test does not try every
// pair on them.
func outlets() (paths, pages, files []string) {
	p := &public{counted: newRequestCounter(prometheus.NewRegistry())}
	for _, route := range p.routes().Routes() {
		if route.Method != "GET" || route.Path == eventsPath || route.Path == eventsOfOne { // the test reads streams separately
			continue
		}
		path := strings.NewReplacer(":id", "w", ":name", "embed.css").Replace(route.Path)
		switch {
		case path == openAPIPath || path == schemaPath || strings.HasSuffix(path, ".js") || strings.HasSuffix(path, ".css"):
			files = append(files, path)
		case path == "/" || path == "/embed/w" || path == "/w/w" || strings.Contains(path, "/badge.") || strings.Contains(path, "typical.svg") || strings.HasSuffix(path, "/chart"):
			pages = append(pages, path)
		default:
			paths = append(paths, path)
		}
	}
	paths = append(paths, widgetsPath+"?id=w", oembedPath+"?url=http://localhost/w/w")
	return paths, append(pages, "/embed/w?locale=ar&layout=line", "/embed/w?locale=de&chart=week", "/w/w?chart=day", "/v1/widgets/w/typical.svg?range=week", "/v1/widgets/w/chart?range=week&locale=fr"), files
}

// kind returns the parts of the policy that affect what is shown.
func (t *trial) kind() string {
	d := &t.metric.Display
	return fmt.Sprint(d.Kind, d.Round > 0, d.Below > 0, d.Above > 0, d.HideZero, len(d.Buckets) > 0, d.Hold.Least > 0, t.metric.Levels.High > 0)
}

// Two courses that are equal under the policy are indistinguishable. Every address sends the same bytes and headers at every moment, and streams
// send the same events. The instant of a change between two samples is public.
//
// The test tries one pair of each kind of policy, on one page.
func TestEqualUnderPolicyIsIndistinguishable(t *testing.T) {
	checkEqual(t, randomTrial, 1_000, 20, func(tried map[string]int, kind string) bool { return tried[kind] == 0 })
}

func TestEqualUnderPolicyIsIndistinguishableInManyTrials(t *testing.T) {
	testlevel.Full(t)
	checkEqual(t, randomTrial, 1_500, 300, func(map[string]int, string) bool { return true })
}

// checkEqual draws random pairs. It compares those that are equal under the policy, if wants accepts the number of tried pairs of their kind.
func checkEqual(t *testing.T, draw func(*rand.Rand) trial, trials, least int, wants func(tried map[string]int, kind string) bool) {
	t.Helper()
	random := rand.New(rand.NewPCG(21, 22))
	paths, pages, files := outlets()
	var languages []*locale.Locale
	for _, tag := range locale.Supported() {
		language, err := locale.New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		languages = append(languages, language)
	}
	equal, tried := 0, map[string]int{}
	for range trials {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			trial := draw(random)
			if !trial.sameLooks(start) || !wants(tried, trial.kind()) {
				return
			}
			all, some := paths, pages[equal%len(pages):][:1]
			if equal == 0 {
				all = slices.Concat(paths, files)
			}
			trial.run(t, start, all, some, languages[equal%len(languages)])
			tried[trial.kind()]++
			equal++
		})
		if t.Failed() {
			return
		}
	}
	if equal < least {
		t.Errorf("only %d of %d pairs were equal", equal, trials)
	}
}

// typical returns a week whose hours all have the least and the most that is remembered of a course; nil: nothing.
func (tr *trial) typical(w *domain.Widget, course int, start time.Time) *domain.TypicalWeek {
	week := &domain.TypicalWeek{}
	low, high := math.Inf(1), math.Inf(-1)
	for poll, r := range tr.course[course] {
		at := start.Add(time.Duration(poll) * pollEvery)
		seen := domain.Observation{Confirmed: at, Complete: at, Kind: r.Kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: at}}}
		for after := time.Duration(0); after < pollEvery; after += 10 * sampling {
			remembered, _ := w.Remember(0, domain.Inputs{Observed: []domain.Observation{seen, {}}}, at.Add(after))
			if remembered.Kind != domain.None {
				week.Kind, low, high = remembered.Kind, min(low, remembered.Amount), max(high, remembered.Amount)
			}
		}
	}
	if week.Kind == domain.None {
		return nil
	}
	for hour := range week.Hours {
		// A quarter of the hours is the same in all courses, so that the charts have a scale.
		week.Hours[hour] = domain.TypicalHour{Low: low, High: high, Weeks: 3}
		if hour%4 == 0 {
			week.Hours[hour] = domain.TypicalHour{Low: 60_000, High: 600_000, Weeks: 3}
		}
	}
	return week
}

// run compares the paths at each moment, and the pages at every third.
func (tr *trial) run(t *testing.T, start time.Time, paths, pages []string, language *locale.Locale) {
	w := domain.Widget{ID: "w", Title: "W", Locale: language, Notice: "Notice", StaleAfter: staleAfter, HideAfter: hideAfter, RefreshAfter: pollEvery,
		Metrics: []domain.WidgetMetric{tr.metric, {ID: "other", Label: "Other", Ref: domain.Ref{Source: "hq", Metric: "other"}}}}
	twins := [2]*twin{newTwin(w), newTwin(w)}
	defer twins[0].close()
	defer twins[1].close()
	for i := range twins {
		if tr.metric.Estimate == nil {
			twins[i].SetTypical(domain.Placement{Widget: "w", Metric: "m"}, tr.typical(&w, i, start))
		}
		twins[i].SetExpectation(domain.Placement{Widget: "w", Metric: "m"}, tr.learnt[i])
		synctest.Wait()
	}
	observe := func(p *publish.Publisher, confirmed time.Time, readings map[string]domain.Reading) {
		observed := map[string]domain.Observation{}
		for metric, r := range readings {
			observed[metric] = domain.Observation{Confirmed: confirmed, Complete: confirmed, Kind: r.Kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: confirmed}}}
		}
		p.Readings().Apply("hq", observed)
	}
	moments := 0
	compare := func(when string) {
		synctest.Wait()
		moments++
		for i, one := range twins[0].streams {
			if a, b := one.String(), twins[1].streams[i].String(); a != b || !strings.Contains(a, "event: snapshot") {
				t.Fatalf("stream %d, %s, after %v: %+v and %+v differ under %+v:\n%s\n%s", i, when, time.Since(start), tr.course[0], tr.course[1], tr.metric, a, b)
			}
		}
		if a, b := twins[0].gauges(), twins[1].gauges(); a != b || !strings.Contains(a, "waitboard_widget_state") {
			t.Fatalf("metrics, %s, after %v: %+v and %+v differ under %+v:\n%s\n%s", when, time.Since(start), tr.course[0], tr.course[1], tr.metric, a, b)
		}
		asked := paths
		if moments%3 == 1 {
			asked = slices.Concat(paths, pages)
		}
		for i, path := range asked {
			encoding := []string{"gzip", "identity"}[(moments+i)%2]
			if a, b := twins[0].serve(path, encoding), twins[1].serve(path, encoding); a != b {
				t.Fatalf("%s, %s, after %v: %+v and %+v differ under %+v:\n%s\n%s", path, when, time.Since(start), tr.course[0], tr.course[1], tr.metric, a, b)
			}
		}
	}
	for poll := range polls {
		for i := range twins {
			readings := map[string]domain.Reading{"m": tr.course[i][poll]}
			if tr.metric.Estimate != nil {
				readings["queue"] = domain.CountOf(float64(tr.queue[i][poll]))
			}
			observe(twins[i].Publisher, time.Now(), readings)
		}
		compare("polled")
		time.Sleep(pollEvery * 6 / 10)
		for i := range twins {
			observe(twins[i].Publisher, time.Now(), map[string]domain.Reading{"other": domain.CountOf(float64(tr.other[poll]))})
		}
		compare("another metric was polled")
		time.Sleep(pollEvery * 4 / 10)
	}
	for end := time.Now().Add(hideAfter); time.Now().Before(end); time.Sleep(5500 * time.Millisecond) {
		compare("no more readings")
	}
	compare("hidden")
}
