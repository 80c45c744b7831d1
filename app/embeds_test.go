package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"waitboard/simulator"
)

const embedsYAML = `
public_url: https://wait.example.com
embeds: %t
sources: {hq: {url: %q, key_env: KEY, mode: poll, interval: 1h}}
widgets:
  support: {metrics: {waiting: {metric: K0FLAEB6}}}
  %s: {origins: ["https://www.example.com"], metrics: {waiting: {metric: K0FLAEB6}}}
`

// The operators' page lists sites for 24 hours, also over a reload. Removed widgets are forgotten, and with embeds: false everything is.
func TestEmbeds(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 1})
		s := w.serveReloading(w.read(fmt.Sprintf(embedsYAML, true, sim.URL(), "partner"), map[string]string{"KEY": sim.Key()}))
		reload := func(on bool, partner string) {
			s.reload(w.read(fmt.Sprintf(embedsYAML, on, sim.URL(), partner), map[string]string{"KEY": sim.Key()}))
		}
		s.visitFrom("https://shop.example", "/v1/widgets?id=support,partner,other")
		s.visitFrom("https://shop.example", "/v1/widgets/support")
		s.listed("2 in 24 h", "https://shop.example → partner")

		reload(true, "other")
		s.visitFrom("https://shop.example", "/v1/widgets/other")
		s.listed("2 in 24 h", "https://shop.example → other")
		s.notListed("→ partner")

		reload(false, "other")
		s.visitFrom("https://shop.example", "/v1/widgets?id=support,other")
		s.notListed("shop.example")

		reload(true, "other")
		s.notListed("shop.example")
		s.visitFrom("https://shop.example", "/v1/widgets/support")
		s.listed("1 in 24 h")
		w.pass(24 * time.Hour)
		s.notListed("shop.example")
	})
}

// visitFrom requests a path as the script of a site does.
func (r *reloader) visitFrom(origin, path string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.url+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	resp, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// listed checks that the operators' page has some texts.
func (r *reloader) listed(texts ...string) {
	r.t.Helper()
	_, page := r.get(r.admin + "/")
	for _, text := range texts {
		if !strings.Contains(page, text) {
			r.t.Errorf("no %s in %s", text, page)
		}
	}
}

func (r *reloader) notListed(text string) {
	r.t.Helper()
	if _, page := r.get(r.admin + "/"); strings.Contains(page, text) {
		r.t.Errorf("%s in %s", text, page)
	}
}
