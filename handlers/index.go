package handlers

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/board"
	"waitboard/locale"
	"waitboard/templates"
	"waitboard/wait"
)

// indexPage is the data of templates.Index.
type indexPage struct {
	Stylesheet, Script string
	RefreshAfter       int           // seconds; for visitors without scripts
	Cards              template.HTML // made by templates.Cards
	Builder            *builder      // nil: there is no widget
}

// indexWidget is what is seen of a widget without scripts.
type indexWidget struct {
	ID, Title, Notice, Note, Lang, Dir string
	Stale                              bool
	Observed, Age                      string
	Metrics                            []indexMetric
}

type indexMetric struct {
	Label, Text       string
	Level, LevelClass string
	LinkLabel         string
	LinkURL           template.URL // http, https, tel or mailto: the configuration lets no other through
	Stale, Missing    bool
}

// renderedIndex is the page as it is at one version of the board, before anyone has chosen anything.
type renderedIndex struct {
	version       uint64
	data          indexPage
	plain, zipped board.Variant
}

const indexPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Without scripts, a page on which somebody is choosing is loaded anew less often: that takes back what is not sent yet.
const chooserRefresh = 60 // seconds, at least

var (
	indexControl   = []string{"public, max-age=1"}
	chooserControl = []string{"private, no-cache"} // there are more choices than a cache should keep
)

// getIndex sends a page with every listed widget, and the HTML to paste. It is rendered when it is asked for and the board has
// changed since. Where something is chosen, that part is made anew for each request and kept nowhere.
func (p *public) getIndex(c echo.Context) error {
	index, err := p.currentIndex()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h["Content-Security-Policy"] = []string{indexPolicy}
	h["Referrer-Policy"] = noReferrer
	if c.Request().URL.RawQuery == "" {
		send(c, htmlType, index.plain, index.zipped, indexControl)
		return nil
	}
	data := index.data
	data.Builder = p.builder(c.QueryParams())
	data.RefreshAfter = max(data.RefreshAfter, chooserRefresh)
	plain, zipped, err := execute(templates.Index, data)
	if err != nil {
		return err
	}
	send(c, htmlType, plain, zipped, chooserControl)
	return nil
}

func (p *public) currentIndex() (*renderedIndex, error) {
	version := p.board.Version()
	if last := p.index.Load(); last != nil && last.version == version {
		return last, nil
	}
	index := &renderedIndex{version: version}
	var err error
	if index.data, err = p.indexPage(); err != nil {
		return nil, err
	}
	if index.plain, index.zipped, err = execute(templates.Index, index.data); err != nil {
		return nil, err
	}
	p.index.Store(index)
	return index, nil
}

func (p *public) indexPage() (indexPage, error) {
	out := indexPage{
		Stylesheet: assets()["page.css"].hashed, Script: assets()["gallery.js"].hashed,
		RefreshAfter: 60, Builder: p.builder(nil),
	}
	var widgets []indexWidget
	for _, id := range p.listed {
		page, ok := p.board.Page(id)
		if !ok { // not there yet, or no longer
			continue
		}
		out.RefreshAfter = min(out.RefreshAfter, wholeSeconds(page.Snapshot.RefreshAfter))
		widgets = append(widgets, indexWidgetOf(page))
	}
	var cards bytes.Buffer
	err := templates.Cards.Execute(&cards, widgets)
	out.Cards = template.HTML(bytes.TrimSpace(cards.Bytes())) //nolint:gosec // a template has made it
	return out, err
}

// execute is a page that a template makes of some data, plain and compressed.
func execute(t *template.Template, data any) (plain, zipped board.Variant, err error) {
	var body bytes.Buffer
	if err := t.Execute(&body, data); err != nil {
		return plain, zipped, err
	}
	sum := sha256.Sum256(body.Bytes())
	tag := base64.RawURLEncoding.EncodeToString(sum[:12])
	plain = board.NewVariant(body.Bytes(), tag)
	if packed := compress(body.Bytes()); len(packed) < body.Len() {
		zipped = board.NewVariant(packed, tag+"-gzip")
	}
	return plain, zipped, nil
}

var stateNotes = map[wait.State]locale.Phrase{
	wait.Initializing: locale.NothingKnown,
	wait.Unavailable:  locale.Unavailable,
}

var levelPhrases = map[wait.Level]locale.Phrase{
	wait.Low: locale.LevelLow, wait.Moderate: locale.LevelModerate, wait.High: locale.LevelHigh,
}

func indexWidgetOf(page *board.Page) indexWidget {
	s := &page.Snapshot
	out := indexWidget{
		ID: s.ID, Title: s.Title, Notice: s.Notice, Note: cmp.Or(s.Message, s.Locale.Say(stateNotes[s.State])), Stale: s.Stale,
		Lang: s.Locale.Tag(), Dir: direction(s.Locale),
	}
	if out.Note == out.Notice { // closed by it
		out.Note = ""
	}
	if !s.ObservedAt.IsZero() {
		out.Observed = s.ObservedAt.UTC().Format(time.RFC3339)
		if out.Age = s.Locale.AsOfUTC(s.ObservedAt); s.Stale {
			out.Age = s.Locale.NotUpToDate(out.Age)
		}
	}
	if s.State != wait.Open { // there is nothing in them
		return out
	}
	for i := range s.Metrics {
		m := &s.Metrics[i]
		out.Metrics = append(out.Metrics, indexMetric{
			Label: m.Label, Text: m.Text, Level: s.Locale.Say(levelPhrases[m.Level]), LevelClass: string(m.Level), Stale: m.Stale, Missing: !m.Present(),
			LinkLabel: m.Link.Label, LinkURL: template.URL(m.Link.URL), //nolint:gosec // see LinkURL
		})
	}
	return out
}
