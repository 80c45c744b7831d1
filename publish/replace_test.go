package publish

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"waitboard/domain"
)

// When Replace returns, every page belongs to the new widgets, even if the publisher was rendering the old ones.
func TestReplaceWhileReadingsCome(t *testing.T) {
	const count, rounds = 20, 50
	widgets := func(title string) (all []domain.Widget) {
		for i := range count {
			w := widget(fmt.Sprint("w", i), metric("m"))
			w.Title = title
			all = append(all, w)
		}
		return all
	}
	p := New(Options{Widgets: widgets("0"), Now: time.Now})
	defer p.Close()
	stop := make(chan struct{})
	var observers sync.WaitGroup
	for range 2 {
		observers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(float64(n)))})
				}
			}
		})
	}
	for round := range rounds {
		title := fmt.Sprint(round + 1)
		p.Replace(widgets(title))
		for i := range count {
			if page, ok := p.Page(fmt.Sprint("w", i)); !ok || page.Snapshot.Title != title {
				t.Errorf("round %s: the page is of %s", title, page.Snapshot.Title)
			}
		}
	}
	close(stop)
	observers.Wait()
}
