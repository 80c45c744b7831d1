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

// Images are drawn again only when they look different: not at each poll, and not after changes that they don't show.
func TestBadgesAreReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{Now: time.Now, Widgets: []domain.Widget{{ID: "w", Title: "W", Locale: locale.English(), StaleAfter: time.Hour, HideAfter: 2 * time.Hour,
			RefreshAfter: 10 * time.Second, Metrics: []domain.WidgetMetric{{ID: "m", Label: "Wait", Ref: domain.Ref{Source: "hq", Metric: "m"}}}}}})
		defer p.Close()
		var before *Badges
		var tag string
		look := func(when string, same bool, contains string) {
			t.Helper()
			synctest.Wait()
			page, _ := p.Page("w")
			plain, zipped := page.Badges.SVG(badge.Auto)
			if page.Badges == before != same || plain.ETag[0] == tag != same {
				t.Errorf("%s: reused is %v", when, !same)
			}
			if !strings.Contains(string(plain.Body), contains) || zipped.Body == nil {
				t.Errorf("%s: no %q in %s", when, contains, plain.Body)
			}
			before, tag = page.Badges, plain.ETag[0]
		}
		read := func(r domain.Reading) {
			now := time.Now()
			p.Readings().Apply("hq", map[string]domain.Observation{"m": {Confirmed: now, Complete: now, Kind: r.Kind, Samples: map[string]domain.Sample{"": {Reading: r, Confirmed: now}}}})
		}
		look("no readings", false, "No wait time yet")
		read(domain.Line(4*time.Minute, 0, time.Now()))
		look("first reading", false, "As of 12:00 AM UTC")
		time.Sleep(20 * time.Second)
		read(domain.Line(4*time.Minute, 0, time.Now()))
		look("confirmed in the same minute", true, "4 min")
		read(domain.Line(4*time.Minute-time.Second, 0, time.Now()))
		look("another value with the same text", true, "4 min")
		read(domain.Line(5*time.Minute, 0, time.Now()))
		look("another value", false, "5 min")
		time.Sleep(time.Minute)
		read(domain.Line(5*time.Minute, 0, time.Now()))
		look("the next minute", false, "As of 12:01 AM UTC")
	})
}

// An image is drawn once for any number of concurrent requests.
func TestBadgesAreDrawnOnce(t *testing.T) {
	badges := &Badges{card: badge.Card{ID: "w", Language: "en", Title: "W", Metrics: 1}}
	bodies := make(chan *byte, 8)
	for range cap(bodies) {
		go func() {
			plain, _ := badges.PNG(badge.Dark)
			bodies <- &plain.Body[0]
		}()
	}
	first := <-bodies
	for range cap(bodies) - 1 {
		if <-bodies != first {
			t.Error("drawn twice")
		}
	}
	auto, _ := badges.PNG(badge.Auto)
	if light, _ := badges.PNG(badge.Light); &auto.Body[0] != &light.Body[0] {
		t.Error("auto and light are the same image")
	}
}
