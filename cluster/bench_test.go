package cluster

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/internal/testengine"
	"waitboard/readings"
)

// BenchmarkTick is what one replica does every second with 1,000 sources, apart from their readings.
func BenchmarkTick(b *testing.B) {
	engine := testengine.Start(b)
	for _, kind := range []string{"holding", "following"} {
		b.Run(kind, func(b *testing.B) {
			start := func() *Cluster {
				c, err := New(b.Context(), Options{
					URL: engine.URL(), TTL: time.Minute, Prefix: kind, Store: readings.New(time.Now), Metrics: prometheus.NewRegistry(), Now: time.Now,
					Log: slog.New(slog.DiscardHandler),
				})
				if err != nil {
					b.Fatal(err)
				}
				for i := range 1000 {
					m := c.Join(SourceOptions{Name: fmt.Sprint(i), Key: "k", Interval: 10 * time.Second, Wanted: func([][]byte) {}, Poll: func(bool) {}})
					b.Cleanup(func() { m.expiry.Stop() })
				}
				b.Cleanup(c.Close)
				return c
			}
			c := start()
			c.tick(b.Context())
			if kind == "following" {
				c = start()
				c.tick(b.Context())
			}
			for b.Loop() {
				c.tick(b.Context())
			}
		})
	}
}
