package pages

import (
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/badge"
	"waitboard/handlers/respond"
)

var pngType = []string{"image/png"}

// Preview sends the image of a widget's page for previews on other sites. See badge.Preview.
func (p *Pages) Preview(c echo.Context) error {
	id, isPNG := strings.CutSuffix(c.Param("id"), ".png")
	page, ok := p.Publisher.Page(id)
	if !ok || !isPNG {
		return respond.ErrNoWidget
	}
	s := &page.Snapshot
	var labels []string
	for _, m := range p.widgets[s.ID].Metrics {
		labels = append(labels, m.Label)
	}
	key := strings.Join(append([]string{s.ID, s.Locale.Tag(), s.Title}, labels...), "\x00")
	body, ok := p.previews.Get(key)
	if !ok {
		card := badge.Preview(s.ID, s.Title, labels, s.Locale)
		body = respond.NewBody(badge.PNG(&card, badge.Light), nil)
		p.previews.Add(key, body)
	}
	respond.Send(c, pngType, body, respond.FiveMinutes)
	return nil
}

// previewPath returns the path of a widget's preview image, below the public URL.
func previewPath(id string) string { return "/preview/" + id + ".png" }
