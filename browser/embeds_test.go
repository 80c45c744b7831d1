package browser

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"waitboard/embeds"
)

// What Chromium sends names the site of the page in each kind of embed, and never names the service's own pages.
func TestSitesInChromium(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 800)
	const (
		loaded   = `document.readyState == 'complete'`
		fetched  = `performance.getEntriesByType('resource').some(r => r.name.includes('/v1/widgets'))`
		element  = `<wait-time widget="support"></wait-time>`
		frame    = `<iframe src="{api}/embed/support?{name}"></iframe>`
		sandbox  = `<iframe sandbox="allow-scripts" src="{api}/embed/support?{name}"></iframe>`
		image    = `<img alt="" src="{api}/v1/widgets/support/badge.svg?{name}">`
		noScript = `<a id="link" href="{api}/embed/support">Wait time</a>`
	)
	for _, test := range []struct {
		name, html string
		headers    []string
		until      string
		refused    bool // where the widget has the origin of another site
		counted    bool
	}{
		{"element", script + element, nil, fetched, true, true},
		{"element, no referrer", script + element, []string{"Referrer-Policy", "no-referrer"}, fetched, true, true},
		{"frame", frame, nil, loaded, true, true},
		{"frame, full referrer", frame, []string{"Referrer-Policy", "unsafe-url"}, loaded, true, true},
		{"frame in a sandbox", sandbox, nil, loaded, true, true},
		{"image", image, nil, loaded, false, true},
		{"image, no referrer", image, []string{"Referrer-Policy", "no-referrer"}, loaded, false, false},
		{"link", noScript, nil, loaded, false, false},
	} {
		for _, restricted := range []bool{false, true} {
			name := test.name + map[bool]string{true: ", restricted"}[restricted]
			t.Run(name, func(t *testing.T) {
				b.failing(t)
				s.embeds = embeds.New(time.Now, rand.IntN)
				s.embeds.SetWidgets([]string{"support"})
				s.restrict()
				if restricted {
					s.restrict("https://www.example.com")
				}
				html := strings.ReplaceAll(test.html, "{name}", strings.ReplaceAll(name, " ", "")) // the browser has cached no such address
				b.open(s.page("/contact", html, test.headers...))
				b.wait(test.until)
				if test.html == noScript {
					b.wait(`(document.querySelector('#link')?.click(), location.pathname.endsWith('/embed/support')) && document.readyState == 'complete'`)
				}
				sites, refused := s.embeds.Top("support"), s.embeds.Refused()
				switch {
				case !test.counted && len(sites)+len(refused) > 0,
					test.counted && (restricted && test.refused) != (len(refused) == 1),
					test.counted && (restricted && test.refused) == (len(sites) == 1),
					len(sites) == 1 && sites[0].Origin != s.url, len(refused) == 1 && refused[0].Origin != s.url:
					t.Errorf("sites %+v, refused %+v; the page is of %s", sites, refused, s.url)
				}
			})
		}
	}
	s.restrict()
	s.embeds = embeds.New(time.Now, rand.IntN)
	s.embeds.SetWidgets([]string{"support"})
	s.offer()
	for _, own := range []string{"/", "/w/support", "/embed/support", "/builder"} {
		b.open(s.api + own)
		b.wait(fetched + ` || ` + loaded + ` && !document.querySelector('wait-time')`)
	}
	if sites, refused := s.embeds.Top("support"), s.embeds.Refused(); len(sites)+len(refused) > 0 {
		t.Errorf("own pages: %v, %v", sites, refused)
	}
	if asked := strings.Join(s.requests("/v1/widgets"), " "); !strings.Contains(asked, "support") {
		t.Errorf("own pages requested %s", asked)
	}
}
