package handlers

import (
	"cmp"
	"html/template"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"waitboard/board"
	"waitboard/locale"
	"waitboard/snippet"
	"waitboard/wait"
)

// widgetPage is the data of templates.Embed and templates.Share.
type widgetPage struct {
	Base                           string // path that the service is mounted at; no slash at its end
	Stylesheet, Script             string
	Canonical, OEmbed, Image       string // public addresses
	Description                    string
	ID, Title, Layout, Theme       string
	Lang, Dir, OwnLang             string // OwnLang is that of what the company wrote
	Notice, Note, Lost             string
	OwnNote                        bool   // Note is the company's
	Origins                        string // whose pages may frame it; empty: any
	Observed, Clock                string // empty: nothing is shown
	AgeBefore, AgeMiddle, AgeAfter string // around the clock, and around its zone
	Stale                          bool
	RefreshAfter, HideAfter        int // seconds
	Metrics                        []widgetMetric
}

type widgetMetric struct {
	Label, Text, Class string
	Duration           string // ISO 8601; empty: it is none, or a range
	Level, LevelWord   string
	LinkLabel          string
	LinkURL            template.URL // http, https, tel or mailto: the configuration lets no other through
	Leaves             bool         // the link is to another page
}

// widgetPage is a page of one widget, in the language of its key.
func (p *public) widgetPage(key pageKey, page *board.Page) widgetPage {
	own := page.Snapshot.Locale
	s := page.Snapshot.In(p.localeOf(key.language, own))
	l, w := s.Locale, p.widgets[s.ID]
	address := snippet.Options{Base: p.url, Widget: s.ID}.Page()
	out := widgetPage{
		Base: p.base, Stylesheet: assets()["embed.css"].hashed, Script: assets()["embed.js"].hashed,
		Canonical: address, OEmbed: p.url + oembedPath + "?format=json&url=" + url.QueryEscape(address), Image: p.url + widgetsPath + "/" + s.ID + "/badge.png",
		ID: s.ID, Title: s.Title, Layout: key.layout, Theme: key.theme, Lang: l.Tag(), Dir: direction(l), OwnLang: own.Tag(),
		Notice: s.Notice, Note: cmp.Or(s.Message, l.Say(stateNotes[s.State])), OwnNote: s.Message != "" && s.Message == s.Notice, Lost: l.Say(locale.Unavailable),
		Stale: s.Stale, RefreshAfter: wholeSeconds(s.RefreshAfter), HideAfter: wholeSeconds(w.HideAfter),
	}
	if out.OwnNote { // closed by it
		out.Notice = ""
	}
	if w.restricted() {
		out.Origins = strings.Join(w.Origins, " ")
	}
	if !s.ObservedAt.IsZero() {
		out.age(l, s.ObservedAt.UTC())
	}
	var labels []string
	for i := range s.Metrics {
		labels = append(labels, s.Metrics[i].Label)
		if s.State != wait.Open { // the note says it all, as the element does
			continue
		}
		m := renderedMetric(l, &s.Metrics[i])
		if s.Stale && key.layout == "bare" { // there is no room for the time that they are of
			m.Text = l.NotUpToDate(m.Text)
		}
		out.Metrics = append(out.Metrics, m)
	}
	// What others keep of a page for days must not be a number.
	out.Description = cmp.Or(l.Join(labels), out.Note)
	return out
}

func renderedMetric(l *locale.Locale, m *wait.Shown) widgetMetric {
	out := widgetMetric{
		Label: m.Label, Text: m.Text, Class: "value", Level: string(m.Level), LevelWord: l.Say(levelPhrases[m.Level]),
		LinkLabel: m.Link.Label, LinkURL: template.URL(m.Link.URL), //nolint:gosec // see LinkURL
		Leaves: strings.HasPrefix(m.Link.URL, "http"),
	}
	if m.Value.Kind == wait.Text {
		out.Class += " text"
	}
	switch {
	case !m.Present():
		out.Class += " none"
	case m.Stale:
		out.Class += " old"
	}
	if m.Value.Kind == wait.Duration {
		out.Duration = "PT" + strconv.FormatFloat(m.Value.Duration.Seconds(), 'f', -1, 64) + "S"
	}
	return out
}

// age says when the oldest of what is shown was confirmed. The clock and its zone have elements of their own, in place of
// which the page's script puts the visitor's time of day.
func (w *widgetPage) age(l *locale.Locale, observed time.Time) {
	const zone = " UTC"
	w.Observed, w.Clock = observed.Format(time.RFC3339), l.Clock(observed)
	text := l.AsOfUTC(observed)
	if w.Stale {
		text = l.NotUpToDate(text)
	}
	before, after, _ := strings.Cut(text, w.Clock)
	w.AgeBefore = before
	w.AgeMiddle, w.AgeAfter, _ = strings.Cut(after, zone)
}

func direction(l *locale.Locale) string {
	if l.RightToLeft() {
		return "rtl"
	}
	return "ltr"
}

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
