package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"waitboard/domain"
	"waitboard/internal/testlevel"
	"waitboard/snippet"
)

// On a page with the script, an iframe gets the height of its content, however its address is written and whatever the page's stylesheets say.
func TestFrameGetsItsHeight(t *testing.T) {
	t.Parallel()
	s, other := usual(t), usual(t)
	b := newTab(t, 800, 800)
	rest, _ := strings.CutPrefix(s.api, "http:")
	for name, html := range map[string]string{
		"plain":                 `<iframe src="{api}/embed/support"></iframe>`,
		"without a scheme":      `<iframe src="` + rest + `/embed/support"></iframe>`,
		"upper case":            `<iframe src="HTTP:` + rest + `/embed/support"></iframe>`,
		"in a sandbox":          `<iframe sandbox="allow-scripts" src="{api}/embed/support"></iframe>`,
		"a theme's height":      `<style>main iframe { height: 50px; box-sizing: border-box; border: 3px solid }</style><main><iframe src="{api}/embed/support"></iframe></main>`,
		"a theme's auto":        `<style>iframe { max-width: 100%; height: auto }</style><iframe src="{api}/embed/support"></iframe>`,
		"another service":       `<iframe src="` + other.api + `/embed/support"></iframe>`,
		"another's script late": `<iframe src="` + other.api + `/embed/support"></iframe><script async src="` + other.api + `/v1/widget.js"></script>`,
	} {
		t.Run(name, func(t *testing.T) {
			b.failing(t)
			frame := strings.Replace(html, "<iframe", `<iframe width="400" height="20" title="Customer support"`, 1)
			b.open(s.page("/frame", `<script>addEventListener('message', e => { if (e.data.type == 'wait-time:height') window.told = e.data.height })</script>`+script+frame))
			b.wait(`window.told > 100 && document.querySelector('iframe').clientHeight == told`)
		})
	}
	b.quiet()
}

// A message sizes only the frame that sent it, and only if that frame shows a page of a widget.
func TestFrameHeightOfOthers(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 800)
	s.page("/false", `<script>parent.postMessage({type: 'wait-time:height', widget: 'support', height: 777}, '*'); parent.postMessage('sent', '*')</script>`)
	b.open(s.page("/frame", `<script>addEventListener('message', e => { if (e.data == 'sent') window.sent = true })</script>`+script+
		`<iframe src="{api}/embed/support" width="400" height="20"></iframe><iframe src="/false" height="20"></iframe><iframe src="/false?/embed/support" srcdoc="" height="20"></iframe>`))
	b.wait(`window.sent && +document.querySelector('iframe').height > 100`)
	if heights := eval[[]string](b, `Array.from(document.querySelectorAll('iframe'), f => f.height)`); heights[0] == "777" || heights[1] != "20" || heights[2] != "20" {
		t.Errorf("the heights are %q", heights)
	}
	b.quiet()
}

// A page opened as a file can frame an unrestricted widget.
func TestFrameInAFile(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 800)
	file := filepath.Join(t.TempDir(), "try.html")
	page := `<!doctype html><script>addEventListener('message', e => window.received = e.data.type)</script><iframe src="` + s.api + `/embed/support" width="400" height="200"></iframe>`
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open("file://" + file)
	b.wait(`window.received == 'wait-time:height'`)
	b.quiet()
}

// Only pages that may embed the widget receive its height and show it. In a sandbox the element may not read the widget, so the page reloads
// instead.
func TestFramesOfRestrictedWidgets(t *testing.T) {
	t.Parallel()
	const page = `<script>window.received = []; addEventListener('message', e => received.push(e.data.type + ' ' + e.origin))</script>
		<iframe src="{api}/embed/support" width="400" height="20"></iframe><iframe sandbox="allow-scripts" src="{api}/embed/sales" width="400" height="20"></iframe>`
	w := widget("support", metric("calls", "Calls in queue"))
	w.RefreshAfter, w.StaleAfter, w.HideAfter = time.Second, time.Minute, 5*time.Minute
	sandboxed := w
	sandboxed.ID = "sales"
	s := newSite(t, w, sandboxed)
	s.observe("calls", domain.CountOf(3), 0)
	loads := func(id string) int { return len(s.requests("/embed/" + id)) }
	s.restrict(s.url)
	friend := newTab(t, 800, 800)
	friend.open(s.page("/friend", page))
	friend.wait(`received.includes('wait-time:height ' + new URL(document.querySelector('iframe').src).origin) && received.includes('wait-time:height null')`)
	s.await("the sandboxed page reloads", func() bool { return loads("sales") >= 3 }) // the first load, and at least one reload
	if n := loads("support"); n != 1 {
		t.Errorf("the page without a sandbox loaded %d times", n)
	}
	friend.quiet()

	s.restrict("https://www.example.com")
	stranger := newTab(t, 800, 800)
	stranger.open(s.page("/stranger", page))
	stranger.complains("frame-ancestors")
	if received := eval[[]string](stranger, `received`); len(received) > 0 {
		t.Errorf("a page that may not embed them received %q", received)
	}
}

// Server-rendered widgets look like the element: nothing shifts when the element replaces them, or without scripts. The iframe height in
// snippets suffices, without much empty space.
func TestFramesFit(t *testing.T) {
	t.Parallel()
	s := usualAnd(t, busy("busy"))
	s.observe("still", domain.Line(7*time.Minute, 0, s.now()), 0)
	b := newTab(t, snippet.Width, 400)
	for _, o := range []snippet.Options{{Widget: "support", Rows: 2}, {Widget: "sales", Rows: 1}, {Widget: "busy", Rows: 3, Extras: 1}} {
		for _, o.Layout = range snippet.Layouts {
			o.Base = s.api
			b.open(o.Frame())
			b.wait(shown + `()`)
			height, shift := eval[int](b, `Math.ceil(document.body.getBoundingClientRect().height)`), eval[float64](b, shiftsSoFar)
			name := fmt.Sprint(o.Widget, " ", o.Layout)
			t.Logf("%s: %d px high in a box of %d, layout shift %.4f", name, height, o.Height(), shift)
			if height > o.Height() || height < o.Height()-80 {
				t.Errorf("%s: %d px high, in a box of %d", name, height, o.Height())
			}
			if shift > 0.01 {
				t.Errorf("%s: layout shift %.4f", name, shift)
			}
		}
	}
	b.quiet()
}

// The page and everything it loads are small on the wire.
func TestFrameWeight(t *testing.T) {
	t.Parallel()
	const most = 8000
	s := usual(t)
	b := newTab(t, snippet.Width, 400)
	for _, layout := range snippet.Layouts {
		b.open(s.api + "/embed/support?layout=" + layout)
		b.wait(shown + `()`)
		parts := eval[map[string]int](b, `Object.fromEntries([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => [e.name.replace(/.*\/base/, ''), e.encodedBodySize]))`)
		sum := 0
		for _, size := range parts {
			sum += size
		}
		t.Logf("%s: %d bytes: %v", layout, sum, parts)
		if sum > most || len(parts) < 4 {
			t.Errorf("%s: %d bytes in %d responses, want at most %d", layout, sum, len(parts), most)
		}
	}
}

// A link opens outside the frame, before and after the element replaces it.
func TestFrameLinks(t *testing.T) {
	t.Parallel()
	w := busy("busy")
	s := usualAnd(t, w)
	s.observe("still", domain.Line(7*time.Minute, 0, s.now()), 0)
	b := newTab(t, snippet.Width, 400)
	b.open(s.api + "/embed/busy")
	b.wait(shown + `()`)
	const link = `document.querySelector('wait-time').shadowRoot.querySelector('a')`
	if target := eval[string](b, `(a => { addEventListener('click', e => e.preventDefault()); a.click(); return a.target })(`+link+`)`); target != "_blank" {
		t.Errorf("the link opens in %q", target)
	}
}

// In a sandbox links do nothing, so their labels include the number or address: in the element, and in the server's HTML of a restricted widget. A header
// makes the sandbox, since tests can't look into frames of other origins.
func TestSandboxedLinks(t *testing.T) {
	t.Parallel()
	phone := busy("phone")
	phone.Metrics[0].Link.URL = "tel:+1-555-0100"
	for _, restricted := range []bool{false, true} {
		s := usualAnd(t, busy("busy"), phone)
		s.observe("still", domain.Line(7*time.Minute, 0, s.now()), 0)
		if restricted {
			s.restrict(s.url)
		}
		for _, test := range []struct{ name, sandbox, id, want string }{
			{"web address", "sandbox allow-scripts", "busy", "Request a callback: www.example.com/callback"},
			{"phone number", "sandbox allow-scripts", "phone", "Request a callback: +1-555-0100"},
			{"no sandbox", "", "busy", "Request a callback"},
		} {
			t.Run(fmt.Sprint(test.name, ", restricted ", restricted), func(t *testing.T) {
				service := s.service
				s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
					service.ServeHTTP(sandboxing{w, test.sandbox}, r)
					return true
				})
				b := newTab(t, 800, 800)
				b.failing(t)
				b.open(s.api + "/embed/" + test.id)
				root := `document.querySelector('wait-time').shadowRoot`
				if restricted && test.sandbox != "" {
					root = `document`
				}
				b.wait(root + `?.querySelector('.link')?.textContent == '` + test.want + `'`)
			})
		}
	}
}

// sandboxing adds a policy to answers.
type sandboxing struct {
	http.ResponseWriter
	policy string
}

func (w sandboxing) WriteHeader(status int) {
	if w.policy != "" {
		w.Header().Add("Content-Security-Policy", w.policy)
	}
	w.ResponseWriter.WriteHeader(status)
}

// A sandboxed frame has no origin. An unrestricted widget is live there.
func TestSandboxedFrameIsLive(t *testing.T) {
	t.Parallel()
	w := widget("support", metric("calls", "Calls in queue"))
	w.RefreshAfter, w.StaleAfter, w.HideAfter = time.Second, time.Minute, 5*time.Minute
	s := newSite(t, w)
	s.observe("calls", domain.CountOf(3), 0)
	b := newTab(t, 800, 800)
	b.open(s.page("/", `<iframe sandbox="allow-scripts" src="{api}/embed/support" width="400" height="200"></iframe>`))
	s.await("the frame is live", func() bool { return len(s.requests("/v1/widgets?")) >= 3 })
	if n := len(s.requests("/embed/")); n != 1 {
		t.Errorf("the frame loaded %d times", n)
	}
	b.quiet()
}

// Frames of cards and compact layouts are transparent for every theme, color-scheme and preference; the others have the background of their
// theme. Screenshots show it: browsers put an opaque background under a frame of another color-scheme.
func TestFrameBackgrounds(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1000, 900)
	// The themes that need a color-scheme style (docs/frames.md), by the color-scheme of the page and the visitor's preference.
	received := map[string][]string{
		"normal, dark": {"auto", "dark"}, "dark, light": {"light"}, "dark, dark": {"light"}, "light dark, dark": {"light"},
	}
	for _, preferred := range []string{"light", "dark"} {
		for _, scheme := range []string{"normal", "light", "dark", "light dark"} {
			t.Run(scheme+", "+preferred, func(t *testing.T) {
				if (scheme != "normal" || preferred != "dark") && (scheme != "dark" || preferred != "light") {
					testlevel.Full(t)
				}
				b.failing(t)
				b.prefer("prefers-color-scheme", preferred)
				b.open(s.page("/", groundPage(scheme, received[scheme+", "+preferred])))
				var wrong []string
				until(func() bool { wrong = wrongGrounds(b); return len(wrong) == 0 }) // frames paint one after the other
				for _, problem := range wrong {
					t.Error(problem)
				}
			})
		}
	}
	b.quiet()
}

// groundPage returns a page of a color-scheme with a frame of each layout and theme. The frames of some themes have a color-scheme style.
func groundPage(scheme string, received []string) string {
	var frames strings.Builder
	for _, layout := range snippet.Layouts {
		for _, theme := range snippet.Themes {
			style := ""
			if slices.Contains(received, theme) || layout == "compact" && theme != "auto" { // as in the printed snippets
				style = "color-scheme:" + strings.ReplaceAll(theme, "auto", "light dark")
			}
			fmt.Fprintf(&frames, `<iframe src="{api}/embed/support?layout=%s&theme=%s" width="300" height="200" title="%[1]s %[2]s" style="%s"></iframe>`, layout, theme, style)
		}
	}
	return `<style>:root{color-scheme:` + scheme + `}body{background:#c6f}iframe{border:0}</style>` + frames.String()
}

// wrongGrounds checks a corner of each frame on a page of #c6f, and a point inside its box.
func wrongGrounds(b *tab) (wrong []string) {
	b.Helper()
	picture := within(b, func() ([]byte, error) { return chromedp.Run(b.Context, chromedp.CaptureScreenshot()) })
	seen, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		b.Fatal(err)
	}
	frames := eval[[]struct {
		Title string
		X, Y  int
	}](b, `Array.from(document.querySelectorAll('iframe'), f => ({title: f.title, x: f.getBoundingClientRect().x, y: f.getBoundingClientRect().y}))`)
	at := func(x, y int) string {
		r, g, b, _ := seen.At(x, y).RGBA()
		return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	}
	for _, f := range frames {
		layout, theme, _ := strings.Cut(f.Title, " ")
		corner, inside := at(f.X+1, f.Y+1), at(f.X+150, f.Y+4)
		around, dark := "#cc66ff", "#222222"
		if layout == "line" || layout == "bare" {
			around, dark = inside, "#121212" // Chromium's dark background fills the frame
		}
		if corner != around {
			wrong = append(wrong, fmt.Sprintf("%s has a corner of %s", f.Title, corner))
		}
		if light := inside == "#ffffff"; !light && inside != dark || theme == "light" && !light || theme == "dark" && light {
			wrong = append(wrong, fmt.Sprintf("%s has a ground of %s", f.Title, inside))
		}
	}
	return wrong
}
