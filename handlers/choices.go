package handlers

import (
	"cmp"
	"net/url"
	"slices"

	"waitboard/locale"
	"waitboard/publish"
	"waitboard/snippet"
	"waitboard/web"
)

// choices say what of a widget to embed, and how. Each is one of a list; nothing else of a request gets in here.
type choices struct {
	kind          snippet.Kind // empty: each of them
	layout, theme string
	locale        string // empty: whatever the page speaks
	metric        string // its ID; empty: all
	pin, live     bool
}

// readChoices reads them from a query. wrong is nil, or the problem with the first that is none of its list: it is left to its
// default.
func readChoices(query url.Values, w Widget) (c choices, wrong *problem) {
	read := func(name string, problem *problem, take func(choice string) (ok bool)) {
		if choice := query.Get(name); choice != "" && !take(choice) && wrong == nil {
			wrong = problem
		}
	}
	c.layout, c.theme = snippet.Layouts[0], snippet.Themes[0]
	read("kind", errKind, func(choice string) bool {
		kind, ok := snippet.ReadKind(choice)
		if ok {
			c.kind = kind
		}
		return ok || choice == "all"
	})
	read("layout", errLayout, func(choice string) bool {
		c.layout = oneOf(choice, snippet.Layouts)
		return c.layout == choice
	})
	read("theme", errTheme, func(choice string) bool {
		c.theme = oneOf(choice, snippet.Themes)
		return c.theme == choice
	})
	read("locale", errLocale, func(choice string) bool {
		l, err := locale.New(choice, nil)
		if err == nil {
			c.locale = l.Tag()
		}
		return err == nil
	})
	read("metric", errMetric, func(choice string) bool {
		if !slices.ContainsFunc(w.Metrics, func(m Metric) bool { return m.ID == choice }) {
			return false
		}
		c.metric = choice
		return true
	})
	if c.metric != "" && c.kind != "" && !c.kind.Scripted() {
		c.metric, wrong = "", cmp.Or(wrong, errMetricKind)
	}
	read("pin", errPin, func(choice string) bool {
		c.pin = choice == "1"
		return c.pin || choice == "0"
	})
	read("live", errLive, func(choice string) bool {
		c.live = choice == "1"
		return c.live || choice == "0"
	})
	return c, wrong
}

// query is the choices as a query that readChoices reads, and the widget they are for; empty: that goes without saying.
func (c choices) query(widget string) string {
	query := url.Values{}
	for _, choice := range [...]struct{ name, value, usual string }{
		{"widget", widget, ""}, {"kind", string(c.kind), ""}, {"layout", c.layout, snippet.Layouts[0]}, {"theme", c.theme, snippet.Themes[0]},
		{"locale", c.locale, ""}, {"metric", c.metric, ""},
	} {
		if choice.value != choice.usual {
			query.Set(choice.name, choice.value)
		}
	}
	if c.pin {
		query.Set("pin", "1")
	}
	if c.live {
		query.Set("live", "1")
	}
	return query.Encode()
}

// options are what package snippet makes HTML of. The base is where the service is, without a slash at its end.
func (c choices) options(base string, page *publish.Page, w Widget) snippet.Options {
	script := web.Script
	if c.live {
		script = web.Live
	}
	return snippet.Options{
		Base: base, Widget: w.ID, Title: page.Snapshot.Title, Notice: page.Snapshot.Notice, Metric: c.metric, Layout: c.layout, Theme: c.theme, Locale: c.locale,
		Rows: len(w.Metrics), Extras: w.Extras, Live: c.live, Pin: c.pin, Hash: script.Hash(), Integrity: script.Integrity(),
	}
}
