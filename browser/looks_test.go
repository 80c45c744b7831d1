package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"waitboard/internal/testlevel"
)

// album is the folder for screenshots, from WAITBOARD_SCREENSHOTS. Without it the tests only check what they can.
var album = os.Getenv("WAITBOARD_SCREENSHOTS")

// long skips a long test, except at the full level or for screenshots.
func long(t *testing.T) {
	t.Helper()
	if album == "" {
		testlevel.Full(t)
	}
}

// keep saves a screenshot of the page in the album.
func (b *tab) keep(name string) {
	b.Helper()
	if album != "" {
		picture := within(b, func() ([]byte, error) { return chromedp.Run(b.Context, chromedp.FullScreenshot(100)) })
		if err := os.WriteFile(filepath.Join(album, name+".png"), picture, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// prefer sets the visitor's preferences, as pairs of a media feature and its value.
func (b *tab) prefer(pairs ...string) {
	b.Helper()
	var features []*emulation.MediaFeature
	for i := 0; i < len(pairs); i += 2 {
		features = append(features, &emulation.MediaFeature{Name: pairs[i], Value: pairs[i+1]})
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// Every state in every layout shows something, inside its space, without motion.
func TestLooks(t *testing.T) {
	s, ids := states(t)
	for _, sheet := range []struct {
		name, style, attributes string
		width                   int64
		long                    bool
	}{
		{"light", "color-scheme: light; background: #f4f6f5", ``, 1400, false},
		{"dark", "color-scheme: dark; background: #10161a; color: #e9efed", ``, 1400, true},
		{"dark-on-light", "", `theme="dark"`, 1400, true},
		{"forced", "", ``, 1400, true},
		{"phone", "", ``, 320, true},
		{"large", "font-size: 200%", ``, 1400, true},
		{"large-phone", "font-size: 200%", ``, 320, false},
		{"german-phone", "", `locale="de"`, 320, true},
		{"hebrew", "", `locale="he"`, 1400, true},
		{"arabic", "direction: rtl", `locale="ar"`, 1400, true},
		{"serif", "font: 18px/1.7 Georgia, 'DejaVu Serif', serif; text-align: center; background: #fbf6ea; color: #3b2f1e", ``, 1400, true},
	} {
		t.Run(sheet.name, func(t *testing.T) {
			if sheet.long {
				long(t)
			}
			t.Parallel()
			var rows strings.Builder
			for _, id := range ids {
				fmt.Fprintf(&rows, `<tr><th>%s</th>`, id)
				for _, layout := range layouts {
					fmt.Fprintf(&rows, `<td>Before. <wait-time widget=%q layout=%q %s></wait-time> After.</td>`, id, layout, sheet.attributes)
				}
			}
			css := `body{margin:16px;font:16px/1.5 system-ui,sans-serif;` + sheet.style + `}table{border-spacing:16px;width:100%;table-layout:fixed}td{vertical-align:top}th{width:5%;font:12px monospace;opacity:.6}`
			if sheet.width < 500 {
				css += `body{margin:8px}table,tbody,tr,td,th{display:block;width:auto;margin-block:8px}`
			}
			b := newTab(t, sheet.width, 900)
			if sheet.name == "forced" {
				b.prefer("forced-colors", "active", "prefers-color-scheme", "dark")
			}
			b.open(s.page("/"+sheet.name, `<style>`+css+`</style><table>`+rows.String()+`</table>`+script))
			b.wait(allShown)
			b.keep(sheet.name)
			if out := eval[[]string](b, outside); len(out) > 0 {
				t.Errorf("outside of their space: %q", out)
			}
			if n := eval[int](b, `document.getAnimations().length`); n != 0 {
				t.Errorf("%d animations", n)
			}
		})
	}
}

// outside returns the parts of elements that overflow their cell or the page sideways.
const outside = `Array.from(document.querySelectorAll('wait-time')).flatMap(e => {
	const cell = e.closest('td').getBoundingClientRect();
	return Array.from(e.shadowRoot.querySelectorAll('.box, .box *')).filter(part => {
		const r = part.getBoundingClientRect();
		return r.width && (r.right > cell.right + 1 || r.left < cell.left - 1 || part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display != 'inline');
	}).map(part => e.getAttribute('widget') + ' ' + e.getAttribute('layout') + ': ' + part.className);
}).concat(document.documentElement.scrollWidth > innerWidth ? 'the page' : [])`

// The pages for iframes in every state and layout, with and without the script. They fit a frame as narrow as a small screen, also with large
// text.
func TestLooksOfEmbedPages(t *testing.T) {
	t.Parallel()
	s, all := states(t)
	all = all[:len(all)-1] // an unknown widget has no page
	for _, sheet := range []struct {
		name, query, scheme string
		ids                 []string
		script, long        bool
	}{
		{"live", "theme=light", "dark", []string{"high", "texts"}, true, false},
		{"plain", "theme=auto", "dark", []string{"high", "texts"}, false, false},
		{"embed-light", "theme=light", "dark", all, true, true},
		{"embed-dark", "theme=dark", "light", all, true, true},
		{"embed-plain", "theme=auto&locale=he", "dark", all, false, true},
	} {
		t.Run(sheet.name, func(t *testing.T) {
			if sheet.long {
				long(t)
			}
			withHarness(s, sheet.script)
			b := newTab(t, 1400, 900) // with an empty cache
			var framed []string
			for _, id := range sheet.ids {
				for _, layout := range layouts {
					framed = append(framed, "/embed/"+id+"?layout="+layout+"&"+sheet.query)
				}
			}
			b.prefer("prefers-color-scheme", sheet.scheme)
			b.open(s.harness(framed...))
			b.wait(framedAll)
			eval[any](b, `document.querySelectorAll('iframe').forEach(f => f.height = f.contentDocument.body.getBoundingClientRect().height)`)
			b.keep(sheet.name)
			if live := eval[bool](b, `!!frames[0].customElements.get('wait-time')`); live != sheet.script {
				t.Errorf("live is %t", live)
			}
			for _, size := range []string{"100%", "200%"} {
				if out := eval[[]string](b, `Array.from(document.querySelectorAll('iframe')).filter(f => (f.contentDocument.documentElement.style.fontSize = '`+size+`', f.contentDocument.documentElement.scrollWidth > 320)).map(f => f.title)`); len(out) > 0 {
					t.Errorf("wider than their frame with text of %s: %q", size, out)
				}
			}
		})
	}
}

// The page to share looks alike before and after the script: it keeps its shadow, and its height. A closed card is as low as its text.
func TestSharedPageKeepsItsLook(t *testing.T) {
	t.Parallel()
	s, _ := states(t)
	for id, lowest := range map[string]int{"high": 160, "closed": 80} {
		const look = `(e => [e.offsetHeight, getComputedStyle(e).boxShadow])(document.querySelector('wait-time').shadowRoot?.querySelector('.box') || document.querySelector('.box')).join(' ')`
		withHarness(s, false)
		b := newTab(t, 390, 800)
		b.open(s.api + "/w/" + id)
		before := eval[string](b, look)
		s.breakBy(nil)
		b = newTab(t, 390, 800)
		b.open(s.api + "/w/" + id)
		b.wait(shown)
		if after := eval[string](b, look); after != before || strings.HasSuffix(after, "none") {
			t.Errorf("%s: %s before the script, %s after it", id, before, after)
		}
		if height := eval[int](b, `document.querySelector('wait-time').offsetHeight`); height < lowest || height > lowest+110 {
			t.Errorf("%s: %d px high", id, height)
		}
	}
}

// The page to share fits a small screen, also with large text.
func TestSharedPageFits(t *testing.T) {
	t.Parallel()
	s, ids := states(t)
	b := newTab(t, 320, 640)
	for i, layout := range layouts {
		for _, id := range []string{"high", "texts", ids[i]} {
			b.open(s.api + "/w/" + id + "?locale=de&layout=" + layout)
			b.wait(allShown)
			for _, size := range []string{"100%", "200%"} {
				if width := eval[int](b, `(document.documentElement.style.fontSize = '`+size+`', document.documentElement.scrollWidth)`); width > 320 {
					t.Errorf("%s in %s: %d px wide with text of %s", id, layout, width, size)
				}
			}
		}
	}
}

// Both images have one size in every state, theme and preference.
func TestLooksOfBadges(t *testing.T) {
	long(t)
	t.Parallel()
	s, ids := states(t)
	var rows strings.Builder
	for _, id := range ids[:len(ids)-1] {
		fmt.Fprintf(&rows, `<tr><th>%s</th>`, id)
		for _, format := range []string{"svg", "png"} {
			for _, theme := range themes {
				fmt.Fprintf(&rows, `<td class=%q><img src="{api}/v1/widgets/%s/badge.%s?theme=%s" alt=%q width="320"></td>`, theme, id, format, theme, id)
			}
		}
	}
	b := newTab(t, 2100, 900)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer("prefers-color-scheme", scheme)
		b.open(s.page("/badges", `<style>:root{color-scheme:light dark}th{font:12px monospace}td{padding:8px}.light{background:#fff}.dark{background:#111}</style><table>`+rows.String()+`</table>`))
		b.wait(`Array.from(document.images).every(i => i.complete && i.naturalWidth)`)
		b.keep("badges-" + scheme)
		sizes := eval[[]string](b, `Array.from(document.querySelectorAll('tr'), row => Array.from(new Set(Array.from(row.querySelectorAll('img'), i => i.height))).join())`)
		for i, size := range sizes {
			if strings.Contains(size, ",") {
				t.Errorf("%s has the heights %s", ids[i], size)
			}
		}
	}
	b.quiet()
}
