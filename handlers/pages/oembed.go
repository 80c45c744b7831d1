package pages

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/badge"
	"waitboard/handlers/respond"
	"waitboard/snippet"
)

var (
	errNoEmbed = respond.NewProblem(http.StatusNotFound, "unknown_url", "The parameter url must be the address of a widget's page here. It ends with /w/ or /embed/ and the widget's ID.")
	errFormat  = respond.NewProblem(http.StatusNotImplemented, "unknown_format", "The only format is json.")
)

// oembedJSON is a rich answer of oEmbed 1.0 (https://oembed.com, section 2.3.4.4).
type oembedJSON struct {
	Version      string `json:"version"`
	Type         string `json:"type"`
	Title        string `json:"title"`
	ProviderName string `json:"provider_name"`
	ProviderURL  string `json:"provider_url"`
	CacheAge     int    `json:"cache_age"` // seconds; the answer holds no value of the widget
	HTML         string `json:"html"`
	Width        int    `json:"width"` // pixels
	Height       int    `json:"height"`

	ThumbnailURL    string `json:"thumbnail_url"`
	ThumbnailWidth  int    `json:"thumbnail_width"` // pixels
	ThumbnailHeight int    `json:"thumbnail_height"`
}

// OEmbed describes how to embed a widget, by the address of one of its pages. The choices in that address apply to the
// frame.
//
// The HTML is a single iframe. Next to a blockquote, WordPress would hide the frame of an unknown provider until the
// frame sends WordPress's own message.
func (p *Pages) OEmbed(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return respond.ErrQuery
	}
	if format := query.Get("format"); format != "" && format != "json" {
		return errFormat
	}
	id, choices, ok := p.widgetAt(query.Get("url"))
	page, exists := p.Publisher.Page(id)
	if near, found := p.nearMiss(id); ok && !exists && found {
		id = near
		page, exists = p.Publisher.Page(id)
	}
	if !ok || !exists || !p.Readable(id, c.Request()) {
		return errNoEmbed
	}
	chosen, _ := readChoices(choices, p.widgets[id])
	o := chosen.options(p.PublicURL, page, p.widgets[id])
	answer := oembedJSON{
		Version: "1.0", Type: "rich", Title: o.Title, ProviderName: "waitboard", ProviderURL: p.PublicURL + "/", CacheAge: 60 * 60,
		ThumbnailURL: p.PublicURL + previewPath(id), ThumbnailWidth: badge.Density * badge.Width, ThumbnailHeight: badge.Density * badge.Height(max(o.Rows, 1)),
		Width: atMost(snippet.Width, query.Get("maxwidth")), Height: atMost(o.Height(), query.Get("maxheight")),
	}
	answer.HTML = snippet.Frame(o, answer.Width, answer.Height)
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	respond.Send(c, respond.TypeJSON, respond.NewBody(append(body, '\n'), nil), respond.FiveMinutes)
	return nil
}

// widgetAt reads the address of a widget's page: the ID, which may not exist, and the choices. Host, port and path must
// be the service's. The scheme may be http or https, because proxies and people change it.
func (p *Pages) widgetAt(address string) (id string, choices url.Values, ok bool) {
	u, err := url.Parse(address)
	public, publicErr := url.Parse(p.PublicURL)
	if err != nil || publicErr != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil ||
		!strings.EqualFold(u.Hostname(), public.Hostname()) || port(u) != port(public) {
		return "", nil, false
	}
	rest, ok := strings.CutPrefix(u.Path, p.base)
	if !ok {
		return "", nil, false
	}
	for _, page := range []string{sharePath, embedPath} {
		if id, ok := strings.CutPrefix(rest, page); ok {
			return id, u.Query(), true
		}
	}
	return "", nil, false
}

// port returns a URL's port, or "" for the default ports.
func port(u *url.URL) string {
	if n := u.Port(); n != "80" && n != "443" {
		return n
	}
	return ""
}

// atMost limits a length to what the other site allows. It ignores a malformed limit.
func atMost(length int, limit string) int {
	if n, err := strconv.Atoi(limit); err == nil && n > 0 {
		return min(length, n)
	}
	return length
}
