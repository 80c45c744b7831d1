package webhook

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A Status is what an operator needs to know of a webhook. It holds no URL.
type Status struct {
	Name      string
	Usable    bool      // it has a URL
	Serving   bool      // this process sends its messages; otherwise another replica does
	Queued    int       // messages
	Oldest    time.Time // when the oldest of them was made; zero: there is none
	Delivered time.Time // when a message was last delivered; zero: not since the start
	Problem   string    // why the last attempt failed; empty: it didn't
	Unsaved   string    // why new messages wait for the disk or the engine; empty: they don't
	Dropped   int       // messages for which the queue had no room; 0 a day after the last one
	Lost      time.Time // when the last of them was dropped
}

// Status returns the status of each webhook, in the order of the configuration.
func (h *Hooks) Status() (all []Status) {
	for _, each := range h.list() {
		each.mu.Lock()
		s := each.status
		each.mu.Unlock()
		if h.o.Now().Sub(s.Lost) >= maxAge {
			s.Dropped = 0
		}
		all = append(all, s)
	}
	return all
}

// counters are the numbers of a webhook that outlive a change of its settings.
type counters struct {
	sent, full, expired atomic.Int64

	mu     sync.Mutex // guards failed
	failed map[string]int64
}

func (c *counters) fail(cause string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = map[string]int64{}
	}
	c.failed[cause]++
}

func (c *counters) failures() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.failed)
}

var (
	sentDesc    = prometheus.NewDesc("waitboard_webhook_sent_total", "Messages that a webhook delivered.", []string{"webhook"}, nil)
	failedDesc  = prometheus.NewDesc("waitboard_webhook_failed_total", "Attempts to deliver a message that failed, by cause.", []string{"webhook", "cause"}, nil)
	droppedDesc = prometheus.NewDesc("waitboard_webhook_dropped_total", "Messages that were given up, by reason: full, or expired after a day.", []string{"webhook", "reason"}, nil)
	queuedDesc  = prometheus.NewDesc("waitboard_webhook_queued", "Messages that wait to be delivered.", []string{"webhook"}, nil)
	oldestDesc  = prometheus.NewDesc("waitboard_webhook_oldest_age_seconds", "Age of the oldest message that waits, 0 without one.", []string{"webhook"}, nil)
)

// A collector collects the metrics of all webhooks of this moment. The queue is that of the process that sends.
type collector struct{ hooks *Hooks }

func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, each := range []*prometheus.Desc{sentDesc, failedDesc, droppedDesc, queuedDesc, oldestDesc} {
		out <- each
	}
}

func (c collector) Collect(out chan<- prometheus.Metric) {
	now := c.hooks.o.Now()
	for _, each := range c.hooks.list() {
		each.mu.Lock()
		s := each.status
		each.mu.Unlock()
		count := func(desc *prometheus.Desc, n int64, labels ...string) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), append([]string{s.Name}, labels...)...)
		}
		count(sentDesc, each.count.sent.Load())
		count(droppedDesc, each.count.full.Load(), "full")
		count(droppedDesc, each.count.expired.Load(), "expired")
		failed := each.count.failures()
		for _, cause := range slices.Sorted(maps.Keys(failed)) {
			count(failedDesc, failed[cause], cause)
		}
		if !s.Serving && s.Usable {
			continue // another replica exports the rest
		}
		age := 0.
		if !s.Oldest.IsZero() {
			age = max(now.Sub(s.Oldest).Seconds(), 0)
		}
		out <- prometheus.MustNewConstMetric(queuedDesc, prometheus.GaugeValue, float64(s.Queued), s.Name)
		out <- prometheus.MustNewConstMetric(oldestDesc, prometheus.GaugeValue, age, s.Name)
	}
}
