package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"waitboard/domain"
	"waitboard/internal/testlevel"
	"waitboard/snippet"
	"waitboard/web"
)

// html is an expression for the gallery's snippet.
const html = `document.querySelector('#html').value`

// paste returns the expected snippet of a widget of usual with changed options.
func paste(kind snippet.Kind, widget string, change func(*snippet.Options)) string {
	o := snippet.Options{Base: public, Widget: widget, Title: "Customer support", Rows: 2, Hash: web.Script.Hash(), Integrity: web.Script.Integrity()}
	if widget == "sales" {
		o.Rows = 1
	}
	change(&o)
	return snippet.HTML(kind, o)
}

// choose changes fields of the builder. They come in pairs of name and value.
func (b *tab) choose(fields ...string) {
	b.Helper()
	for i := 0; i < len(fields); i += 2 {
		eval[any](b, fmt.Sprintf(`(() => {
			const field = document.querySelector('#builder form').elements[%q], value = %q;
			if (field.type == 'checkbox') field.checked = value == '1'; else field.value = value;
			(field[0] && field[0].type == 'radio' ? field[0] : field).dispatchEvent(new Event('change', {bubbles: true}));
		})()`, fields[i], fields[i+1]))
	}
}

// A choice updates the preview and the status immediately, and nothing else on the page shifts or breaks.
func TestGallery(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 900)
	b.open(s.api + "/")
	b.wait(`[0, 1, 2, 3, 4].every(` + shown + `)`) // two cards, the preview, and two samples
	if got, want := eval[string](b, html), paste(snippet.Element, "support", func(*snippet.Options) {}); got != want {
		t.Errorf("at first: %s\nwant %s", got, want)
	}
	eval[any](b, `window.saved = document.querySelector('#builder .stage wait-time'); document.querySelector('#layout').focus()`)
	const preview = `document.querySelector('#builder .result .stage')`
	text := `(() => { const e = ` + preview + `.querySelector('wait-time').shadowRoot.querySelector('.box'); return e ? e.innerText.replace(/\s+/g, ' ').trim() : '' })()`
	frame := `(() => { const f = ` + preview + `.querySelector('iframe'); return f && f.contentDocument.querySelector('wait-time') ? f.contentDocument.documentElement : {dataset: {}} })()`
	steps := []struct {
		name   string
		fields []string
		kind   snippet.Kind
		widget string
		change func(*snippet.Options)
		seen   string // an expression
	}{
		{"layout", []string{"layout", "line"}, snippet.Element, "support", func(o *snippet.Options) { o.Layout = "line" },
			`saved.isConnected && document.activeElement.id == 'layout' && ` + text + ` == 'Customer support Current wait time 4 min Calls in queue 3'`},
		{"language", []string{"locale", "de"}, snippet.Element, "support", func(o *snippet.Options) { o.Layout, o.Locale = "line", "de" },
			text + `.includes('4 Min.')`},
		{"metric and pin", []string{"metric", "wait", "pin", "1"}, snippet.Element, "support",
			func(o *snippet.Options) { o.Layout, o.Locale, o.Metric, o.Pin = "line", "de", "wait", true }, text + ` == 'Customer support Current wait time 4 Min.'`},
		{"script", []string{"kind", "script"}, snippet.Script, "support",
			func(o *snippet.Options) { o.Layout, o.Locale, o.Metric, o.Pin = "line", "de", "wait", true }, `saved.isConnected`},
		{"iframe", []string{"kind", "iframe", "theme", "dark"}, snippet.IFrame, "support", func(o *snippet.Options) { o.Layout, o.Locale, o.Theme = "line", "de", "dark" },
			`!saved.isConnected && document.querySelector('#metric').offsetWidth == 0 && ` + frame + `.dataset.theme == 'dark' && ` + frame + `.lang == 'de'`},
		{"image", []string{"kind", "image"}, snippet.Image, "support", func(o *snippet.Options) { o.Layout, o.Locale, o.Theme = "line", "de", "dark" },
			preview + `.querySelector('a > img').naturalWidth > 0`},
		{"address", []string{"kind", "address"}, snippet.Address, "support", func(o *snippet.Options) { o.Layout, o.Locale, o.Theme = "line", "de", "dark" },
			frame + `.lang == 'de'`},
		{"another widget", []string{"kind", "link", "widget", "sales"}, snippet.Link, "sales", func(o *snippet.Options) { o.Layout, o.Locale, o.Theme = "line", "de", "dark" },
			`document.querySelector('#metric').length == 2 && document.querySelector('#metric').value == ''`},
	}
	for _, step := range steps {
		b.choose(step.fields...)
		b.wait(`!document.querySelector('[aria-busy]') && ` + html + ` == ` + quoted(paste(step.kind, step.widget, step.change)))
		b.wait(step.seen)
		if status := eval[string](b, `document.querySelector('.said').textContent`); status != "Preview and HTML are up to date." {
			t.Errorf("%s: status %q", step.name, status)
		}
		if received := eval[string](b, `fetch(document.querySelector('.result .help a').href).then(r => r.text())`); received != paste(step.kind, step.widget, step.change)+"\n" {
			t.Errorf("%s: the plain-text address returns %s", step.name, received)
		}
	}
	before := eval[string](b, html)
	b.open(eval[string](b, `location.href`))
	if after := eval[string](b, html); after != before || !strings.Contains(after, "/sales?") {
		t.Errorf("after reopening: %s", after)
	}
	eval[any](b, `document.querySelector('#widget-support .embed').click()`)
	b.wait(`location.pathname.endsWith('/builder') && document.readyState == 'complete' && ` + html + ` == ` + quoted(paste(snippet.Element, "support", func(*snippet.Options) {})))
	s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusInternalServerError)
		return true
	})
	b.choose("layout", "bare")
	b.wait(`document.querySelector('.said').textContent.startsWith('The service is not available') && !document.querySelector('.copy').disabled`)
	s.breakBy(nil)
	b.quiet("500", leftFrame)
}

// A place leads to its usual kind, whatever kind was chosen before. The kinds that it takes can be chosen then.
func TestBuilderPlaces(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 900)
	b.open(s.api + "/builder?widget=support")
	b.wait(shown)
	for _, step := range []struct {
		field, value string
		kind         snippet.Kind
		seen         string // an expression
	}{
		{"place", "wordpress", snippet.Address, `document.querySelector('.steps').innerText.includes('on a line of its own')`},
		{"kind", "element", snippet.Element, `document.querySelector('.steps').innerText.includes('Custom HTML')`},
		{"place", "wix", snippet.IFrame, `document.querySelector('.steps').children.length == 2`},
		{"place", "react", snippet.React, `!document.querySelector('.kinds').offsetWidth`},
		{"place", "email", snippet.Email, `document.querySelector('.result .stage img').naturalWidth > 0`},
		{"place", "html", snippet.Element, `document.querySelectorAll('.kinds input').length == ` + fmt.Sprint(len(snippet.Kinds)-2)},
	} {
		b.choose(step.field, step.value)
		b.wait(`!document.querySelector('[aria-busy]') && ` + html + ` == ` + quoted(paste(step.kind, "support", func(*snippet.Options) {})))
		b.wait(step.seen)
		if at := eval[string](b, `location.pathname`); at != mount+"/builder" {
			t.Errorf("%s: at %s", step.value, at)
		}
	}
	b.quiet(leftFrame)
}

// The links to further pages of the gallery show other cards.
func TestGalleryTurnsPages(t *testing.T) {
	t.Parallel()
	var more []domain.Widget
	for i := range 25 {
		more = append(more, widget(fmt.Sprint("w", i), metric("calls", "Calls in queue")))
	}
	s, b := usualAnd(t, more...), newTab(t, 1280, 900)
	b.open(s.api + "/")
	b.wait(shown)
	eval[any](b, `document.querySelector('a[rel=next]').click()`)
	b.wait(`location.search == '?page=2' && document.querySelectorAll('article').length == 3 && document.querySelector('#widget-support')`)
	b.quiet(leftFrame)
}

// The gallery also shows a widget with restricted origins, in a frame too, and the keyboard selects it.
func TestGalleryShowsRestrictedWidgets(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 900)
	s.restrict("https://www.example.com")
	b.open(s.api + "/")
	eval[any](b, `document.querySelector('input[value=script]').focus()`)
	within(b, func() (any, error) { return nil, chromedp.Do(b.Context, chromedp.KeyEvent(kb.ArrowRight)) })
	b.wait(html + `.startsWith('<iframe ')`)
	b.wait(`document.querySelector('.result iframe')?.contentDocument?.querySelector('wait-time')?.shadowRoot?.textContent.includes('4 min')`)
	if got := eval[string](b, `document.activeElement.value`); got != "iframe" {
		t.Errorf("the focus is on %s", got)
	}
	b.quiet()
}

// The button copies the HTML, or at least selects it.
func TestGalleryCopies(t *testing.T) {
	t.Parallel()
	want := paste(snippet.Element, "support", func(*snippet.Options) {})
	t.Run("clipboard", func(t *testing.T) {
		t.Parallel()
		s, b := usual(t), newTab(t, 1280, 900)
		b.open(s.api + "/")
		for _, name := range []string{"clipboard-read", "clipboard-write"} {
			call(b, browser.SetPermission, browser.SetPermissionParams{
				Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, BrowserContextID: chromedp.FromContext(b.Context).BrowserContextID,
			})
		}
		within(b, func() (any, error) { return nil, chromedp.Do(b.Context, chromedp.Click(".copy")) })
		b.wait(`document.querySelector('.said').textContent == 'Copied.'`)
		if got := eval[string](b, `navigator.clipboard.readText()`); got != want {
			t.Errorf("copied %q", got)
		}
		b.quiet()
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		s, b := usual(t), newTab(t, 1280, 900)
		b.atStart(`navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false`)
		b.open(s.api + "/?widget=nosuch") // this replaces other parts of the page
		eval[any](b, `{ const e = document.querySelector('#layout'); e.value = 'line'; e.dispatchEvent(new Event('change', {bubbles: true})) }`)
		b.wait(html + `.includes('layout="line"') && document.querySelector('.problem').hidden`)
		want := paste(snippet.Element, "support", func(o *snippet.Options) { o.Layout = "line" })
		eval[any](b, `document.querySelector('.copy').click()`)
		b.wait(`document.querySelector('.said').textContent.includes('Ctrl+C')`)
		if got := eval[string](b, `(e => e.value.slice(e.selectionStart, e.selectionEnd))(document.activeElement)`); got != want {
			t.Errorf("selected %q", got)
		}
		b.quiet(leftFrame)
	})
}

// Without scripts the form submits, and the response has everything.
func TestGalleryWithoutScripts(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 390, 800)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(s.api + "/")
	if seen := eval[string](b, `document.querySelector('.cards').innerText`); !strings.Contains(seen, "4 min") || !strings.Contains(seen, "As of ") {
		t.Errorf("without scripts: %q", seen)
	}
	if refresh := eval[int](b, `document.querySelectorAll('meta[http-equiv=refresh]').length`); refresh != 1 {
		t.Error("the page does not refresh")
	}
	eval[any](b, `(f => { f.elements.kind.value = 'iframe'; f.elements.theme.value = 'dark'; f.querySelector('button').click() })(document.querySelector('#builder form'))`)
	b.wait(`location.search.includes('theme=dark') && document.readyState == 'complete' && document.querySelector('#html')`)
	if got, want := eval[string](b, html), paste(snippet.IFrame, "support", func(o *snippet.Options) { o.Theme = "dark" }); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if at := eval[string](b, `location.hash + ' ' + document.querySelector('form').elements.kind.value + ' ' + document.querySelector('#theme').value`); at != "#builder iframe dark" {
		t.Errorf("at %s", at)
	}
	b.quiet()
}

// When the elements replace the server's boxes, nothing shifts, and nothing is wider than the screen.
func TestGalleryWithoutShifts(t *testing.T) {
	t.Parallel()
	const chosen = "/?widget=running&kind=script&layout=line#builder"
	s, _ := states(t)
	b := newTab(t, 390, 800)
	call(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}) // or the script would load immediately
	b.prefer("prefers-reduced-motion", "reduce")                                           // no smooth scrolling to the builder
	for _, test := range []struct {
		width int64
		path  string
		most  float64 // layout shift
		long  bool
	}{
		{1280, "/", 0.01, false},
		{390, chosen, 0.01, false},
		{390, "/", 0.01, true},
		{1280, chosen, 0.01, true},
		{320, chosen, 1, true}, // columns are narrower than the space that a snippet reserves
	} {
		t.Run(fmt.Sprint(test.width, test.path), func(t *testing.T) {
			if test.long {
				testlevel.Full(t)
			}
			b.failing(t)
			b.resize(test.width, 800)
			s.openSlowly(b, s.api+test.path, allShown)
			if shift := eval[float64](b, shiftsSoFar); shift > test.most {
				t.Errorf("layout shift %.4f, want at most %v", shift, test.most)
			}
			if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > test.width {
				t.Errorf("%d px wide", wide)
			}
		})
	}
}

// TestGalleryLooks takes screenshots of the page; see TestLooks.
func TestGalleryLooks(t *testing.T) {
	if album == "" {
		t.Skip("WAITBOARD_SCREENSHOTS names no folder")
	}
	s, _ := states(t)
	for _, width := range []int64{320, 390, 1280} {
		for name, feature := range map[string]*emulation.MediaFeature{
			"light": {Name: "prefers-color-scheme", Value: "light"}, "dark": {Name: "prefers-color-scheme", Value: "dark"}, "forced": {Name: "forced-colors", Value: "active"},
		} {
			b := newTab(t, width, 900)
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{feature}})
			b.open(s.api + "/")
			b.wait(`Array.from(document.querySelectorAll('wait-time')).every((e, n) => ` + shown + `(n))`)
			eval[any](b, `scrollTo(0, 1e6)`) // load lazy parts
			b.wait(`Array.from(document.images).every(i => i.naturalWidth)`)
			b.keep(fmt.Sprintf("gallery-%s-%d", name, width))
		}
	}
}

func quoted(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be marshaled
	}
	return string(raw)
}
