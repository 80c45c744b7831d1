package browser

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/locale"
	"waitboard/snippet"
)

const running = "Customer support Current wait time 4 min Calls in queue 3 Updated just now"

// The element works under a policy that forbids everything but its script, also text that becomes markup or code.
func TestStrictPage(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	printed := snippet.HTML(snippet.Element, snippet.Options{Base: s.api, Widget: "support", Title: "Customer support", Rows: 2})
	b.open(s.page("/", printed+`<script async src="{api}/v1/widget.js" data-widget="sales" data-layout="line"></script>`,
		"Content-Security-Policy", "default-src 'none'; script-src {origin}; style-src 'none'; connect-src {origin}; img-src data: {origin}; require-trusted-types-for 'script'; trusted-types 'none'"))
	b.wait(shown + `(0) == "` + running + `"`)
	b.wait(shown + `(1) == "Customer support Calls in queue 3"`)
	if color := eval[string](b, `getComputedStyle(document.querySelector('wait-time').shadowRoot.querySelector('.box')).borderRadius`); color != "16px" {
		t.Errorf("the styles do not apply: %s", color)
	}
	if marked := eval[int](b, `document.querySelectorAll('[style], wait-time style').length`); marked != 0 {
		t.Errorf("%d elements have a style attribute", marked)
	}
	b.quiet()
}

// A frame without an origin, and a page that requires CORP.
func TestIsolatedPages(t *testing.T) {
	t.Parallel()
	t.Run("sandbox", func(t *testing.T) {
		t.Parallel()
		s, b := usual(t), newTab(t, 1280, 800)
		s.page("/srcdoc", `<script>addEventListener('wait-time:update', e => parent.postMessage(origin + ' ' + e.detail.id, '*'))</script><wait-time widget="support"></wait-time>`+script)
		b.open(s.page("/sandbox", `<script>addEventListener('message', e => window.received = e.data)</script><iframe sandbox="allow-scripts" srcdoc="{srcdoc}"></iframe>`))
		b.wait(`window.received == 'null support'`)
		b.quiet()
	})
	t.Run("coep", func(t *testing.T) {
		t.Parallel()
		s, b := usual(t), newTab(t, 1280, 800)
		b.open(s.page("/coep", `<wait-time widget="support"></wait-time>`+script, "Cross-Origin-Embedder-Policy", "require-corp", "Cross-Origin-Opener-Policy", "same-origin"))
		b.wait(`crossOriginIsolated && ` + shown + `() == "` + running + `"`)
		b.quiet()
	})
}

// One request serves all elements, and a hidden page sends none.
func TestRequests(t *testing.T) {
	t.Parallel()
	support, sales := widget("support", metric("calls", "Calls")), widget("sales", metric("calls", "Calls"))
	support.RefreshAfter, support.StaleAfter, support.HideAfter = time.Second, time.Minute, 5*time.Minute
	s := newSite(t, support, sales)
	s.observe("calls", domain.CountOf(3), 0)
	b := newTab(t, 1280, 800)
	b.atStart(hide)
	b.atStart(stopped)
	const one, two = `<wait-time widget="support"></wait-time>`, `<wait-time widget="sales" layout="line"></wait-time>`
	const heard = `<script>window.heard = 0; addEventListener('wait-time:update', () => heard++)</script>` // five events for each response
	b.open(s.page("/", heard+one+two+one+two+one+script))
	for _, step := range []struct {
		name, does string
		fetched    int
		then       string // an expression
	}{
		{"at first", `pass(200)`, 1, `heard == 5`},
		{"before the second has passed", `pass(999)`, 1, `true`},
		{"after it has passed", `pass(126)`, 2, `heard == 10`}, // plus up to 125 ms of jitter
		{"hidden", `(hide(true), pass(60_000))`, 2, `true`},
		{"seen again", `(hide(false), pass(0))`, 3, `heard == 15`},
	} {
		eval[any](b, step.does)
		if n := eval[int](b, `fetched.length`); n != step.fetched {
			t.Fatalf("%s: %d requests, want %d", step.name, n, step.fetched)
		}
		b.wait(step.then)
	}
	const again = "GET /v1/widgets?id=support&id=sales"
	if got, want := s.requests(""), []string{"GET /v1/widget.js", again + "&phrases=en", again, again}; !slices.Equal(got, want) { // without a preflight
		t.Errorf("requests: %q, want %q", got, want)
	}
	b.quiet()
}

// The visitor's clock is years off, and the page has replaced array methods.
func TestHostileEnvironment(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	s.observe("wait", domain.Line(3*time.Minute+30*time.Second, 1, s.now()), 0)
	b.atStart(`{
		const real = Date, off = 5 * 365 * 864e5;
		window.Date = class extends real { constructor(...a) { a.length ? super(...a) : super(real.now() - off) } static now() { return real.now() - off } };
		for (const name of ['map', 'forEach', 'filter', 'reduce', 'some', 'every', 'find', 'includes', 'indexOf', 'join', 'slice', 'concat', 'flat', 'push'])
			Array.prototype[name] = () => { throw Error('broken ' + name) };
		Array.prototype.extra = Object.prototype.surplus = function () {};
		String.prototype.extra = 1;
		Array.prototype.toJSON = () => 'broken';
		delete Intl.DurationFormat;
	}`)
	b.open(s.page("/", `<wait-time widget="support" layout="bare" metric="wait"></wait-time>`+script))
	b.wait(shown + `() == '4 min'`)
	// The wait was 3 min 30 s when the test began: the next minute comes 30 s later by the server's clock.
	eval[any](b, `skip += 31000`)
	b.wait(shown + `() == '5 min'`)
	b.quiet()
}

// Minutes change within two seconds of the server's, for any clock of the visitor.
func TestMinutesChangeInTime(t *testing.T) {
	t.Parallel()
	s := newSite(t, widget("support", metric("wait", "Wait")))
	s.observe("wait", domain.Line(3*time.Minute+50*time.Second, 1, s.now()), 0)
	b := newTab(t, 1280, 800)
	b.atStart(stopped)
	b.atStart(`{ const real = Date; window.Date = class extends real { static now() { return 0 } } }`)
	b.open(s.page("/", `<wait-time widget="support" layout="bare"></wait-time>`+script))
	eval[any](b, `pass(200)`)
	b.wait(shown + `()`)
	for _, step := range []struct{ pass, want string }{{"7500", "4 min"}, {"4000", "5 min"}} { // 2.3 s before and 1.7 s after the minute
		eval[any](b, `pass(`+step.pass+`)`)
		if got := eval[string](b, shown+`()`); got != step.want {
			t.Errorf("%s ms later it shows %s, want %s", step.pass, got, step.want)
		}
	}
	if got := eval[string](b, `document.querySelector('wait-time').shadowRoot.querySelector('time').dateTime`); got != "PT300S" {
		t.Errorf("the datetime attribute is %s", got)
	}
}

// Without responses, values turn stale, then disappear. They return automatically.
func TestLostContact(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	b.open(s.page("/", `<wait-time widget="support"></wait-time><script>window.failed = 0; addEventListener('wait-time:error', () => failed++)</script>`+script))
	b.wait(shown + `() == "` + running + `"`)
	s.breakBy(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	s.passes(b, 605*time.Second)
	b.wait(shown + `().includes('Updated 10 minutes ago') && document.querySelector('wait-time').shadowRoot.querySelector('.stale .old')`)
	s.passes(b, 3000*time.Second)
	b.wait(shown + `() == 'Wait time not available' && failed`)
	s.breakBy(nil)
	s.observe("calls", domain.CountOf(9), 0)
	eval[any](b, `dispatchEvent(new Event('online'))`)
	b.wait(shown + `().includes('Calls in queue 9')`)
}

// A widget's own limits apply without responses, too.
func TestLostContactLimits(t *testing.T) {
	t.Parallel()
	w := widget("support", metric("calls", "Calls in queue"))
	w.RefreshAfter, w.StaleAfter, w.HideAfter = 10*time.Second, 30*time.Second, 100*time.Second
	s, b := newSite(t, w), newTab(t, 1280, 800)
	s.observe("calls", domain.CountOf(3), 0)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	b.wait(shown + `().includes('Calls in queue 3')`)
	s.breakBy(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	s.passes(b, 35*time.Second)
	b.wait(shown + `().includes('Calls in queue 3') && document.querySelector('wait-time').shadowRoot.querySelector('.stale .old')`)
	s.passes(b, 70*time.Second)
	b.wait(shown + `() == 'Wait time not available'`)
}

// After sleep and without a network, old values are not shown as current.
func TestSleep(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	b.wait(shown + `() == "` + running + `"`)
	s.breakBy(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	eval[any](b, `moved = 605_000; `+look)
	b.wait(shown + `().includes('Updated 10 minutes ago') && document.querySelector('wait-time').shadowRoot.querySelector('.stale .old')`)
	eval[any](b, `moved = 8 * 3_600_000; `+look)
	b.wait(shown + `() == 'Wait time not available'`)
	s.breakBy(nil)
	eval[any](b, `dispatchEvent(new Event('online'))`)
	b.wait(shown + `() == "` + running + `"`)
}

// A changed clock of the visitor is not mistaken for the server's: the next response corrects everything.
func TestVisitorClockChanges(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	b.open(s.page("/", `<wait-time widget="support"></wait-time><script>window.heard = 0; addEventListener('wait-time:update', () => heard++)</script>`+script))
	b.wait(shown + `() == "` + running + `"`)
	for _, moved := range []int{180_000, -3_600_000, 3_600_000} { // minutes forward, back, and far forward
		eval[any](b, fmt.Sprintf(`heard = 0; moved = %d; `+look, moved))
		if moved > 0 {
			b.wait(`heard`)
		}
		if got := eval[string](b, shown+`()`); got != running {
			t.Errorf("clock moved by %d s: shown %q", moved/1000, got)
		}
	}
}

// The element obeys Retry-After, and still shows its values.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/v1/widgets") {
			return false
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	b.atStart(stopped)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	eval[any](b, `pass(200)`)
	b.wait(shown + `() == 'Wait time not available'`)
	for _, step := range []struct {
		skip string
		want int
	}{{"3500000", 1}, {"99999", 1}, {"1", 2}} {
		eval[any](b, `(skip += `+step.skip+`, dispatchEvent(new Event('online')), pass(0))`)
		if got := eval[int](b, `fetched.length`); got != step.want {
			t.Errorf("%d requests after another %s ms, want %d", got, step.skip, step.want)
		}
	}
}

// No text becomes markup.
func TestMarkupStaysText(t *testing.T) {
	t.Parallel()
	const markup = `<img src=x onerror=alert(1)><b>&amp;`
	m := metric("text", markup)
	m.Levels = domain.Levels{Kind: domain.Count, Moderate: 1, High: 2}
	m.Link = domain.Link{When: domain.High, Label: markup, URL: "javascript:alert(1)"}
	count := m
	count.ID, count.Ref.Metric = "count", "count"
	w := widget("support", m, count)
	w.Title, w.Notice = markup, markup
	s := newSite(t, w)
	s.observe("text", domain.TextOf(markup), 0)
	s.observe("count", domain.CountOf(5), 0)
	b := newTab(t, 1280, 800)
	for _, page := range []string{s.page("/", `<wait-time widget="support"></wait-time>`+script), s.api + "/embed/support", s.api + "/w/support"} {
		b.open(page)
		b.wait(shown + `()`)
		if got, want := eval[string](b, shown+`()`), strings.Join([]string{markup, markup, markup, markup, markup, "5 high Updated just now"}, " "); got != want {
			t.Errorf("%s shows: %s", page, got)
		}
		if got := eval[int](b, `document.querySelector('wait-time').shadowRoot.querySelectorAll('img, b, a').length`); got != 0 {
			t.Errorf("%s: %d elements or links came from texts", page, got)
		}
	}
	b.quiet()
}

// Scripts replace, copy and change pages; the element's script runs twice.
func TestElementLives(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	const line = `<script async src="{api}/v1/widget.js" data-widget="sales" data-layout="line"></script>`
	b.open(s.page("/", `<main><wait-time widget="support"></wait-time>`+line+line+`</main>`+script))
	b.wait(`document.querySelectorAll('wait-time').length == 3 && ` + shown + `(2) == 'Customer support Calls in queue 3'`)
	eval[any](b, `{ const body = document.body.innerHTML; document.body.innerHTML = ''; document.body.innerHTML = body; }`)
	b.wait(shown + `(2) == 'Customer support Calls in queue 3'`)
	eval[any](b, `{ const again = document.createElement('script'); again.src = document.querySelector('script').src; document.body.append(again); again.onload = () => window.again = true }`)
	b.wait(`window.again`)
	if n := eval[int](b, `document.querySelectorAll('wait-time').length`); n != 3 {
		t.Errorf("%d elements", n)
	}
	eval[any](b, `{ const e = document.querySelector('wait-time'); document.body.append(e.cloneNode(true)); e.remove(); document.body.append(e); e.setAttribute('metric', 'calls'); e.setAttribute('layout', 'bare') }`)
	b.wait(shown + `(2).startsWith('Customer support Current') && ` + shown + `(3) == '3'`)
	b.quiet()
	eval[any](b, `{ const e = document.querySelectorAll('wait-time')[3]; e.setAttribute('layout', 'oval'); e.setAttribute('locale', '!'); e.setAttribute('metric', 'nosuch') }`)
	b.wait(shown + `(3) == "` + running + `"`)
	eval[any](b, `document.querySelectorAll('wait-time')[3].setAttribute('widget', 'nosuch')`)
	b.wait(shown + `(3) == 'Wait time not available' && ` + shown + `(2).startsWith('Customer support Current')`)
	for _, want := range []string{"language tag", `unknown widget="nosuch"`} {
		b.complains(want)
	}
	all := strings.Join(b.complaints(), "\n")
	if strings.Contains(all, "exception") {
		t.Errorf("exceptions: %s", all)
	}
}

// An element added during a request is not unknown; the next request includes it.
func TestElementAddedDuringRequest(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	asked, answer := make(chan struct{}), make(chan struct{})
	s.breakBy(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/v1/widgets") && !strings.Contains(r.URL.RawQuery, "sales") {
			close(asked)
			<-answer
		}
		return false
	})
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	<-asked
	eval[any](b, `document.body.append(Object.assign(document.createElement('div'), {innerHTML: '<wait-time widget="sales"></wait-time>'}))`)
	close(answer)
	b.wait(shown + `(1) == "Customer support Calls in queue 3 Updated just now"`)
	b.quiet()
}

// Elements of several languages show their phrases once loaded, and those of another language until then, or if loading fails.
func TestSeveralLanguages(t *testing.T) {
	t.Parallel()
	const page = `<wait-time widget="support"></wait-time><wait-time widget="support" locale="de"></wait-time><wait-time widget="support" locale="fr"></wait-time>` + script
	t.Run("asked for at once", func(t *testing.T) {
		t.Parallel()
		s, b := usual(t), newTab(t, 1280, 800)
		b.atStart(`window.setTimeout = (was => (work, after) => after < 900 ? was(work, after) : 0)(window.setTimeout)`) // no later request
		b.open(s.page("/", page))
		b.wait(shown + `(0).includes('Updated just now') && ` + shown + `(1).includes('4 Min.') && ` + shown + `(2).includes('Mis à jour')`)
		const asked = `performance.getEntriesByType('resource').filter(e => e.name.includes('phrases='))`
		if got := eval[[]string](b, asked+`.map(e => e.name.split('phrases=')[1])`); !slices.Equal(got, []string{"en", "de", "fr"}) {
			t.Fatalf("phrases were asked for: %q", got)
		}
		b.quiet()
	})
	t.Run("one is refused", func(t *testing.T) {
		t.Parallel()
		s, b := usual(t), newTab(t, 1280, 800)
		s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
			refused := strings.HasSuffix(r.URL.RawQuery, "phrases=de")
			if refused {
				w.WriteHeader(http.StatusBadGateway)
			}
			return refused
		})
		b.open(s.page("/", page))
		b.wait(`[0, 1, 2].every(n => ` + shown + `(n) == "` + running + `")`)
	})
}

// In another language, the browser shows the same texts as the server.
func TestLanguages(t *testing.T) {
	t.Parallel()
	const minute = 60_000.
	displayed := func(id, of string, d domain.Display) domain.WidgetMetric {
		m := metric(of, id)
		m.ID, m.Display = id, d
		return m
	}
	metrics := func() []domain.WidgetMetric {
		return []domain.WidgetMetric{
			metric("running", "running"), metric("still", "still"), metric("long", "long"), metric("many", "many"), metric("yes", "yes"), metric("none", "none"),
			displayed("under", "still", domain.Display{Kind: domain.Duration, Below: 10 * minute}),
			displayed("over", "still", domain.Display{Kind: domain.Duration, Above: minute}),
			displayed("span", "still", domain.Display{Kind: domain.Duration, Buckets: []float64{5 * minute, 10 * minute}}),
			displayed("wide", "still", domain.Display{Kind: domain.Duration, Buckets: []float64{5 * minute, 70 * minute}}),
			displayed("seconds", "still", domain.Display{Kind: domain.Duration, Round: minute / 2}),
			displayed("few", "many", domain.Display{Kind: domain.Count, Below: 5000}),
			displayed("more", "many", domain.Display{Kind: domain.Count, Above: 5}),
			displayed("some", "many", domain.Display{Kind: domain.Count, Buckets: []float64{1000, 2000}}),
		}
	}
	tags := []string{"de", "fr", "pl", "ar", "he", "ja", "pt-BR", "es", "en"}
	english := widget("english", metrics()...)
	all := []domain.Widget{english}
	for _, tag := range tags {
		l, err := locale.New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := widget(strings.ToLower(tag), metrics()...)
		w.Locale = l
		all = append(all, w)
	}
	s := newSite(t, all...)
	s.observe("running", domain.Line(64*time.Minute+5*time.Second, 1, s.now()), 0)
	s.observe("still", domain.Line(7*time.Minute+10*time.Second, 0, s.now()), 0)
	s.observe("long", domain.Line(2*time.Hour, 0, s.now()), 0)
	s.observe("many", domain.CountOf(1234), 0)
	s.observe("yes", domain.BooleanOf(true), 0)
	s.observe("none", domain.Reading{}, 0)
	b := newTab(t, 1280, 800)
	var body strings.Builder
	for _, tag := range tags {
		body.WriteString(`<div lang="` + tag + `"><wait-time widget="english"></wait-time><wait-time widget="` + strings.ToLower(tag) + `"></wait-time></div>`)
	}
	b.open(s.page("/", body.String()+script))
	b.wait(allShown + ` && Array.from(document.querySelectorAll('wait-time')).every(e => e.shadowRoot.querySelector('.box').lang.split('-')[0] == e.parentNode.lang.split('-')[0])`) // each in its language
	const values = `(n => Array.from(document.querySelectorAll('wait-time')[n].shadowRoot.querySelectorAll('.metric'), m => m.querySelector('.label').textContent + ': ' + m.querySelector('.value').textContent))`
	for i, tag := range tags {
		pair := eval[[2][]string](b, `[0, 1].map(i => `+values+`(`+string(rune('0'+i))+` * 2 + i))`)
		for n := range pair[0] {
			// In French, browsers use a narrower space between thousands.
			if strings.ReplaceAll(pair[0][n], "\u202f", "\u00a0") != pair[1][n] {
				t.Errorf("%s: browser %q, server %q", tag, pair[0][n], pair[1][n])
			}
		}
		direction := eval[string](b, `getComputedStyle(document.querySelectorAll('wait-time')[`+string(rune('0'+i))+` * 2].shadowRoot.querySelector('.box')).direction`)
		if want := map[bool]string{true: "rtl", false: "ltr"}[tag == "ar" || tag == "he"]; direction != want {
			t.Errorf("%s has direction %s", tag, direction)
		}
	}
	b.quiet()
}

// The lang attribute of the page selects the language, and the region's number format.
func TestLanguageTags(t *testing.T) {
	t.Parallel()
	type element struct{ tag, lang, want string } // the language shown, and 1234.5 in it
	tests := []struct {
		own      string // the widget's language
		elements []element
		warnings []string // parts of them
	}{
		{"en", []element{
			{"de_DE", "de", "1.234,5"}, {"pt_BR", "pt-BR", "1.234,5"}, {"EN-us", "en", "1,234.5"}, {"de-AT", "de-AT", "1 234,5"}, {"*", "en", "1,234.5"}, {"", "en", "1,234.5"},
		}, nil},
		{"es-MX", []element{{"es-ES", "es-ES", "1234,5"}, {"es_mx", "es-MX", "1,234.5"}, {"es", "es-MX", "1,234.5"}, {"zh-Hant", "zh-Hans", "1,234.5"}, {"sv", "es-MX", "1,234.5"}, {"!", "es-MX", "1,234.5"}},
			[]string{`unsupported language "zh-Hant", showing zh-Hans`, `unsupported language "sv", showing es-MX`, "unknown language tag, showing es-MX"}},
	}
	for _, test := range tests {
		t.Run(test.own, func(t *testing.T) {
			t.Parallel()
			l, err := locale.New(test.own, nil)
			if err != nil {
				t.Fatal(err)
			}
			w := widget("support", metric("many", "many"))
			w.Locale = l
			s := newSite(t, w)
			s.observe("many", domain.CountOf(1234.5), 0)
			var body strings.Builder
			for _, e := range test.elements {
				body.WriteString(`<p lang="` + e.tag + `"><wait-time widget="support"></wait-time></p><wait-time widget="support" locale="` + e.tag + `"></wait-time>`)
			}
			b := newTab(t, 1280, 800)
			b.open(s.page("/", `<body lang="und">`+body.String()+script+`</body>`))
			for i, e := range test.elements {
				for n := range 2 {
					b.wait(fmt.Sprintf(`(root => root.querySelector('.box')?.lang == %q && root.querySelector('.value').textContent.replace(/\s/, ' ') == %q)(document.querySelectorAll('wait-time')[%d].shadowRoot)`, e.lang, e.want, 2*i+n))
				}
			}
			for _, want := range test.warnings {
				b.complains(want)
			}
			if test.warnings == nil {
				b.quiet()
			}
		})
	}
}

// The pause control stops updates, also by keyboard.
func TestPause(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	s.observe("wait", domain.Line(3*time.Minute+30*time.Second, 1, s.now()), 0)
	b.open(s.page("/", `<wait-time widget="support"></wait-time><wait-time widget="support"></wait-time>`+script))
	b.wait(shown + `() == "` + running + `"`)
	const button = `document.querySelector('wait-time').shadowRoot.querySelector('button')`
	if size := eval[float64](b, `Math.min(`+button+`.offsetWidth, `+button+`.offsetHeight)`); size < 24 {
		t.Errorf("the control is %v px", size)
	}
	eval[any](b, button+`.click()`)
	b.wait(button + `.ariaLabel == 'Resume updates'`)
	eval[any](b, `skip += 31000; `+look)
	b.wait(shown + `(1).includes('5 min')`)
	if got := eval[string](b, shown+`(0)`); !strings.Contains(got, "4 min") {
		t.Errorf("while paused: %s", got)
	}
	eval[any](b, button+`.click()`)
	b.wait(shown + `(0).includes('5 min')`)
	eval[any](b, button+`.click(); skip += 4_000_000; `+look) // it continues automatically, because there is no button
	b.wait(shown + `(0).includes(' min') && ` + button + `.ariaLabel == 'Pause updates'`)
	b.quiet()
}

// A change of state or level is announced once; the initial state is not.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	m := metric("wait", "Wait")
	m.Levels = domain.Levels{Kind: domain.Duration, Moderate: 60_000, High: 600_000}
	w := widget("support", m)
	w.RefreshAfter, w.StaleAfter, w.HideAfter = time.Second, time.Minute, 5*time.Minute
	s := newSite(t, w)
	s.observe("wait", domain.Line(4*time.Minute, 0, s.now()), 0)
	b := newTab(t, 1280, 800)
	b.atStart(stopped)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	const status = `document.querySelector('wait-time').shadowRoot.querySelector('[role=status]').textContent`
	shows := func(d time.Duration, want string) {
		t.Helper()
		s.observe("wait", domain.Line(d, 0, s.now()), 0)
		eval[any](b, `pass(1200)`) // requests
		b.wait(shown + `().includes('` + want + `')`)
		eval[any](b, `pass(1000)`) // updates
	}
	shows(4*time.Minute, "4 min")
	shows(5*time.Minute, "5 min")
	if said := eval[string](b, status); said != "" {
		t.Errorf("a change of the number was announced: %s", said)
	}
	shows(20*time.Minute, "20 min")
	if said := eval[string](b, status+`.replace(/\s+/g, ' ')`); !strings.Contains(said, "Wait 20 min high") {
		t.Errorf("announcement of the level: %q", said)
	}
}

// The page is eligible for the back/forward cache.
func TestBackForwardCache(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	other := s.page("/other", `elsewhere`)
	b.open(s.page("/", `<wait-time widget="support"></wait-time><script>addEventListener('pageshow', e => window.persisted = e.persisted)</script>`+script))
	b.wait(shown + `() == "` + running + `"`)
	b.open(other)
	eval[any](b, `history.back()`)
	b.wait(`location.pathname == '/' && window.persisted !== undefined`)
	if !eval[bool](b, `window.persisted`) {
		t.Errorf("the page was not cached: %v", eval[any](b, `performance.getEntriesByType('navigation')[0].notRestoredReasons`))
	}
	b.wait(shown + `().startsWith('Customer support')`)
}
