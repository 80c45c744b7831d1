package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"waitboard/embeds"
)

// A siteCounter counts requests by the sites whose pages make them. Only requests that concern a widget count, and only those of pages: programs
// name no site.
type siteCounter struct {
	widgets map[string]*embeds.Widget // nil: nothing is counted
	own     [2]string                 // the site of the public URL; proxies may change the scheme
	home    string                    // the path of the public URL, without a trailing slash
}

func newSiteCounter(o Options) (s siteCounter) {
	if o.Embeds == nil {
		return s
	}
	site, path, _ := parseSite(o.PublicURL)
	_, host, _ := strings.Cut(site, "://")
	s.widgets, s.own, s.home = map[string]*embeds.Widget{}, [2]string{"http://" + host, "https://" + host}, strings.TrimSuffix(path, "/")
	for _, w := range o.Widgets {
		if numbers := o.Embeds.Widget(w.ID); numbers != nil {
			s.widgets[w.ID] = numbers
		}
	}
	return s
}

// perSite counts the requests for the widget that the path names. A stream counts when it begins. Responses with 304 count, too.
func (p *public) perSite(handle echo.HandlerFunc) echo.HandlerFunc {
	return p.counting(handle, func(id, _ string, c echo.Context) bool {
		return p.cors.widgets[id] == nil || c.Request().Header["Origin"] == nil || c.Response().Header()["Access-Control-Allow-Origin"] != nil
	})
}

// perFramingSite does the same for a page that browsers show only in frames of the widget's origins.
func (p *public) perFramingSite(handle echo.HandlerFunc) echo.HandlerFunc {
	return p.counting(handle, func(id, site string, _ echo.Context) bool {
		own := p.cors.widgets[id]
		return own == nil || own.mayFrame(site)
	})
}

func (p *public) counting(handle echo.HandlerFunc, allowed func(id, site string, c echo.Context) bool) echo.HandlerFunc {
	if p.sites.widgets == nil {
		return handle
	}
	return func(c echo.Context) error {
		id := c.Param("id")
		if w := p.sites.widgets[id]; w != nil {
			switch site := p.sites.site(c.Request()); {
			case site == "":
			case allowed(id, site, c):
				w.Count(site, p.Now())
			default:
				w.Refuse(site, p.Now())
			}
		}
		return handle(c)
	}
}

// countSeveral counts a request for several widgets, which counts once for each. Missing are the widgets that the request names and doesn't get.
func (p *public) countSeveral(r *http.Request, found, missing []string) {
	if p.sites.widgets == nil {
		return
	}
	site := p.sites.site(r)
	if site == "" {
		return
	}
	now := p.Now()
	for _, id := range found {
		if w := p.sites.widgets[id]; w != nil {
			w.Count(site, now)
		}
	}
	for _, id := range missing {
		if w := p.sites.widgets[id]; w != nil && !p.cors.readable(id, r) {
			w.Refuse(site, now)
		}
	}
}

// mayFrame reports whether browsers show a page in a frame of a site, by frame-ancestors. A source with http also matches https (CSP 3,
// section 6.7.2.8).
func (p *originPolicy) mayFrame(site string) bool {
	allows := func(origin string) bool {
		return p.cors.OriginAllowed(&http.Request{Header: http.Header{"Origin": {origin}}})
	}
	return allows(site) || allows(strings.Replace(site, "https://", "http://", 1))
}

// site returns the site whose page makes a request, or "" if none is known. That is the origin, or else the site of the referrer, because
// images and frames send no origin, and sandboxed frames send null. It leaves out links that a visitor follows, and the service's own pages.
func (s *siteCounter) site(r *http.Request) string {
	if origin := r.Header["Origin"]; len(origin) > 0 {
		if site, path, ok := parseSite(origin[0]); ok {
			return s.foreign(site, path)
		}
	}
	referrer := r.Header["Referer"]
	if destination := r.Header["Sec-Fetch-Dest"]; len(referrer) == 0 || len(destination) > 0 && destination[0] == "document" {
		return ""
	}
	if site, path, ok := parseSite(referrer[0]); ok {
		return s.foreign(site, path)
	}
	return ""
}

// foreign returns a site, or "" if the page at the path is the service's own. The service may be in a folder of a site.
func (s *siteCounter) foreign(site, path string) string {
	if (site == s.own[0] || site == s.own[1]) && (s.home == "" || path == s.home || strings.HasPrefix(path, s.home+"/")) {
		return ""
	}
	return site
}
