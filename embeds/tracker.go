// Package embeds counts requests for widgets by the sites whose pages make them. It holds origins, numbers and times in
// bounded memory for 24 hours, and nothing about visitors.
package embeds

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxShown   = 20 // sites of a widget, and refusals of all widgets
	maxSites   = 40 // rows of a widget's table of sites, see table
	maxRefused = 10 // rows of a widget's table of refused sites
)

// A Site is a web site whose pages show a widget.
type Site struct {
	Origin   string    // scheme, host, and port unless it is the default one
	Requests int       // in the last 24 hours; never more than the site has made
	Last     time.Time // when it made the last one
}

// A Refusal is a site that may not embed a widget, and tries.
type Refusal struct {
	Widget string
	Site
}

// A Tracker holds the numbers of all widgets.
type Tracker struct {
	now    func() time.Time
	random func(n int) int

	mu      sync.Mutex // guards widgets
	widgets map[string]*Widget
}

// New returns a Tracker without widgets. Random returns a number in [0, n).
func New(now func() time.Time, random func(n int) int) *Tracker {
	return &Tracker{now: now, random: random}
}

// SetWidgets replaces the widgets that are tracked. It drops all others, and retains the numbers of those that stay.
func (t *Tracker) SetWidgets(ids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.widgets
	t.widgets = make(map[string]*Widget, len(ids))
	for _, id := range ids {
		t.widgets[id] = cmp.Or(before[id], &Widget{random: t.random})
	}
}

// Widget returns the numbers of a widget, or nil if it isn't tracked.
func (t *Tracker) Widget(id string) *Widget {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.widgets[id]
}

// Top returns the sites that embed a widget, at most 20, those with the most requests first.
func (t *Tracker) Top(widget string) []Site {
	w := t.Widget(widget)
	if w == nil {
		return nil
	}
	sites := w.list(&w.sites, t.now())
	return sites[:min(len(sites), maxShown)]
}

// Refused returns the sites that may not embed a widget and that try, at most 20, those with the most requests first.
func (t *Tracker) Refused() (all []Refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, w := range t.widgets {
		for _, site := range w.list(&w.refused, t.now()) {
			all = append(all, Refusal{id, site})
		}
	}
	slices.SortFunc(all, func(a, b Refusal) int {
		return cmp.Or(bySize(a.Site, b.Site), strings.Compare(a.Widget, b.Widget))
	})
	return all[:min(len(all), maxShown)]
}

func bySize(a, b Site) int {
	return cmp.Or(cmp.Compare(b.Requests, a.Requests), strings.Compare(a.Origin, b.Origin))
}

// A Widget holds the numbers of one widget. It takes no memory for sites until one makes a request.
type Widget struct {
	random func(n int) int

	mu             sync.Mutex // guards what follows
	sites, refused table
}

// Count counts a request from a site.
func (w *Widget) Count(origin string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sites.add(origin, now, maxSites, w.random)
}

// Refuse counts a request from a site that may not embed the widget.
func (w *Widget) Refuse(origin string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused.add(origin, now, maxRefused, w.random)
}

func (w *Widget) list(t *table, now time.Time) []Site {
	w.mu.Lock()
	defer w.mu.Unlock()
	t.roll(hourOf(now))
	sites := make([]Site, len(t.rows))
	for i, r := range t.rows {
		sites[i] = Site{r.origin, r.total, r.last}
	}
	slices.SortFunc(sites, bySize)
	return sites
}
