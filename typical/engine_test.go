package typical

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/cluster"
	"waitboard/domain"
	"waitboard/history"
	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
	"waitboard/locale"
	"waitboard/readings"
)

// nodes are replicas without a data folder and their engine. Their clock moves only when they do.
type nodes struct {
	*testing.T
	engine *testengine.Engine
	now    time.Time
	steps  int
	all    []*node
}

type node struct {
	*Collector
	cluster   *cluster.Cluster
	readings  *readings.Store
	changes   *readings.Subscription
	published *domain.TypicalWeek
	kill      func()
}

func newNodes(t *testing.T) *nodes {
	t.Helper()
	w := &nodes{T: t, engine: testengine.Start(t), now: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)} // a Monday, the second day of the week
	t.Cleanup(func() {
		for _, n := range w.all {
			n.kill()
		}
	})
	return w
}

// start starts a replica.
func (w *nodes) start() *node {
	w.Helper()
	now := func() time.Time { return w.now }
	n := &node{readings: readings.New(now)}
	log := slog.New(slog.DiscardHandler)
	var err error
	if n.cluster, err = cluster.New(w.Context(), cluster.Options{
		URL: w.engine.URL(), TTL: time.Second, Store: n.readings, Metrics: prometheus.NewRegistry(), Now: time.Now, Log: log,
	}); err != nil {
		w.Fatal(err)
	}
	n.Collector = New(Options{
		Readings: n.readings, Replicas: n.cluster, Now: now, Log: log,
		Notice:  func(string) domain.Notice { return domain.Notice{} },
		Publish: func(_ domain.Placement, week *domain.TypicalWeek) { n.published = week },
	})
	n.changes = n.readings.Subscribe()
	n.Replace([]domain.Widget{{
		ID: testID, Locale: locale.English(), StaleAfter: 2 * time.Minute, HideAfter: 5 * time.Minute, Zone: time.UTC,
		Metrics: []domain.WidgetMetric{{ID: "wait", Ref: ref, History: domain.History{Keep: 8 * 7 * 24 * time.Hour, MinWeeks: 1, Low: 0.25, High: 0.8}}},
	}})
	n.cluster.OnHistory(n.Refresh)
	member := n.cluster.Join(cluster.SourceOptions{
		Name: ref.Source, URL: "https://example.com/rest", Key: "key", Interval: time.Second, Wanted: func([][]byte) {}, Poll: func(bool) {},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); n.cluster.Run(ctx) }()
	n.kill = func() { cancel(); <-ended; member.Leave(); n.changes.Close() }
	w.all = append(w.all, n)
	w.eventually("it knows what is saved", func() bool { return n.trackers[placement].resumed })
	return n
}

// end ends a replica without a last save, as a crash does.
func (w *nodes) end(n *node) {
	n.kill()
	for i, each := range w.all {
		if each == n {
			w.all = append(w.all[:i:i], w.all[i+1:]...)
		}
	}
	if len(w.all) > 0 {
		w.holder()
	}
}

// eventually lets replicas do what waits, until something is done.
func (w *nodes) eventually(what string, done func() bool) {
	w.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); ; {
		for _, n := range w.all {
			n.resume()
			for n.addOne() {
			}
		}
		if done() {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			w.Fatal("never: " + what)
		}
	}
}

func (w *nodes) holder() (holder *node) {
	w.Helper()
	w.eventually("one replica holds the source", func() bool {
		holders := 0
		for _, n := range w.all {
			if n.cluster.Holds(ref.Source) {
				holder = n
				holders++
			}
		}
		return holders == 1
	})
	return holder
}

// pass lets minutes pass, with a wait.
func (w *nodes) pass(minutes int, seconds float64) {
	for range 2 * minutes {
		w.now = w.now.Add(30 * time.Second)
		w.steps++
		for _, n := range w.all {
			(&world{store: n.readings}).observeAt(w.now, seconds)
			n.take(n.changes.Take())
			n.advance()
			for n.addOne() {
			}
			if w.steps%10 == 0 { // five minutes
				n.save()
			}
		}
	}
}

// same waits until all replicas publish an hour with the same values, and returns it.
func (w *nodes) same(hour int) (got domain.TypicalHour) {
	w.Helper()
	w.eventually("all publish the same", func() bool {
		got = domain.TypicalHour{}
		for i, n := range w.all {
			if n.published == nil || i > 0 && n.published.Hours[hour] != got {
				return false
			}
			got = n.published.Hours[hour]
		}
		return got.Weeks > 0
	})
	return got
}

// Replicas without a data folder lose five minutes at most when they end without a last save, one after the other. They write everything
// back to an engine that has lost it.
func TestWithoutAFolder(t *testing.T) {
	testlevel.Short(t)
	w := newNodes(t)
	w.start()
	w.start()
	w.pass(33, 60)
	w.end(w.holder())
	w.pass(4, 60)
	last := w.start()
	w.end(w.all[0])
	w.pass(24, 60)
	hours := last.saved().Hours()
	if len(hours) != 1 || hours[0].Total() < 55*time.Minute || hours[0].Total() > time.Hour {
		t.Fatalf("of an hour in which each replica ended or began: %+v", hours)
	}
	w.start()
	before := w.same(24 + 9)
	if !near(before.Low, 60_000) || !near(before.High, 60_000) {
		t.Errorf("published: %+v", before)
	}

	w.pass(30, 120)
	w.engine.Kill()
	w.eventually("all notice", func() bool { return !w.all[0].cluster.Connected() && !w.all[1].cluster.Connected() })
	w.engine.Restart()
	w.eventually("the archive is written back", func() bool {
		raw, err := w.all[0].cluster.LoadHistory(ref.Source, "support.wait")
		return err == nil && raw != nil
	})
	w.holder()
	w.pass(5, 120)      // writes back the hour that goes on
	newest := w.start() // knows nothing but what the engine has
	w.end(w.all[0])
	w.end(w.all[0])
	w.pass(30, 120)
	if got := w.same(24 + 9); got != before {
		t.Errorf("after the engine was empty: %+v, before: %+v", got, before)
	}
	hours = newest.saved().Hours()
	if len(hours) != 2 || hours[1].Total() < 55*time.Minute || hours[1].Total() > time.Hour {
		t.Errorf("of the hour in which the engine was empty: %+v", hours)
	}
}

// store0 returns what the replica itself has of the metric.
func (n *node) saved() *history.Archive { return n.archives.read(placement) }
