package browser

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// tools is the folder with the npm packages of the tests.
const tools = "../tools/node/node_modules/"

// needTool returns the path of a file from npm. Without it, it skips the test, or fails it in CI.
func needTool(t testing.TB, file string) string {
	t.Helper()
	path, err := filepath.Abs(tools + file)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("SKIPPED: run npm ci --prefix tools/node --ignore-scripts first: %v", err)
	}
	return path
}

// newFiles serves the files of the npm package and app as /app.js to pages of any site.
func newFiles(t testing.TB, app []byte) (url string) {
	t.Helper()
	files := http.FileServer(http.Dir("../web/npm"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.URL.Path != "/app.js" {
			files.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(app)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// The npm module works without a bundler, under a strict policy, with the service in an attribute.
func TestModule(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	url := newFiles(t, nil)
	b.open(s.page("/", `<wait-time api="{api}" widget="support"></wait-time><wait-time widget="support">Call us</wait-time><script type="module" src="`+url+`/index.js"></script>`,
		"Content-Security-Policy", "default-src 'none'; script-src {origin} "+url+"; style-src 'none'; connect-src {origin}; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'"))
	b.wait(shown + `() == "` + running + `"`)
	if broken := eval[[]string](b, "window.violations"); len(broken) > 0 {
		b.Errorf("policy violations: %q", broken)
	}
	if inside := eval[float64](b, `document.querySelectorAll('wait-time')[1].shadowRoot.querySelector('slot').assignedNodes().length`); inside != 1 {
		t.Error("an element without a service does not show its content")
	}
	b.complains("set widget and api")
	if all := strings.Join(b.complaints(), "\n"); strings.Contains(all, "exception") {
		t.Errorf("problems of the page: %s", all)
	}
}

// A page may load the module and the script in any order, several times. The first one wins.
func TestModuleNextToScript(t *testing.T) {
	t.Parallel()
	for _, order := range []struct{ name, first, second string }{
		{"module first", `import(MODULE)`, `load('{api}/v1/widget.js')`},
		{"script first", `load('{api}/v1/widget.js')`, `import(MODULE)`},
	} {
		t.Run(order.name, func(t *testing.T) {
			t.Parallel()
			s, b := usual(t), newTab(t, 1280, 800)
			module := "'" + newFiles(t, nil) + "/index.js'"
			b.open(s.page("/", strings.ReplaceAll(`<wait-time api="{api}" widget="support"></wait-time><script>
				const load = src => new Promise((done, failed) => document.body.append(Object.assign(document.createElement('script'), {src, onload: done, onerror: failed})));
				(async () => {
					await `+order.first+`; await `+order.second+`;
					const {WaitTime} = await import(MODULE), again = await import(MODULE + '?again');
					const made = new again.WaitTime();
					made.setAttribute('api', '{api}'); made.setAttribute('widget', 'sales');
					document.body.append(made);
					window.same = WaitTime == again.WaitTime && WaitTime == customElements.get('wait-time');
				})();
				</script>`, "MODULE", module)))
			b.wait(`window.same`)
			b.wait(shown + `(0) == "` + running + `" && ` + shown + `(1) == "Customer support Calls in queue 3 Updated just now"`)
			b.quiet()
		})
	}
}

// reactApp shows the component, under React 19 also the element, and their events.
const reactApp = `
import { createElement as h, createRef, StrictMode, useState, version } from 'react';
import { createRoot } from 'react-dom/client';
import { WaitTime } from '@waitboard/wait-time/react';

const api = document.body.dataset.api;
const ref = createRef();
function App() {
	const [update, setUpdate] = useState('');
	const [error, setError] = useState('');
	const [native, setNative] = useState('');
	const [layout, setLayout] = useState('card');
	return h('main', null,
		h(WaitTime, { api, widget: 'support', layout, className: 'wide', ref, onUpdate: e => setUpdate(e.type + ' ' + e.detail.title) }, 'One moment'),
		h(WaitTime, { api, widget: 'nosuch', onError: e => setError(e.type) }),
		h('wait-time', { api, widget: 'sales', 'onwait-time:update': e => setNative(e.detail.id) }),
		h('button', { onClick: () => setLayout('line') }, 'line'),
		h('p', null, [update, error, native].join(', ')));
}
window.received = () => [version.split('.')[0], ref.current.localName, ref.current.className, ref.current.getAttribute('layout')].join(' ');
createRoot(document.querySelector('#app')).render(h(StrictMode, null, h(App)));
`

// The wrapper passes events to React's handlers, in versions with and without events of custom elements.
func TestReact(t *testing.T) {
	t.Parallel()
	for _, react := range []struct{ version, react, dom, native string }{
		{"18", "react", "react-dom", ""},
		{"19", "react19", "react-dom19", "sales"},
	} {
		t.Run(react.version, func(t *testing.T) {
			t.Parallel()
			home := needTool(t, react.dom)
			wrapper, err := filepath.Abs("../web/npm/react.js")
			if err != nil {
				t.Fatal(err)
			}
			built := api.Build(api.BuildOptions{
				Stdin: &api.StdinOptions{Contents: reactApp, ResolveDir: filepath.Dir(home)}, AbsWorkingDir: filepath.Dir(home), Bundle: true, Format: api.FormatESModule,
				Alias:  map[string]string{"@waitboard/wait-time/react": wrapper, "react": needTool(t, react.react), "react-dom": home},
				Define: map[string]string{"process.env.NODE_ENV": `"development"`}, LogLevel: api.LogLevelSilent,
			})
			if len(built.Errors) > 0 {
				t.Fatalf("%+v", built.Errors)
			}
			s, b := usual(t), newTab(t, 1280, 800)
			b.open(s.page("/", `<body data-api="{api}"><div id="app"></div><script type="module" src="`+newFiles(t, built.OutputFiles[0].Contents)+`/app.js"></script></body>`))
			b.wait(shown + `() == "` + running + `"`)
			b.wait(`document.querySelector('p').textContent == "wait-time:update Customer support, wait-time:error, ` + react.native + `"`)
			if got, want := eval[string](b, `received()`), react.version+" wait-time wide card"; got != want {
				t.Errorf("the app has %s, want %s", got, want)
			}
			eval[any](b, `document.querySelector('button').click()`)
			b.wait(shown + `() == "Customer support Current wait time 4 min Calls in queue 3"`)
			for _, complaint := range b.complaints() {
				if !strings.Contains(complaint, `unknown widget="nosuch"`) {
					t.Error(complaint)
				}
			}
		})
	}
}
