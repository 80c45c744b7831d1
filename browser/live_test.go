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

// livePage has three elements of two widgets, of which one would be live, with the script that can. {live} stands for where the service is.
const livePage = `<wait-time widget="support" live></wait-time><wait-time widget="sales" layout="line"></wait-time><wait-time widget="support" layout="compact"></wait-time>
	<script async src="{live}/v1/widget.live.js"></script>`

const hide = `window.hide = on => { Object.defineProperty(document, 'hidden', {value: on, configurable: true}); document.dispatchEvent(new Event('visibilitychange', {bubbles: true})) }`

// overHTTP2 is where the service is reached by HTTP/2.
func (s *site) overHTTP2() string {
	s.Helper()
	secure := httptest.NewUnstartedServer(http.StripPrefix(mount, http.HandlerFunc(s.serve)))
	secure.EnableHTTP2 = true
	secure.StartTLS()
	s.Cleanup(secure.Close)
	s.Cleanup(s.events.EndAll) // or the server waits for them
	return secure.URL + mount
}

// await waits until something is done that the service sees.
func (s *site) await(what string, done func() bool) {
	s.Helper()
	if !until(done) {
		s.Fatalf("never: %s\n%q", what, s.requests(""))
	}
}

// Over HTTP/2 one stream brings all changes to all elements of the page, without another question, while somebody looks.
func TestLive(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 1280, 800)
	b.atStart(hide)
	b.atStart(stopped)
	b.open(s.page("/", strings.ReplaceAll(livePage, "{live}", s.overHTTP2())))
	eval[any](b, `pass(200)`)
	streams := func() int { return len(s.requests("/v1/events?")) }
	s.await("the stream begins", func() bool { return streams() == 1 })
	if got := s.requests("/v1/events?")[0]; got != "GET /v1/events?id=support&id=sales" {
		t.Errorf("it follows %s", got)
	}
	b.wait(`[0, 1, 2].every(` + shown + `)`)
	asked := len(s.requests("/v1/widgets?"))
	for _, calls := range []float64{17, 18} {
		s.observe("calls", domain.CountOf(calls), 0)
		want := map[float64]string{17: "'17'", 18: "'18'"}[calls]
		b.wait(`[0, 1, 2].every(n => ` + shown + `(n).includes(` + want + `))`)
	}
	if n := len(s.requests("/v1/widgets?")); n != asked {
		t.Errorf("%d more questions were asked", n-asked)
	}
	eval[any](b, `hide(true)`)
	s.observe("calls", domain.CountOf(19), 0)
	eval[any](b, `hide(false)`)
	s.await("it goes on when it is seen again", func() bool { return streams() == 2 })
	b.wait(shown + `(0).includes('19')`)

	// Where the stream breaks, the browser brings it back; where it is refused, the service is asked as ever.
	s.events.EndAll()
	s.await("it comes back", func() bool { return streams() == 3 })
	b.quiet()
}

// Phrases do not come with the stream: where the question for them has failed, it is asked again, however much is told meanwhile.
func TestLiveAsksForPhrases(t *testing.T) {
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
	b.wait(`(pass(1), fetched.length == 2)`) // once the phrases of one language have come, those of the other are asked for
	s.await("the stream begins", func() bool { return len(s.requests("/v1/events?")) == 1 })
	s.await("the phrases are refused", func() bool { return refused.Load() == 1 })
	b.wait(shown + `(1).includes('4 min')`)
	s.observe("calls", domain.CountOf(17), 0)
	b.wait(shown + `(1).includes('17')`)
	eval[any](b, `pass(20000)`)
	b.wait(shown + `(1).includes('4 Min.')`)
}

// Over HTTP/1.1, and where there is no stream to be had, the element asks as ever.
func TestLiveFallsBack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		secure  bool
		streams int // that are tried
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
			s.await("it asks again", func() bool { return len(s.requests("/v1/widgets?")) > 3 })
			if n := len(s.requests("/v1/events")); n != test.streams {
				t.Errorf("%d streams were tried", n)
			}
		})
	}
}
