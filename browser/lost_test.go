package browser

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waitboard/domain"
)

// Server-rendered values age too: without responses, a note replaces the numbers once they may be too old.
func TestServerWrittenNumbersAge(t *testing.T) {
	t.Parallel()
	w := widget("support", metric("calls", "Calls in queue"))
	w.RefreshAfter, w.StaleAfter, w.HideAfter = 10*time.Second, 30*time.Second, 5*time.Minute
	const without = `customElements.define = () => { throw 'no elements' }`
	const sees = `(selector => document.querySelector(selector)?.checkVisibility({visibilityProperty: true}))`
	for _, test := range []struct{ name, path, before string }{
		{"gallery", "/", ""},
		{"frame", "/embed/support", ""},
		{"bare frame", "/embed/support?layout=bare", ""},
		{"page to share", "/w/support", ""},
		{"frame without the element", "/embed/support", without},
		{"page to share without the element", "/w/support", without},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, b := newSite(t, w), newTab(t, 800, 600)
			s.observe("calls", domain.CountOf(3), 0)
			var loaded atomic.Bool
			s.breakBy(func(_ http.ResponseWriter, r *http.Request) bool {
				if page, _, _ := strings.Cut(test.path, "?"); r.URL.Path == "/v1/widgets" || r.URL.Path == page && loaded.Swap(true) {
					panic(http.ErrAbortHandler)
				}
				return false
			})
			b.atStart(test.before)
			b.open(s.api + test.path)
			b.wait(sees + `('wait-time .value') && !` + sees + `('.lost-note')`)
			s.passes(b, 29*time.Second)
			if !eval[bool](b, sees+`('wait-time .value')`) {
				t.Error("fresh values disappeared")
			}
			s.passes(b, 2*time.Second)
			b.wait(sees + `('.lost-note') && !` + sees + `('wait-time .value')`)
			b.keep("lost " + test.name)
			if test.before != "" {
				return
			}
			s.breakBy(nil)
			eval[any](b, `dispatchEvent(new Event('online'))`)
			b.wait(`!document.querySelector('.lost') && ` + shown + `().includes('3')`)
		})
	}
}
