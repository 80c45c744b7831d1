package handlers

import (
	"github.com/labstack/echo/v4"

	"waitboard/badge"
	"waitboard/handlers/respond"
	"waitboard/publish"
)

var (
	svgType = []string{"image/svg+xml"}
	pngType = []string{"image/png"}
	// svgPolicy restricts an SVG that is opened as a page to its own styles.
	svgPolicy = []string{"default-src 'none'; style-src 'unsafe-inline'; sandbox"}
)

// getBadgeSVG sends the image in the layout that ?layout= names: a strip for line and compact, otherwise a card.
func (p *public) getBadgeSVG(c echo.Context) error {
	format := (*publish.Badges).SVG
	if c.Request().URL.RawQuery != "" {
		switch c.QueryParam("layout") {
		case "line", "compact":
			format = (*publish.Badges).Strip
		}
	}
	return p.sendBadge(c, svgType, svgPolicy, format)
}

func (p *public) getBadgePNG(c echo.Context) error {
	return p.sendBadge(c, pngType, nil, (*publish.Badges).PNG)
}

// sendBadge sends an image of a widget in the theme that ?theme= names. Cache-Control equals the snapshot's. Image
// proxies that store it longer show its age by its "as of". The ETag changes only with the image.
func (p *public) sendBadge(c echo.Context, contentType, policy []string, format func(*publish.Badges, badge.Theme) (plain, zipped publish.Variant)) error {
	page, err := p.page(c)
	if err != nil {
		return err
	}
	theme := badge.Auto
	if c.Request().URL.RawQuery != "" {
		theme = badge.ThemeOf(c.QueryParam("theme"))
	}
	plain, zipped := format(page.Badges, theme)
	if policy != nil {
		c.Response().Header()["Content-Security-Policy"] = policy
	}
	respond.Send(c, contentType, respond.Body{Plain: plain, Zipped: zipped}, p.caching.Page(page).Public)
	return nil
}
