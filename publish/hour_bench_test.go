package publish

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/locale"
)

// BenchmarkHour measures how long requests take while an hour begins and the snapshots of 10,000 widgets change at the same instant, next to
// requests in mid-hour.
func BenchmarkHour(b *testing.B) {
	const widgets, ahead = 10_000, 2 * time.Second
	var offset atomic.Int64 // of the publisher's clock
	now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	nextHour := func() time.Time { return now().Truncate(time.Hour).Add(time.Hour) }
	all := make([]domain.Widget, widgets)
	for i := range all {
		all[i] = domain.Widget{
			ID: fmt.Sprintf("w%d", i), Title: "Support", Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, RefreshAfter: 10 * time.Second,
			Metrics: []domain.WidgetMetric{{ID: "wait", Ref: domain.Ref{Source: "hq", Metric: "wait"}, History: domain.History{Keep: time.Hour, Alone: true}}},
		}
	}
	week := &domain.TypicalWeek{Kind: domain.Duration}
	for hour := range week.Hours {
		week.Hours[hour] = domain.TypicalHour{Low: 180_000, High: float64(360_000 + hour%2*60_000), Weeks: 3}
	}
	p := New(Options{Widgets: all, Now: now})
	defer p.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := p.Current(r.URL.Path[1:])
		_, _ = w.Write(page.Text().Body)
	}))
	defer server.Close()
	var calm, turn []float64 // milliseconds
	for b.Loop() {
		calm = append(calm, askFor(b, ahead, server, widgets)...)
		offset.Add(int64(nextHour().Sub(now()) - ahead))
		for i := range all {
			p.SetTypical(domain.Placement{Widget: all[i].ID, Metric: "wait"}, week)
		}
		time.Sleep(nextHour().Sub(now()))
		turn = append(turn, askFor(b, ahead, server, widgets)...)
	}
	for name, took := range map[string][]float64{"mid": calm, "hour": turn} {
		slices.Sort(took)
		b.ReportMetric(took[len(took)*99/100], name+"-p99-ms")
		b.ReportMetric(took[len(took)-1], name+"-max-ms")
	}
}

// askFor sends requests for a while, and returns how many milliseconds each took.
func askFor(b *testing.B, d time.Duration, server *httptest.Server, widgets int) (took []float64) {
	b.Helper()
	var mu sync.Mutex // guards took
	var asking sync.WaitGroup
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		asking.Go(func() {
			began := time.Now()
			response, err := server.Client().Get(fmt.Sprintf("%s/w%d", server.URL, rand.IntN(widgets)))
			if err != nil {
				b.Error(err)
				return
			}
			_ = response.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			took = append(took, float64(time.Since(began).Microseconds())/1e3)
		})
	}
	asking.Wait()
	return took
}
