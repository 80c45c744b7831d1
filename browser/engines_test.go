package browser

import (
	"os"
	"strings"
	"testing"
	"time"

	"waitboard/domain"
	"waitboard/internal/testlevel"
)

// An engine is a browser other than Chromium with an open page.
type engine interface {
	// open goes to a page.
	open(url string) error
	// eval returns the value of an expression as text.
	eval(expression string) (string, error)
}

// Other browsers show the element in several languages, live values, and frames of the right height, also in a sandbox as in WordPress.
func TestOtherEngines(t *testing.T) {
	testlevel.Full(t)
	for name, start := range map[string]func(testing.TB) engine{"Firefox": newFirefox, "WebKit": newWebKit} {
		t.Run(name, func(t *testing.T) {
			w := widget("support", metric("wait", "Current wait time"), metric("calls", "Calls in queue"))
			w.StaleAfter, w.HideAfter, w.RefreshAfter = 10*time.Minute, time.Hour, 5*time.Minute // what arrives sooner was pushed
			s := newSite(t, w)
			s.public = s.api // a sandboxed page needs its address
			s.offer()
			s.observe("wait", domain.Line(3*time.Minute+time.Second, 0.125, s.now()), 0)
			s.observe("calls", domain.CountOf(3), 0)
			page := s.page("/", strings.ReplaceAll(`<script>window.received = ''; addEventListener('message', e => received += e.origin + ' ' + e.data.height + ', ')</script>
				<wait-time widget="support" live></wait-time><p lang="ar"><wait-time widget="support" layout="bare" metric="wait"></wait-time></p>
				<iframe src="{live}/embed/support" title="Customer support" width="400" height="20"></iframe>
				<iframe sandbox="allow-scripts" src="{api}/embed/support" title="In a sandbox" width="400" height="20"></iframe>
				<script async src="{live}/v1/widget.live.js"></script>`, "{live}", s.overHTTP2()))

			e := start(t)
			if err := e.open(page); err != nil {
				t.Fatal(err)
			}
			card := shown + `().split(' Updated')[0]`
			becomes(t, e, card, "Customer support Current wait time 4 min Calls in queue 3")
			becomes(t, e, shown+`(1)`, "4 د") // the server's digits
			becomes(t, e, `document.querySelector('iframe').height > 100`, "true")
			becomes(t, e, `/null [12]\d\d, /.test(received)`, "true")
			s.await("stream opened", func() bool { return len(s.requests("/v1/events?")) > 0 })
			s.observe("calls", domain.CountOf(17), 0)
			becomes(t, e, card, "Customer support Current wait time 4 min Calls in queue 17")
		})
	}
}

// becomes waits until an expression has a value.
func becomes(t *testing.T, e engine, expression, want string) {
	t.Helper()
	var got string
	if !until(func() (done bool) {
		var err error
		if got, err = e.eval(expression); err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return got == want
	}) {
		t.Fatalf("%s is %q, never %q", expression, got, want)
	}
}

// without skips a test that lacks a browser, and fails it in CI.
func without(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip("SKIPPED: ", err)
}
