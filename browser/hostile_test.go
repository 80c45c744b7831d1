package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"waitboard/domain"
)

// A page that changes elements on an update event receives each event once.
func TestHandlersThatChangeElements(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.atStart(stopped)
	for _, does := range []string{
		`e.target.setAttribute('layout', 'line')`, `document.body.append(e.target)`, `document.body.replaceChildren(e.target)`,
		`document.body.insertAdjacentHTML('beforeend', '<wait-time widget="support"></wait-time>')`,
	} {
		b.open(s.page("/", `<wait-time widget="support"></wait-time><script>window.heard = 0; addEventListener('wait-time:update', e => { if (++heard > 100) throw Error('endless'); `+does+` })</script>`+script))
		eval[any](b, `pass(200)`)
		b.wait(`window.heard`)
		eval[any](b, `pass(1000).then(() => `+painted+`)`)
		if heard := eval[int](b, `heard`); heard > 10 {
			t.Errorf("%s: %d events", does, heard)
		}
		if n := eval[int](b, `fetched.length`); n != 1 {
			t.Errorf("%s: %d requests within a second", does, n)
		}
	}
}

// For any styles of the page, the element's invisible parts cover nothing but the element.
func TestPageStylesCannotSpreadIt(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.open(s.page("/", `<style>* {all: revert; position: static} wait-time {all: unset}</style><p>You wait <wait-time widget="support" layout="bare" metric="wait"></wait-time> now. <button onclick="window.bought = true">Buy</button></p>`+script))
	b.wait(shown + `().includes('4 min')`)
	within(b, func() (any, error) { return nil, chromedp.Do(b.Context, chromedp.Click("p button")) })
	b.wait(`window.bought`)
}

// replayed responds from a cache instead of the service.
func replayed(body []byte, header map[string]string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/widgets" {
			return false
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "Date, Age, Retry-After")
		w.Header().Set("Content-Type", "application/json")
		for name, value := range header {
			w.Header().Set(name, value)
		}
		_, _ = w.Write(body)
		return true
	}
}

// Caches and proxies can't make an old number look fresh, with any headers.
func TestOldAnswersAreNotShown(t *testing.T) {
	t.Parallel()
	answer := func(observed time.Time) []byte {
		return fmt.Appendf(nil, `{"widgets":[{"id":"support","title":"Customer support","locale":"en","state":"open","stale":false,"observed_at":%q,"refresh_after":10,"stale_after":45,"hide_after":300,
			"metrics":[{"id":"wait","label":"Wait","type":"duration","value":240,"unit":"s","rate":1,"as_of":%[1]q,"text":"4 min"}]}],
			"phrases":{"locale":"en","minute":"{count} min","updated":"Updated {ago}","wait_not_available":"Wait time not available"}}`, observed.UTC().Format(time.RFC3339Nano))
	}
	s, b := usual(t), newTab(t, 800, 600)
	now := s.now()
	date := func(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
	for _, test := range []struct {
		name   string
		body   []byte
		header map[string]string
		skip   int // milliseconds until the same response again
		shown  bool
	}{
		{"fresh", answer(now), map[string]string{"Date": date(now)}, 0, true},
		{"an hour ahead", answer(now), map[string]string{"Date": date(now.Add(time.Hour))}, 0, false},
		{"a date of the proxy's own on what is old", answer(now.Add(-20 * time.Minute)), map[string]string{"Date": date(now)}, 0, false},
		{"the same for an hour", answer(now), map[string]string{"Date": date(now)}, 3_600_000, false},
		{"an age that can't be read", answer(now), map[string]string{"Date": date(now), "Age": "5, 3"}, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.failing(t)
			s.breakBy(replayed(test.body, test.header))
			b.open(s.page("/", `<wait-time widget="support"></wait-time><script>window.heard = 0; addEventListener('wait-time:update', () => heard++)</script>`+script))
			b.wait(`window.heard && ` + shown + `()`)
			if test.skip > 0 {
				eval[any](b, fmt.Sprintf(`heard = 0; skip += %d; `+look, test.skip))
				b.wait(`heard`)
			}
			if got := eval[string](b, shown+`()`); strings.Contains(got, " min") != test.shown {
				t.Errorf("shown %q", got)
			}
		})
	}
}

// A Retry-After of a month causes no immediate request.
func TestLongRetryAfter(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	s.breakBy(replayed([]byte(`{"widgets":[],"phrases":{"locale":"en","wait_not_available":"Not available"}}`), map[string]string{"Retry-After": "2592000"}))
	b.atStart(stopped)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	eval[any](b, `pass(200)`)
	b.wait(shown + `()`)
	eval[any](b, `pass(60_000)`)
	if n := eval[int](b, `fetched.length`); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// The script leaves similar elements of the page alone.
func TestNamesakes(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.open(s.page("/image", `<img name="currentScript" src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>#/v1/widget.png"><wait-time widget="support"></wait-time>`+script))
	b.wait(shown + `().includes('4 min')`)
	b.open(s.page("/script", `<script type="text/plain" src="https://other.example/v1/widget.js" data-widget="chat" style="display:none"></script>
		<script async src="{api}/v1/widget.js" data-widget="support" data-onclick="window.ran = true"></script>`))
	b.wait(shown + `().includes('4 min')`)
	if n := eval[int](b, `document.querySelectorAll('wait-time').length`); n != 1 {
		t.Errorf("%d elements", n)
	}
	if eval[bool](b, `document.querySelector('wait-time').hasAttribute('onclick') || !document.querySelector('script[data-widget=chat]').style.display`) {
		t.Error("the script copied or removed foreign attributes")
	}
}

// A button of the page, inside the element as a placeholder, is not a control of the element.
func TestFallbackButton(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	_, release := s.hold("/v1/widgets")
	b.open(s.page("/", `<wait-time widget="support"><button>Call us</button></wait-time>`+script))
	b.wait(`document.querySelector('wait-time').shadowRoot`)
	eval[any](b, `document.querySelector('wait-time button').click()`)
	release()
	b.wait(shown + `().includes('4 min')`)
}

// Durations displayed in seconds use seconds in every language, also in the datetime attribute.
func TestSecondsInEveryLanguage(t *testing.T) {
	t.Parallel()
	m := metric("wait", "Wait")
	m.Display = domain.Display{Kind: domain.Duration, Round: 1000}
	s, b := newSite(t, widget("support", m)), newTab(t, 800, 600)
	b.open(s.page("/", `<wait-time widget="support" layout="bare" locale="de"></wait-time>`+script))
	for _, test := range []struct {
		seconds     int
		text, exact string
	}{
		{184, "3 Min. 4 Sek.", "PT184S"}, {62, "1 Min. 2 Sek.", "PT62S"}, {59, "59 Sek.", "PT59S"}, {240, "4 Min.", "PT240S"}, {3725, "1 Std. 2 Min. 5 Sek.", "PT3725S"},
	} {
		s.observe("wait", domain.Line(time.Duration(test.seconds)*time.Second, 0, s.now()), 0)
		s.passes(b, 11*time.Second)
		b.wait(fmt.Sprintf(`document.querySelector('wait-time').shadowRoot.querySelector('time')?.dateTime == %q`, test.exact))
		if got := eval[string](b, shown+`()`); strings.ReplaceAll(got, "\u00a0", " ") != test.text {
			t.Errorf("%d seconds: %q", test.seconds, got)
		}
	}
}

// One stale metric does not mark the others; a text marks it.
func TestOneOldMetric(t *testing.T) {
	t.Parallel()
	w := widget("support", metric("wait", "Wait"), metric("calls", "Calls"))
	w.RefreshAfter, w.StaleAfter, w.HideAfter = 10*time.Second, 45*time.Second, 5*time.Minute
	s, b := newSite(t, w), newTab(t, 800, 600)
	s.observe("wait", domain.Line(4*time.Minute, 0, s.now()), 0)
	s.observe("calls", domain.CountOf(3), 50*time.Second)
	b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
	b.wait(shown + `().includes('(not up to date)')`)
	if old := eval[[]string](b, `Array.from(document.querySelector('wait-time').shadowRoot.querySelectorAll('.old'), e => e.textContent)`); len(old) != 1 || old[0] != "3" {
		t.Errorf("stale: %q", old)
	}
}
