package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waitboard/domain"
)

// livePage has three elements of two widgets, one of them live, with the live script. {live} is the address of the service.
const livePage = `<wait-time widget="support" live></wait-time><wait-time widget="sales" layout="line"></wait-time><wait-time widget="support" layout="compact"></wait-time>
	<script async src="{live}/v1/widget.live.js"></script>`

const hide = `window.hide = on => { Object.defineProperty(document, 'hidden', {value: on, configurable: true}); document.dispatchEvent(new Event('visibilitychange', {bubbles: true})) }`

// overHTTP2 returns an address of the service with HTTP/2.
func (s *site) overHTTP2() string {
	s.Helper()
	secure := httptest.NewUnstartedServer(http.StripPrefix(mount, http.HandlerFunc(s.serve)))
	secure.EnableHTTP2 = true
	secure.StartTLS()
	s.Cleanup(secure.Close)
	s.Cleanup(s.events.EndAll) // the server waits for the streams
	return secure.URL + mount
}

// await waits for a condition of the service.
func (s *site) await(what string, done func() bool) {
	s.Helper()
	if !until(done) {
		s.Fatalf("never: %s\n%q", what, s.requests(""))
	}
}

// Over HTTP/2 one stream updates all elements of a visible page, without further requests.
func TestLive(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	b.atStart(hide)
	b.atStart(stopped)
	b.open(s.page("/", strings.ReplaceAll(livePage, "{live}", s.overHTTP2())))
	eval[any](b, `pass(200)`)
	streams := func() int { return len(s.requests("/v1/events?")) }
	s.await("stream opened", func() bool { return streams() == 1 })
	if got := s.requests("/v1/events?")[0]; got != "GET /v1/events?id=support&id=sales" {
		t.Errorf("the stream follows %s", got)
	}
	b.wait(`[0, 1, 2].every(` + shown + `)`)
	asked := len(s.requests("/v1/widgets?"))
	for _, calls := range []float64{17, 18} {
		s.observe("calls", domain.CountOf(calls), 0)
		want := map[float64]string{17: "'17'", 18: "'18'"}[calls]
		b.wait(`[0, 1, 2].every(n => ` + shown + `(n).includes(` + want + `))`)
	}
	if n := len(s.requests("/v1/widgets?")); n != asked {
		t.Errorf("%d more requests", n-asked)
	}
	eval[any](b, `hide(true)`)
	s.observe("calls", domain.CountOf(19), 0)
	eval[any](b, `hide(false)`)
	s.await("stream reopened when visible", func() bool { return streams() == 2 })
	b.wait(shown + `(0).includes('19')`)

	// After a broken stream the browser reconnects; after a rejected one the element polls.
	s.events.EndAll()
	s.await("reconnected", func() bool { return streams() == 3 })
	b.quiet()
}

// The stream has no phrases. After a failed request for phrases the element retries, even if events arrive.
func TestLiveRequestsPhrases(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	var refused atomic.Int32
	s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.RawQuery, "phrases=de") || refused.Add(1) > 1 {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	b.atStart(stopped)
	b.open(s.page("/", strings.ReplaceAll(`<wait-time widget="support" live></wait-time><wait-time widget="support" locale="de"></wait-time><script async src="{live}/v1/widget.live.js"></script>`, "{live}", s.overHTTP2())))
	eval[any](b, `pass(200)`)
	b.wait(`(pass(1), fetched.length == 2)`) // the phrases of the second language follow those of the first
	s.await("stream opened", func() bool { return len(s.requests("/v1/events?")) == 1 })
	s.await("phrases rejected", func() bool { return refused.Load() == 1 })
	b.wait(shown + `(1).includes('4 min')`)
	s.observe("calls", domain.CountOf(17), 0)
	b.wait(shown + `(1).includes('17')`)
	eval[any](b, `pass(20000)`)
	b.wait(shown + `(1).includes('4 Min.')`)
}

// Over HTTP/1.1, and without a stream, the element polls.
func TestLiveFallsBack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		secure  bool
		streams int // attempts
	}{
		{"an old connection", false, 0},
		{"a refusal", true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := widget("support", metric("calls", "Calls"))
			w.RefreshAfter, w.StaleAfter, w.HideAfter = time.Second, time.Minute, 5*time.Minute
			sales := w
			sales.ID = "sales"
			s, b := newSite(t, w, sales), newTab(t, 1280, 800)
			s.observe("calls", domain.CountOf(3), 0)
			s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, "/v1/events") {
					w.WriteHeader(http.StatusServiceUnavailable)
					return true
				}
				return false
			})
			api := s.api
			if test.secure {
				api = s.overHTTP2()
			}
			b.open(s.page("/", strings.ReplaceAll(livePage, "{live}", api)))
			b.wait(shown + `().includes('3')`)
			s.observe("calls", domain.CountOf(4), 0)
			b.wait(shown + `().includes('4')`)
			s.await("polled again", func() bool { return len(s.requests("/v1/widgets?")) > 3 })
			if n := len(s.requests("/v1/events")); n != test.streams {
				t.Errorf("%d attempts to open a stream", n)
			}
		})
	}
}
