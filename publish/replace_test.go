package publish

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"waitboard/domain"
)

// When Replace returns, every page is that of the new widgets, whatever was being made of the old ones meanwhile.
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
	b := New(Options{Widgets: widgets("0"), Now: time.Now})
	defer b.Close()
	stop := make(chan struct{})
	var observers sync.WaitGroup
	for range 2 {
		observers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					b.Readings().Apply("hq", map[string]domain.Observation{"m": known(domain.CountOf(float64(n)))})
				}
			}
		})
	}
	for round := range rounds {
		title := fmt.Sprint(round + 1)
		b.Replace(widgets(title))
		for i := range count {
			if page, ok := b.Page(fmt.Sprint("w", i)); !ok || page.Snapshot.Title != title {
				t.Errorf("round %s: the page is of %s", title, page.Snapshot.Title)
			}
		}
	}
	close(stop)
	observers.Wait()
}
