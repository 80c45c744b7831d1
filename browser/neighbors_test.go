package browser

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"waitboard/internal/testlevel"
)

// The two ways into a page of a framework.
var embedded = []struct{ name, html string }{
	{"element", `<wait-time api="{api}" widget="support"></wait-time><script async src="{api}/v1/widget.js"></script>`},
	{"one line", `<script async src="{api}/v1/widget.js" data-widget="support"></script>`},
}

// oneWidget is true when the page has one element, which shows its widget.
const oneWidget = elements + ` == 1 && ` + shown + `().includes('4 min')`

// Pages that Turbo or htmx mounts, navigates and morphs keep one widget for each snippet.
func TestPageFrameworks(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	for _, framework := range []struct {
		name, file, more string
		head, body       string
		steps            []string // each ends with one widget
	}{
		{"Turbo", "@hotwired/turbo/dist/turbo.es2017-umd.js", "", `<meta name="turbo-refresh-method" content="morph">`, ``, []string{
			`Turbo.visit('/second')`, `history.back()`, `Turbo.session.refresh(location.href)`, `Turbo.session.refresh(location.href)`,
		}},
		{"htmx", "htmx.org/dist/htmx.js", "idiomorph/dist/idiomorph-ext.js", ``, ` hx-ext="morph" hx-boost="true"`, []string{
			`document.querySelector('a').click()`, `history.back()`,
			`htmx.ajax('GET', location.pathname, {target: 'main', swap: 'innerHTML', select: 'main > *'})`,
			`htmx.ajax('GET', location.pathname, {target: 'main', swap: 'morph:outerHTML', select: 'main'})`,
		}},
	} {
		for _, embed := range embedded {
			t.Run(framework.name+"/"+embed.name, func(t *testing.T) {
				t.Parallel()
				needTool(t, framework.file)
				files := httptest.NewServer(http.FileServer(http.Dir(tools)))
				t.Cleanup(files.Close)
				scripts := `<script src="` + files.URL + "/" + framework.file + `"></script>`
				if framework.more != "" {
					needTool(t, framework.more)
					scripts += `<script src="` + files.URL + "/" + framework.more + `"></script>`
				}
				s, b := usual(t), newTab(t, 800, 600)
				page := func(heading, other string) string {
					return framework.head + scripts + `<body` + framework.body + `><h1>` + heading + `</h1><a href="` + other + `">Next</a><main>` + embed.html + `</main></body>`
				}
				first := s.page("/first", page("First", "/second"))
				s.page("/second", page("Second", "/first"))
				b.open(first)
				b.wait(oneWidget)
				for _, step := range framework.steps {
					// The framework is done when what the page had before has gone, or was morphed.
					eval[any](b, `window.stepped = false; for (const name of ['turbo:load', 'turbo:morph', 'htmx:afterSettle', 'htmx:historyRestore']) addEventListener(name, () => window.stepped = true, {once: true}); `+step+`; true`)
					b.wait(`stepped`)
					b.wait(oneWidget)
				}
			})
		}
	}
}

// Hydration keeps the element. The one-line script is placed again, or warned about where React moves it to the head.
func TestHydration(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	for _, test := range []struct{ name, react, dom, app, html, then string }{
		{"React 18, element", "react", "react-dom", `h('wait-time', {api, widget: 'support'})`, `<wait-time api="{api}" widget="support"></wait-time>`, oneWidget},
		{"React 19, element", "react19", "react-dom19", `h('wait-time', {api, widget: 'support'})`, `<wait-time api="{api}" widget="support"></wait-time>`, oneWidget},
		{"React 18, one line", "react", "react-dom", `h('script', {async: true, src: api + '/v1/widget.js', 'data-widget': 'support'})`, embedded[1].html, oneWidget},
		{"React 19, one line", "react19", "react-dom19", `h('script', {async: true, src: api + '/v1/widget.js', 'data-widget': 'support'})`, embedded[1].html, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			home := needTool(t, test.dom)
			built := api.Build(api.BuildOptions{
				Stdin: &api.StdinOptions{ResolveDir: filepath.Dir(home), Contents: `
					import { createElement as h } from 'react';
					import { hydrateRoot } from 'react-dom/client';
					const api = document.body.dataset.api;
					window.hydrate = () => hydrateRoot(document.querySelector('#app'), h('main', null, h('h1', {ref: () => { window.hydrated = true }}, 'Help'), ` + test.app + `), {onRecoverableError() {}});`},
				AbsWorkingDir: filepath.Dir(home), Bundle: true, Format: api.FormatESModule, LogLevel: api.LogLevelSilent,
				Alias:  map[string]string{"react": needTool(t, test.react), "react-dom": home},
				Define: map[string]string{"process.env.NODE_ENV": `"production"`},
			})
			if len(built.Errors) > 0 {
				t.Fatalf("%+v", built.Errors)
			}
			s, b := usual(t), newTab(t, 800, 600)
			once := ""
			if strings.Contains(test.name, "element") {
				once = script
			}
			b.open(s.page("/", `<body data-api="{api}"><div id="app"><main><h1>Help</h1>`+test.html+`</main></div>`+once+`<script type="module" src="`+newFiles(t, built.OutputFiles[0].Contents)+`/app.js"></script></body>`))
			b.wait(oneWidget)
			b.wait(`window.hydrate`)
			eval[any](b, `hydrate(); true`)
			b.wait(`window.hydrated`)
			if test.then == "" {
				b.complains("set widget and api")
				return
			}
			b.wait(test.then)
		})
	}
}
