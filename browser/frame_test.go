package browser

import (
	"bytes"
	"fmt"
	"image/png"
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

// An iframe of ours gets the height of what is in it, on a page of another site that has the script.
func TestFrameGetsItsHeight(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 800)
	b.open(s.page("/frame", `<iframe src="{api}/embed/support" title="Customer support" width="400" height="20"></iframe>`+script))
	b.wait(`+document.querySelector('iframe').height > 100`)
}

// A page that is opened as a file, as for a first try, can frame a widget that any site may.
func TestFrameInAFile(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 800)
	file := filepath.Join(t.TempDir(), "try.html")
	page := `<!doctype html><script>addEventListener('message', e => window.told = e.data.type)</script><iframe src="` + s.api + `/embed/support" width="400" height="200"></iframe>`
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open("file://" + file)
	b.wait(`window.told == 'wait-time:height'`)
	b.quiet()
}

// A height is told to pages that may embed the widget, and the widget is shown there only; in a sandbox, where the element may
// not read it, the page is loaded anew instead.
func TestFramesOfRestrictedWidgets(t *testing.T) {
	t.Parallel()
	const page = `<script>window.told = []; addEventListener('message', e => told.push(e.data.type + ' ' + e.origin))</script>
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
	friend.wait(`told.includes('wait-time:height ' + new URL(document.querySelector('iframe').src).origin) && told.includes('wait-time:height null')`)
	s.await("in the sandbox it is loaded anew", func() bool { return loads("sales") >= 3 }) // the first, and at least one asked for and then loaded
	if n := loads("support"); n != 1 {
		t.Errorf("without a sandbox the page was loaded %d times", n)
	}
	friend.quiet()

	s.restrict("https://www.example.com")
	stranger := newTab(t, 800, 800)
	stranger.open(s.page("/stranger", page))
	stranger.complains("frame-ancestors")
	if told := eval[[]string](stranger, `told`); len(told) > 0 {
		t.Errorf("a page that may not embed them was told %q", told)
	}
}

// What the server writes looks as the element does: nothing moves when that takes its place, or when no script runs. The height
// that we print for iframes suffices, without leaving much of the box empty.
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
				t.Errorf("%s: is %d px high, in a box of %d", name, height, o.Height())
			}
			if shift > 0.01 {
				t.Errorf("%s: layout shift %.4f", name, shift)
			}
		}
	}
	b.quiet()
}

// The page weighs little, with all that it loads, as it comes over the wire.
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
			t.Errorf("%s: %d bytes in %d parts, at most %d are allowed", layout, sum, len(parts), most)
		}
	}
}

// A link leads out of the frame, also once the element is there.
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
		t.Errorf("it opens in %q", target)
	}
}

// In a sandbox a frame is of no site at all. Of a widget that any may read it is live all the same.
func TestSandboxedFrameIsLive(t *testing.T) {
	t.Parallel()
	w := widget("support", metric("calls", "Calls in queue"))
	w.RefreshAfter, w.StaleAfter, w.HideAfter = time.Second, time.Minute, 5*time.Minute
	s := newSite(t, w)
	s.observe("calls", domain.CountOf(3), 0)
	b := newTab(t, 800, 800)
	b.open(s.page("/", `<iframe sandbox="allow-scripts" src="{api}/embed/support" width="400" height="200"></iframe>`))
	s.await("it is live", func() bool { return len(s.requests("/v1/widgets?")) >= 3 })
	if n := len(s.requests("/embed/")); n != 1 {
		t.Errorf("it was loaded %d times", n)
	}
	b.quiet()
}

// A card and a compact stand on the page around their frame, whichever the theme, the page's color-scheme and what the visitor prefers, and
// the others on a ground of their theme. It is seen in pictures: browsers put an opaque ground under a frame of another color-scheme.
func TestFrameGrounds(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1000, 900)
	// The frames that need to be told, as docs/frames.md has it, by the color-scheme of the page and what the visitor prefers.
	told := map[string][]string{
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
				b.open(s.page("/", groundPage(scheme, told[scheme+", "+preferred])))
				var wrong []string
				until(func() bool { wrong = wrongGrounds(b); return len(wrong) == 0 }) // frames are painted one by one
				for _, problem := range wrong {
					t.Error(problem)
				}
			})
		}
	}
	b.quiet()
}

// groundPage is a page of a color-scheme with a frame of each layout and theme. The frames of some themes are told theirs.
func groundPage(scheme string, told []string) string {
	var frames strings.Builder
	for _, layout := range snippet.Layouts {
		for _, theme := range snippet.Themes {
			style := ""
			if slices.Contains(told, theme) || layout == "compact" && theme != "auto" { // those as our snippets tell them
				style = "color-scheme:" + strings.ReplaceAll(theme, "auto", "light dark")
			}
			fmt.Fprintf(&frames, `<iframe src="{api}/embed/support?layout=%s&theme=%s" width="300" height="200" title="%[1]s %[2]s" style="%s"></iframe>`, layout, theme, style)
		}
	}
	return `<style>:root{color-scheme:` + scheme + `}body{background:#c6f}iframe{border:0}</style>` + frames.String()
}

// wrongGrounds looks at a corner of each frame of a page of #c6f, and at a place inside its box.
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
			around, dark = inside, "#121212" // the whole frame is as dark as Chromium has it
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
