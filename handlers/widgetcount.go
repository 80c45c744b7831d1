package handlers

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/handlers/pages"
	"waitboard/publish"
)

// A widgetCounter counts the requests for each widget that has a page, so that strangers can't add series. It outlives a handler.
type widgetCounter struct {
	publisher *publish.Publisher

	mu     sync.Mutex
	counts map[string]*atomic.Uint64 // by widget ID; replaced, never changed; guarded by mu
}

func newWidgetCounter(r prometheus.Registerer, publisher *publish.Publisher) *widgetCounter {
	return registered(r, &widgetCounter{publisher: publisher})
}

// of returns the counts of the widgets of a new handler, which continue those of the handler before.
func (c *widgetCounter) of(widgets []pages.Offered) map[string]*atomic.Uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.counts
	c.counts = make(map[string]*atomic.Uint64, len(widgets))
	for _, w := range widgets {
		if c.counts[w.ID] = before[w.ID]; c.counts[w.ID] == nil {
			c.counts[w.ID] = new(atomic.Uint64)
		}
	}
	return c.counts
}

var widgetRequests = prometheus.NewDesc("waitboard_widget_requests_total", "Public requests that named the widget: for JSON, text, images, pages and event streams.", []string{"widget"}, nil)

// Describe sends the one description.
func (c *widgetCounter) Describe(out chan<- *prometheus.Desc) { out <- widgetRequests }

// Collect sends the counts of the widgets of this moment.
func (c *widgetCounter) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	counts := c.counts
	c.mu.Unlock()
	for _, id := range c.publisher.IDs() {
		if n := counts[id]; n != nil {
			out <- prometheus.MustNewConstMetric(widgetRequests, prometheus.CounterValue, float64(n.Load()), id)
		}
	}
}

// asked counts a request that names a widget, if there is one.
func (p *public) asked(id string) {
	if n := p.widgetRequests[id]; n != nil {
		n.Add(1)
	}
}

// ofWidget counts the requests for the page of a widget.
func (p *public) ofWidget(handler echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		p.asked(strings.TrimSuffix(c.Param("id"), ".png"))
		return handler(c)
	}
}
