package handlers

import (
	"bytes"
	"cmp"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"waitboard/board"
	"waitboard/locale"
	"waitboard/templates"
	"waitboard/wait"
)

// indexPage is the data of templates.Index.
type indexPage struct {
	Base         string // path that the service is mounted at; no slash at its end
	RefreshAfter int    // seconds
	Widgets      []indexWidget
}

type indexWidget struct {
	ID, Title, State, Notice, Note, Lang, Dir string
	Stale                                     bool
	Observed, Age                             string
	Metrics                                   []indexMetric
}

type indexMetric struct {
	Label, Text       string
	Level, LevelClass string
	LinkLabel         string
	LinkURL           template.URL // http, https, tel or mailto: the configuration lets no other through
	Stale, Missing    bool
}

// renderedIndex is the page as it is at one version of the board.
type renderedIndex struct {
	version uint64
	body    []byte
}

const indexPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// getIndex sends a page with every listed widget. It is rendered when it is asked for and the board has changed since.
func (p *public) getIndex(c echo.Context) error {
	version := p.board.Version()
	rendered := p.index.Load()
	if rendered == nil || rendered.version != version {
		var body bytes.Buffer
		if err := templates.Index.Execute(&body, p.indexPage()); err != nil {
			return err
		}
		rendered = &renderedIndex{version: version, body: body.Bytes()}
		p.index.Store(rendered)
	}
	h := c.Response().Header()
	h["Content-Type"] = htmlType
	h["Content-Length"] = []string{strconv.Itoa(len(rendered.body))}
	h["Cache-Control"] = []string{"public, max-age=1"}
	h["Content-Security-Policy"] = []string{indexPolicy}
	h["Referrer-Policy"] = noReferrer
	c.Response().WriteHeader(http.StatusOK)
	_, _ = c.Response().Write(rendered.body) // the client may be gone
	return nil
}

func (p *public) indexPage() indexPage {
	out := indexPage{RefreshAfter: 60, Base: p.base}
	for _, id := range p.listed {
		page, ok := p.board.Page(id)
		if !ok { // not there yet, or no longer
			continue
		}
		out.RefreshAfter = min(out.RefreshAfter, wholeSeconds(page.Snapshot.RefreshAfter))
		out.Widgets = append(out.Widgets, p.indexWidget(page))
	}
	return out
}

var stateNotes = map[wait.State]locale.Phrase{
	wait.Initializing: locale.NothingKnown,
	wait.Unavailable:  locale.Unavailable,
}

var levelPhrases = map[wait.Level]locale.Phrase{
	wait.Low: locale.LevelLow, wait.Moderate: locale.LevelModerate, wait.High: locale.LevelHigh,
}

func (p *public) indexWidget(page *board.Page) indexWidget {
	s := &page.Snapshot
	out := indexWidget{
		ID: s.ID, Title: s.Title, State: string(s.State), Notice: s.Notice, Note: cmp.Or(s.Message, s.Locale.Say(stateNotes[s.State])), Stale: s.Stale,
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
	for i := range s.Metrics {
		m := &s.Metrics[i]
		out.Metrics = append(out.Metrics, indexMetric{
			Label: m.Label, Text: m.Text, Level: s.Locale.Say(levelPhrases[m.Level]), LevelClass: string(m.Level), Stale: m.Stale, Missing: !m.Present(),
			LinkLabel: m.Link.Label, LinkURL: template.URL(m.Link.URL), //nolint:gosec // see LinkURL
		})
	}
	return out
}
