package handlers

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/badge"
	"waitboard/snippet"
)

const oembedPath = "/oembed"

// oembedJSON is an answer of oEmbed 1.0 (https://oembed.com), section 2.3.4.4: a rich one.
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

// getOEmbed tells other sites how to embed a widget, by the address of one of its pages. What was chosen in that address
// holds for the frame.
//
// The answer is one iframe and nothing else. WordPress hides the frame of a provider that it does not know where there is a
// blockquote beside it, until the frame sends a message of WordPress's own.
func (p *public) getOEmbed(c echo.Context) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return errQuery
	}
	if format := query.Get("format"); format != "" && format != "json" {
		return errFormat
	}
	id, choices, ok := p.embedded(query.Get("url"))
	page, known := p.board.Page(id)
	if !ok || !known || !p.cors.readable(id, c.Request()) {
		return errNoEmbed
	}
	chosen, _ := readChoices(choices, p.widgets[id])
	o := chosen.options(p.url, page, p.widgets[id])
	answer := oembedJSON{
		Version: "1.0", Type: "rich", Title: o.Title, ProviderName: "waitboard", ProviderURL: p.url + "/", CacheAge: 60 * 60,
		ThumbnailURL: p.url + widgetsPath + "/" + id + "/badge.png", ThumbnailWidth: badge.Density * badge.Width, ThumbnailHeight: badge.Density * badge.Height(max(o.Rows, 1)),
		Width: atMost(snippet.Width, query.Get("maxwidth")), Height: atMost(o.Height(), query.Get("maxheight")),
	}
	answer.HTML = snippet.Frame(o, answer.Width, answer.Height)
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	body = append(body, '\n')
	plain, zipped := variants(body, nil)
	send(c, jsonType, plain, zipped, assetsControl)
	return nil
}

// embedded reads the address of a page of a widget: its ID, which may be one that there is not, and what was chosen. The
// scheme may be either, since proxies and people change it; host, port and path must be ours.
func (p *public) embedded(address string) (id string, choices url.Values, ok bool) {
	u, err := url.Parse(address)
	ours, ourErr := url.Parse(p.url)
	if err != nil || ourErr != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil ||
		!strings.EqualFold(u.Hostname(), ours.Hostname()) || port(u) != port(ours) {
		return "", nil, false
	}
	rest, ok := strings.CutPrefix(u.Path, p.base)
	if !ok {
		return "", nil, false
	}
	for _, page := range []string{"/w/", "/embed/"} {
		if id, ok := strings.CutPrefix(rest, page); ok {
			return id, u.Query(), true
		}
	}
	return "", nil, false
}

// port is a URL's port; empty for the one of its scheme.
func port(u *url.URL) string {
	if n := u.Port(); n != "80" && n != "443" {
		return n
	}
	return ""
}

// atMost cuts a length to what the other site has room for. What is no length is passed over.
func atMost(length int, limit string) int {
	if n, err := strconv.Atoi(limit); err == nil && n > 0 {
		return min(length, n)
	}
	return length
}
