package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"waitboard/wait"
)

const (
	twoLines = `<wait-time widget="support"><img src="{api}/v1/widgets/support/badge.svg" width="320" height="156" alt="Customer support"></wait-time>
<script async src="{api}/v1/widget.js"></script><p>After.`
	oneLine = `<script async src="{api}/v1/widget.js" data-widget="support"></script>`
)

// What a page pastes shows the numbers, live, and nothing moves when it comes.
func TestSnippets(t *testing.T) {
	t.Parallel()
	s := usual(t)
	pages := map[string]string{"element": s.page("/element", twoLines), "script": s.page("/script", "<p>Before.</p>"+oneLine)}
	for name, url := range pages {
		for _, width := range []int64{390, 1280} {
			t.Run(fmt.Sprint(name, " ", width), func(t *testing.T) {
				t.Parallel()
				b := newTab(t, width, 800)
				b.open(url)
				b.wait(shown + `().includes('Current wait time 4 min') && ` + shown + `().includes('Calls in queue 3')`)
				if moved := eval[float64](b, "shifts"); moved > 0.01 {
					t.Errorf("layout shift %v", moved)
				}
				b.quiet()
			})
		}
	}
}

// A page that allows no style of ours, and no script but ours, and no HTML made of text, sees no violation.
func TestStrictPage(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 600)
	b.open(s.page("/strict", twoLines, "Content-Security-Policy",
		"default-src 'none'; script-src {origin}; connect-src {origin}; img-src {origin} data:; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"))
	b.wait(shown + `().includes('4 min')`)
	b.quiet()
}

// However many elements there are, one script is loaded, and one request asks for all that they show.
func TestOneRequestForAll(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 600)
	b.open(s.page("/many", strings.Repeat(`<wait-time widget="support" layout="line"></wait-time>`, 3)+
		strings.Repeat(`<wait-time widget="sales"></wait-time>`, 2)+`<script async src="{api}/v1/widget.js"></script>`))
	b.wait(shown + `(0).includes('4 min') && ` + shown + `(4).includes('Calls in queue 3')`)
	if scripts, data := s.requests("widget.js"), s.requests("/v1/widgets?"); len(scripts) != 1 || len(data) != 1 {
		t.Errorf("asked for %q and %q", scripts, data)
	}
	b.quiet()
}

// A visitor's clock may be years off.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	s := usual(t)
	b := newTab(t, 800, 600)
	b.atStart(`const now = Date.now; Date.now = () => now() - 5 * 365 * 864e5`)
	b.open(s.page("/clock", `<wait-time widget="support"></wait-time><script async src="{api}/v1/widget.js"></script>`))
	b.wait(shown + `().includes('4 min')`)
	if told := eval[string](b, `document.querySelector('wait-time').shadowRoot.querySelector('time').dateTime`); told != "PT240S" {
		t.Errorf("a wait of three and a half minutes, in whole ones, is told as %s", told)
	}
}

// A service that fails leaves the page as it was, and says so to those who listen.
func TestFailure(t *testing.T) {
	t.Parallel()
	s := usual(t)
	s.fail(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/v1/widgets") {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	b := newTab(t, 800, 600)
	b.open(s.page("/failing", `<script>window.failed = 0; addEventListener('wait-time:error', () => failed++)</script>`+
		`<wait-time widget="support">Call us</wait-time><script async src="{api}/v1/widget.js"></script>`))
	b.wait("failed > 0")
	if text := eval[string](b, "document.querySelector('wait-time').innerText"); !strings.Contains(text, "Call us") {
		t.Errorf("what stands in for the widget is gone: %q", text)
	}
}

// Labels, titles and texts are text, whatever is in them.
func TestMarkupStaysText(t *testing.T) {
	t.Parallel()
	w := widget("support", metric("wait", `<img src=x onerror="window.hacked=1">`))
	w.Title = `</span><script>window.hacked = 1</script>`
	s := newSite(t, w)
	s.observe("wait", wait.TextOf(`<b onclick="window.hacked=1">&amp;</b>`), 0)
	b := newTab(t, 800, 600)
	b.open(s.page("/markup", `<wait-time widget="support"></wait-time><script async src="{api}/v1/widget.js"></script>`))
	b.wait(shown + "().includes('onclick')")
	if text := eval[string](b, shown+"()"); !strings.Contains(text, w.Title) || eval[bool](b, "!!window.hacked") {
		t.Errorf("shown: %s", text)
	}
	b.quiet()
}
