package handlers

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"waitboard/snippet"
)

// getSnippet sends the HTML to paste, as text: that of the kind asked for, or of each with a comment, as the command of that
// name prints it. Who pastes it must get what was chosen, so a choice that there is not is a problem.
func (p *public) getSnippet(c echo.Context) error {
	page, ok := p.board.Page(c.Param("id"))
	if !ok {
		return errNoWidget
	}
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return errQuery
	}
	w := p.widgets[page.Snapshot.ID]
	chosen, wrong := readChoices(query, w)
	if wrong != nil {
		return wrong
	}
	o := chosen.options(p.url, page, w)
	body := snippet.All(o)
	if chosen.kind != "" {
		body = snippet.HTML(chosen.kind, o)
	}
	body += "\n"
	plain, zipped := variants([]byte(body), nil)
	send(c, textType, plain, zipped, assetsControl)
	return nil
}
