package browser

import (
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
)

// hold delays requests to the service whose path starts with prefix until the test closes the channel of each. release continues the others.
func (s *site) hold(prefix string) (held <-chan chan struct{}, release func()) {
	requests, over := make(chan chan struct{}), make(chan struct{})
	s.breakBy(func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
		proceed := make(chan struct{})
		select {
		case requests <- proceed:
		case <-over:
			return false
		}
		select {
		case <-proceed:
		case <-over:
		}
		return false
	})
	return requests, func() { s.breakBy(nil); close(over) }
}

// openSlowly opens a page and waits for an expression. Script and data load one by one, each after the page was painted without it.
func (s *site) openSlowly(b *tab, url, expression string) {
	b.Helper()
	held, release := s.hold("/v1/")
	defer release()
	b.open("about:blank") // or an address that differs in its fragment only would not load
	call(b, page.Navigate, page.NavigateParams{URL: url})
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for end := time.After(patience); ; {
		select {
		case proceed := <-held:
			eval[bool](b, painted)
			close(proceed)
		case <-again.C:
			if eval[bool](b, `document.readyState == 'complete' && location.href == `+quoted(url)+` && !!(`+expression+`)`) {
				return
			}
		case <-end:
			b.Fatalf("never: %s\nthe page: %s", expression, eval[string](b, "document.documentElement.outerHTML"))
		}
	}
}
