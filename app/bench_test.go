package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/checkpoint"
	"waitboard/config"
	"waitboard/datadir"
)

// BenchmarkPoll measures one poll, from the request over HTTP to finished pages, of n metrics for n widgets. "still" is the usual poll, which
// confirms every reading; in "moving" every one differs. Compare the sizes within one run: the cost
// must grow no faster than n.
func BenchmarkPoll(b *testing.B) {
	for _, n := range []int{10, 100, 1_000, 10_000} {
		for _, moving := range []bool{false, true} {
			name := map[bool]string{false: "still", true: "moving"}[moving]
			b.Run(fmt.Sprintf("metrics=%d/%s", n, name), func(b *testing.B) { benchmarkPoll(b, n, moving) })
		}
	}
}

func benchmarkPoll(b *testing.B, n int, moving bool) {
	f, poll := feedOf(b, n, moving, nil)
	b.ReportAllocs()
	for b.Loop() {
		poll()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/metric")
	for _, id := range []string{"w0", fmt.Sprint("w", n-1)} {
		if page, _ := f.publisher.Page(id); page.Snapshot.State != "open" || page.Snapshot.Stale {
			b.Fatalf("%s: %+v", id, page.Snapshot)
		}
	}
}

// BenchmarkCheckpoint measures the write of a checkpoint of n metrics, which happens at most every five seconds. Compare it with a "still" poll
// of n metrics.
func BenchmarkCheckpoint(b *testing.B) {
	for _, n := range []int{10, 100, 1_000, 10_000} {
		b.Run(fmt.Sprint("metrics=", n), func(b *testing.B) {
			dir, err := datadir.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer dir.Close()
			f, _ := feedOf(b, n, false, checkpoint.Open(dir, slog.New(slog.DiscardHandler)))
			b.ReportAllocs()
			for b.Loop() {
				f.save()
			}
			if f.saveFailed {
				b.Fatal("not written")
			}
		})
	}
}

// BenchmarkOperators measures what dashboards cost with 1,000 widgets: a sample of each metric once a minute, and the states of all widgets for
// each page.
func BenchmarkOperators(b *testing.B) {
	f, _ := feedOf(b, 1000, false, nil)
	b.Run("sample", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.sample(f.now())
		}
	})
	b.Run("states", func(b *testing.B) {
		b.ReportAllocs()
		shown := f.widgets()
		for b.Loop() {
			for i := range shown {
				page, _ := f.publisher.Page(shown[i].ID)
				f.widgetState(&shown[i], &page.Snapshot, f.now())
			}
		}
	})
}

// feedOf returns a feed of n metrics for n widgets after its first poll, and a function for the next polls.
func feedOf(b *testing.B, n int, moving bool, store *checkpoint.Store) (f *feed, poll func()) {
	clock := time.Now()
	server := httptest.NewServer(upstreamOf(n, moving))
	b.Cleanup(server.Close)
	cfg := &config.Config{Sources: []config.Source{{Name: "hq", URL: server.URL, Key: config.NewSecret("k"), Interval: 10 * time.Second, Timeout: time.Minute}}}
	for i := range n {
		cfg.Widgets = append(cfg.Widgets, config.Widget{ID: fmt.Sprint("w", i), Locale: "en", StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute,
			Metrics: []config.WidgetMetric{{ID: "m", Source: "hq", Metric: fmt.Sprint("M", i), Combine: "max", Label: "Calls in queue"}}})
	}
	f, err := newFeed(cfg, feedOptions{log: slog.New(slog.DiscardHandler), metrics: prometheus.NewRegistry(), now: func() time.Time { return clock }, store: store})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.close)
	poll = func() {
		clock = clock.Add(20 * time.Second)
		f.sources[0].poller.Step(context.Background())
	}
	poll() // reads the list and opens the connections
	return f, poll
}

// upstreamOf returns a source with metrics M0, M1, … that responds at once.
func upstreamOf(n int, moving bool) http.Handler {
	type listed struct {
		MetricID   string `json:"metricId"`
		MetricName string `json:"metricName"`
	}
	list := make([]listed, n)
	for i := range list {
		list[i] = listed{fmt.Sprint("M", i), fmt.Sprint("Metric ", i)}
	}
	body, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	var round atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ids := r.URL.Query().Get("id")
		if ids == "" {
			_, _ = w.Write(body)
			return
		}
		count := int64(3)
		if moving {
			count = round.Add(1)
		}
		fmt.Fprint(w, `{"results":[`)
		for i, id := range strings.Split(ids, ",") {
			if i > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, `{"key":{"metricId":%q},"value":{"lastUpdateTime":"2026-11-23T12:00:00.000-06:00","count":%d,"type":"COUNT"}}`, id, count)
		}
		fmt.Fprint(w, `],"initializing":[]}`)
	})
}
