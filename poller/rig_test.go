package poller

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/readings"
)

// upstream is a source in memory. Like the real one, it rejects the whole request for a bad metric.
type upstream struct {
	mu           sync.Mutex
	list         []domain.MetricInfo
	listErr      error
	values       map[string]map[string]domain.Reading // by metric ID, then category
	updated      map[string]time.Time                 // by "ID/category"
	initializing map[string]bool                      // "ID" or "ID/category"
	bad          map[string]domain.Cause
	err          error
	latency      time.Duration
	requests     []request
}

type request struct {
	at  time.Time
	ids []string // nil: the list
}

func (u *upstream) Metrics(ctx context.Context) ([]domain.MetricInfo, error) {
	if err := u.begin(ctx, nil); err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.list), u.listErr
}

func (u *upstream) begin(ctx context.Context, ids []string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests = append(u.requests, request{time.Now(), ids})
	if u.latency > 0 {
		u.mu.Unlock()
		select {
		case <-time.After(u.latency):
		case <-ctx.Done():
		}
		u.mu.Lock()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return u.err
}

func (u *upstream) Values(ctx context.Context, ids []string) []domain.Batch {
	b := domain.Batch{IDs: ids, Asked: time.Now()}
	if b.Err = u.begin(ctx, ids); b.Err != nil {
		return []domain.Batch{b}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, id := range ids {
		if cause := u.bad[id]; cause != "" {
			b.Err = &domain.Failure{Cause: cause}
			return []domain.Batch{b}
		}
		if u.initializing[id] {
			b.Initializing = append(b.Initializing, domain.Key{Metric: id})
			continue
		}
		for category, r := range u.values[id] {
			key := domain.Key{Metric: id, Category: category}
			if u.initializing[id+"/"+category] {
				b.Initializing = append(b.Initializing, key)
			} else {
				b.Readings = append(b.Readings, domain.KeyedReading{Key: key, Reading: r, Updated: u.updated[id+"/"+category]})
			}
		}
	}
	b.Readings = append(b.Readings, domain.KeyedReading{Key: domain.Key{Metric: "never requested"}, Reading: domain.CountOf(1)})
	return []domain.Batch{b}
}

// change alters the upstream while the poller runs.
func (u *upstream) change(f func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	f()
}

// since counts all requests after a time, and those for the list.
func (u *upstream) since(t time.Time) (all, lists int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, r := range u.requests {
		if r.at.After(t) {
			all++
			if r.ids == nil {
				lists++
			}
		}
	}
	return all, lists
}

// counts is an upstream whose metrics M0, M1, … are calls in queues 0, 1, …
func counts(n int) *upstream {
	u := &upstream{values: map[string]map[string]domain.Reading{}, initializing: map[string]bool{}, bad: map[string]domain.Cause{}}
	for i := range n {
		id := fmt.Sprint("M", i)
		u.list = append(u.list, domain.MetricInfo{ID: id, Name: fmt.Sprint("Calls in queue ", i), CategoryType: "NONE"})
		u.values[id] = map[string]domain.Reading{"": domain.CountOf(float64(i))}
	}
	return u
}

// A rig runs a poller on an upstream, for a widget "w" that shows every metric.
type rig struct {
	*Poller
	up        *upstream
	publisher *publish.Publisher
	log       *bytes.Buffer
	start     time.Time
}

const interval = 10 * time.Second

// run starts a poller in a synctest bubble, and stops it when the test is over.
func run(t *testing.T, up *upstream, metrics ...domain.WidgetMetric) *rig {
	return runWith(t, up, Options{Source: up}, metrics...)
}

func runWith(t *testing.T, up *upstream, o Options, metrics ...domain.WidgetMetric) *rig {
	w := domain.Widget{ID: "w", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: interval}
	var wants []Want
	for _, m := range metrics {
		m.ID, m.Ref.Source = fmt.Sprint("m", len(wants)), "hq"
		w.Metrics = append(w.Metrics, m)
		want := Want{Metric: m.Ref.Metric, Categories: m.Categories, UsedBy: []string{"w." + m.ID}, ChosenBy: map[string][]string{}, StaleAfter: w.StaleAfter}
		for _, category := range m.Categories {
			want.ChosenBy[category] = want.UsedBy
		}
		wants = append(wants, want)
	}
	known := map[domain.Ref]domain.Observation{}
	for metric, observation := range o.Initial {
		known[domain.Ref{Source: "hq", Metric: metric}] = observation
	}
	store := readings.New(time.Now)
	store.Set(known)
	r := &rig{up: up, publisher: publish.New(publish.Options{Widgets: []domain.Widget{w}, Readings: store, Now: time.Now}), log: &bytes.Buffer{}, start: time.Now()}
	o.Name, o.Wants, o.Interval, o.Store, o.Now = "hq", wants, interval, r.publisher.Readings(), time.Now
	o.Metrics, o.Log = NewPrometheusMetrics(prometheus.NewRegistry()), slog.New(slog.NewTextHandler(r.log, nil))
	r.Poller = New(o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done; r.publisher.Close() })
	synctest.Wait()
	return r
}

func ref(metric string, categories ...string) domain.WidgetMetric {
	return domain.WidgetMetric{Ref: domain.Ref{Metric: metric}, Categories: categories, Combine: domain.Max}
}

// texts lists the texts of the widget.
func (r *rig) texts() (texts []string) {
	page, _ := r.publisher.Page("w")
	for _, m := range page.Snapshot.Metrics {
		texts = append(texts, m.Text)
	}
	return texts
}

func (r *rig) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) wantTexts(t *testing.T, when string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.texts()); diff != "" {
		t.Errorf("%s: shown (-want +got):\n%s", when, diff)
	}
}

func (r *rig) wantLogged(t *testing.T, times int, text string) {
	t.Helper()
	if n := strings.Count(r.log.String(), text); n != times {
		t.Errorf("logged %d times, want %d: %s\n%s", n, times, text, r.log)
	}
}

const na = "Not available"
