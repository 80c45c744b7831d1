package handlers

import (
	"github.com/labstack/echo/v4"

	"waitboard/badge"
	"waitboard/publish"
)

var (
	svgType = []string{"image/svg+xml"}
	pngType = []string{"image/png"}
	// svgPolicy is for those who open an SVG as a page: it styles itself, and does nothing else.
	svgPolicy = []string{"default-src 'none'; style-src 'unsafe-inline'; sandbox"}
)

// badgeSVG is the image in the layout that ?layout= names: a strip for the small ones.
func (p *public) badgeSVG() echo.HandlerFunc {
	card, strip := p.badge(svgType, svgPolicy, (*publish.Badges).SVG), p.badge(svgType, svgPolicy, (*publish.Badges).Strip)
	return func(c echo.Context) error {
		if c.Request().URL.RawQuery != "" {
			switch c.QueryParam("layout") {
			case "line", "compact":
				return strip(c)
			}
		}
		return card(c)
	}
}

// badge sends an image of a widget, in the theme that ?theme= names. Caches are told what they are told of the snapshot:
// image proxies keep what they may for as long as max-age says, and ask again by the ETag, which stays as long as the image
// looks the same. Those that keep it longer all the same show by its "as of" from when it is.
func (p *public) badge(contentType, policy []string, format func(*publish.Badges, badge.Theme) (plain, zipped publish.Variant)) echo.HandlerFunc {
	return func(c echo.Context) error {
		page, ok := p.board.Page(c.Param("id"))
		if !ok {
			return errNoWidget
		}
		theme := badge.Auto
		if c.Request().URL.RawQuery != "" {
			theme = badge.ThemeOf(c.QueryParam("theme"))
		}
		plain, zipped := format(page.Badges, theme)
		if policy != nil {
			c.Response().Header()["Content-Security-Policy"] = policy
		}
		send(c, contentType, plain, zipped, p.cacheControl(page).public)
		return nil
	}
}
