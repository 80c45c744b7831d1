package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/snippet"
	"waitboard/web"
)

var (
	errKind       = unknownChoice("kind", append([]snippet.Kind{"all"}, snippet.Kinds...)...)
	errLayout     = unknownChoice("layout", snippet.Layouts...)
	errTheme      = unknownChoice("theme", snippet.Themes...)
	errLocale     = unknownChoice("locale", locale.Supported()...)
	errChart      = unknownChoice("chart", snippet.Charts...)
	errPin        = unknownChoice("pin", "0", "1")
	errLive       = unknownChoice("live", "0", "1")
	errMetric     = respond.NewProblem(http.StatusBadRequest, "unknown_choice", "The widget has no metric with this ID. Its snapshot lists the metrics while it is open.")
	errMetricKind = respond.NewProblem(http.StatusBadRequest, "unknown_choice", "Only the kinds element, script and react can show a single metric.")
)

// unknownChoice is the problem of a query parameter that isn't one of the choices.
func unknownChoice[S ~string](parameter string, choices ...S) *respond.Problem {
	texts := make([]string, len(choices))
	for i, choice := range choices {
		texts[i] = string(choice)
	}
	return respond.NewProblem(http.StatusBadRequest, "unknown_choice", "The parameter "+parameter+" must be one of "+strings.Join(texts, ", ")+".")
}

// choices say how to embed a widget. Each value comes from a closed list, so nothing else of a request gets in here.
type choices struct {
	kind          snippet.Kind // empty: all kinds
	layout, theme string
	locale        string // empty: the language of the page
	metric        string // ID; empty: all metrics
	chart         string // one of snippet.Charts
	pin, live     bool
}

// readChoices reads choices from a query. It leaves an unknown choice at its default, and returns the problem with the
// first of them, or nil.
func readChoices(query url.Values, w Offered) (c choices, problem *respond.Problem) {
	read := func(name string, unknown *respond.Problem, accept func(choice string) bool) {
		if choice := query.Get(name); choice != "" && !accept(choice) {
			problem = cmp.Or(problem, unknown)
		}
	}
	list := func(name string, unknown *respond.Problem, all []string, into *string) {
		*into = all[0]
		read(name, unknown, func(choice string) bool {
			*into = oneOf(choice, all)
			return *into == choice
		})
	}
	flag := func(name string, unknown *respond.Problem, into *bool) {
		read(name, unknown, func(choice string) bool {
			*into = choice == "1"
			return *into || choice == "0"
		})
	}
	read("kind", errKind, func(choice string) bool {
		kind, ok := snippet.ReadKind(choice)
		if ok {
			c.kind = kind
		}
		return ok || choice == "all"
	})
	list("layout", errLayout, snippet.Layouts, &c.layout)
	list("theme", errTheme, snippet.Themes, &c.theme)
	list("chart", errChart, snippet.Charts, &c.chart)
	read("locale", errLocale, func(choice string) bool {
		l, err := locale.New(choice, nil)
		if err == nil {
			c.locale = l.Tag()
		}
		return err == nil
	})
	read("metric", errMetric, func(choice string) bool {
		if !slices.ContainsFunc(w.Metrics, func(m OfferedMetric) bool { return m.ID == choice }) {
			return false
		}
		c.metric = choice
		return true
	})
	if c.metric != "" && c.kind != "" && !c.kind.Scripted() {
		c.metric, problem = "", cmp.Or(problem, errMetricKind)
	}
	flag("pin", errPin, &c.pin)
	flag("live", errLive, &c.live)
	return c, problem
}

// query returns the choices as a query for readChoices, without defaults. An empty widget is left out.
func (c choices) query(widget string) string {
	query := url.Values{}
	for _, choice := range [...]struct{ name, value, usual string }{
		{"widget", widget, ""}, {"kind", string(c.kind), ""}, {"layout", c.layout, snippet.Layouts[0]}, {"theme", c.theme, snippet.Themes[0]},
		{"locale", c.locale, ""}, {"metric", c.metric, ""}, {"chart", c.chart, snippet.Charts[0]},
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

// options returns the choices for package snippet. Base is the address of the service, without a trailing slash.
func (c choices) options(base string, page *publish.Page, w Offered) snippet.Options {
	script := web.Script
	if c.live {
		script = web.Live
	}
	return snippet.Options{
		Base: base, Widget: w.ID, Title: page.Snapshot.Title, Notice: page.Snapshot.Notice, Metric: c.metric, Layout: c.layout, Theme: c.theme, Locale: c.locale, Chart: c.chart, ChartTitle: page.Snapshot.Locale.Say(locale.UsualByHour),
		Rows: len(w.Metrics), Extras: w.Extras, Live: c.live, Pin: c.pin, Hash: script.Hash(), Integrity: script.Integrity(),
	}
}
