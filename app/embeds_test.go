package app_test

import (
	"fmt"
	"net/http"
	"slices"
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

// The dashboard lists sites for 24 hours, also over a reload. Removed widgets are forgotten, and with embeds: false everything is.
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
		s.listed("support https://shop.example 2", "!partner https://shop.example 1")

		reload(true, "other")
		s.visitFrom("https://shop.example", "/v1/widgets/other")
		s.listed("support https://shop.example 2", "!other https://shop.example 1")

		reload(false, "other")
		s.visitFrom("https://shop.example", "/v1/widgets?id=support,other")
		s.listed()

		reload(true, "other")
		s.listed()
		s.visitFrom("https://shop.example", "/v1/widgets/support")
		s.listed("support https://shop.example 1")
		w.pass(24 * time.Hour)
		s.listed()
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

// listed checks which sites operators see, as widget, site and requests, with ! before the refused ones.
func (r *reloader) listed(want ...string) {
	r.t.Helper()
	var got []string
	for _, w := range r.operatorState().Widgets {
		for _, site := range w.EmbeddedBy {
			got = append(got, fmt.Sprint(w.ID, " ", site.Site, " ", site.Requests))
		}
		for _, site := range w.Refused {
			got = append(got, fmt.Sprint("!", w.ID, " ", site.Site, " ", site.Requests))
		}
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("listed %q, want %q", got, want)
	}
}
