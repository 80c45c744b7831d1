package pages

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"waitboard/handlers/respond"
	"waitboard/snippet"
)

// Snippet sends the HTML to paste as text: one kind, or all kinds with comments, like the command snippet. An unknown
// choice is a problem rather than a default, because the result gets pasted.
func (p *Pages) Snippet(c echo.Context) error {
	page, ok := p.Publisher.Page(c.Param("id"))
	if !ok {
		return respond.ErrNoWidget
	}
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return respond.ErrQuery
	}
	w := p.widgets[page.Snapshot.ID]
	chosen, problem := readChoices(query, w)
	if problem != nil {
		return problem
	}
	o := chosen.options(p.PublicURL, page, w)
	text := snippet.All(o)
	if chosen.kind != "" {
		text = snippet.HTML(chosen.kind, o)
	}
	respond.Send(c, respond.TypeText, respond.NewBody([]byte(text+"\n"), nil), respond.FiveMinutes)
	return nil
}
