package publish

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/badge"
	"waitboard/domain"
	"waitboard/locale"
)

// Images are drawn anew only when they look different: not with each poll, and not with what they don't show.
func TestBadgesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{Now: time.Now, Widgets: []domain.Widget{{ID: "w", Title: "W", Locale: locale.English(), StaleAfter: time.Hour, HideAfter: 2 * time.Hour,
			RefreshAfter: 10 * time.Second, Metrics: []domain.WidgetMetric{{ID: "m", Label: "Wait", Ref: domain.Ref{Source: "hq", Metric: "m"}}}}}})
		defer b.Close()
		var before *Badges
		var tag string
		look := func(when string, same bool, contains string) {
			t.Helper()
			synctest.Wait()
			page, _ := b.Page("w")
			plain, zipped := page.Badges.SVG(badge.Auto)
			if page.Badges == before != same || plain.ETag[0] == tag != same {
				t.Errorf("%s: kept is %v", when, !same)
			}
			if !strings.Contains(string(plain.Body), contains) || zipped.Body == nil {
				t.Errorf("%s: no %q in %s", when, contains, plain.Body)
			}
			before, tag = page.Badges, plain.ETag[0]
		}
		read := func(r domain.Reading) {
			now := time.Now()
			b.Readings().Apply("hq", map[string]domain.Observation{"m": {Confirmed: now, Complete: now, Kind: r.Kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: now}}}})
		}
		look("nothing known", false, "No wait time yet")
		read(domain.Line(4*time.Minute, 0, time.Now()))
		look("read", false, "As of 12:00 AM UTC")
		time.Sleep(20 * time.Second)
		read(domain.Line(4*time.Minute, 0, time.Now()))
		look("read again in the same minute", true, "4 min")
		read(domain.Line(4*time.Minute-time.Second, 0, time.Now()))
		look("another value that reads the same", true, "4 min")
		read(domain.Line(5*time.Minute, 0, time.Now()))
		look("another value", false, "5 min")
		time.Sleep(time.Minute)
		read(domain.Line(5*time.Minute, 0, time.Now()))
		look("the next minute", false, "As of 12:01 AM UTC")
	})
}

// However many ask at once, an image is drawn once.
func TestBadgesAreDrawnOnce(t *testing.T) {
	b := &Badges{card: badge.Card{ID: "w", Language: "en", Title: "W", Metrics: 1}}
	bodies := make(chan *byte, 8)
	for range cap(bodies) {
		go func() {
			plain, _ := b.PNG(badge.Dark)
			bodies <- &plain.Body[0]
		}()
	}
	first := <-bodies
	for range cap(bodies) - 1 {
		if <-bodies != first {
			t.Error("drawn twice")
		}
	}
	auto, _ := b.PNG(badge.Auto)
	if light, _ := b.PNG(badge.Light); &auto.Body[0] != &light.Body[0] {
		t.Error("auto and light are the same image")
	}
}
