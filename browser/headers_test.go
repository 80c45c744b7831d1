package browser

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"waitboard/domain"
)

// Proxies may change any header: the element shows no unknown time, running values continue, and repeated old responses turn stale, then
// hidden.
func TestAnswerHeaders(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	began := s.now()
	body := fmt.Appendf(nil, `{"widgets":[{"id":"support","title":"Customer support","locale":"en","state":"open","stale":false,"observed_at":%q,"refresh_after":10,"stale_after":45,"hide_after":300,
		"metrics":[{"id":"wait","label":"Wait","type":"duration","value":220,"unit":"s","rate":1,"as_of":%[1]q,"text":"4 min"}]}],
		"phrases":{"locale":"en","minute":"{count} min","updated":"Updated {ago}","updated_now":"Updated just now","not_up_to_date":"{text} (not up to date)","wait_not_available":"Wait time not available"}}`, began.UTC().Format(time.RFC3339Nano))
	date := func(d time.Duration) string { return began.Add(d).UTC().Format(http.TimeFormat) }
	const expose = "Access-Control-Expose-Headers"
	odd := regexp.MustCompile(`NaN|Infinity|undefined|-\d|\d{4}|Updated in`)
	for _, test := range []struct {
		name    string
		header  map[string]string
		unknown bool // the server's time
	}{
		{"a cache that dates by its own clock", nil, false},
		{"the date of the first answer", map[string]string{"Date": date(0)}, false},
		{"a negative age", map[string]string{"Age": "-3600"}, false},
		{"an age in words", map[string]string{"Age": "soon"}, false},
		{"two ages", map[string]string{"Age": "0, 7"}, false},
		{"none can be read", map[string]string{expose: "X-None"}, true},
		{"the age alone can be read", map[string]string{expose: "Age", "Age": "0"}, true},
		{"a date that is none", map[string]string{"Date": "yesterday"}, true},
		{"a date of an hour before", map[string]string{"Date": date(-time.Hour)}, true},
		{"a date long ago", map[string]string{"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.failing(t)
			s.setClock(began)
			s.breakBy(replayed(body, test.header))
			b.open(s.page("/", `<wait-time widget="support"></wait-time><script>window.heard = 0; addEventListener('wait-time:update', () => heard++)</script>`+script))
			b.wait(`heard && ` + shown + `()`)
			for _, step := range []struct {
				passes time.Duration
				says   string
				marked bool
			}{
				{0, "4 min", false},
				{30 * time.Second, "5 min", false},
				{20 * time.Second, "5 min", true},
				{260 * time.Second, "Wait time not available", false},
			} {
				if step.passes > 0 {
					eval[any](b, `heard = 0`)
					s.passes(b, step.passes)
					b.wait(`heard`)
				}
				got := eval[string](b, shown+`()`)
				if step.marked {
					b.keep("headers " + test.name)
				}
				switch {
				case !strings.Contains(got, step.says) || odd.MatchString(got):
					t.Errorf("%v later: shown %q", step.passes, got)
				case strings.Contains(got, "Updated") != (!test.unknown && strings.Contains(got, " min")):
					t.Errorf("%v later, server time known %v: note %q", step.passes, !test.unknown, got)
				case strings.Contains(got, "not up to date") != step.marked || eval[bool](b, `!!document.querySelector('wait-time').shadowRoot.querySelector('.stale .old')`) != step.marked:
					t.Errorf("%v later, stale %v: %q", step.passes, !step.marked, got)
				}
			}
		})
	}
}

// For any Retry-After, the next request comes within an hour, and not immediately.
func TestExtremeRetryAfter(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	b.atStart(stopped)
	for _, test := range []struct {
		value string
		waits int // milliseconds
	}{{"2592000", 3_600_000}, {"1e300", 3_600_000}, {"Infinity", 3_600_000}, {"-5", 5000}, {"soon", 5000}, {"0", 5000}} {
		t.Run(test.value, func(t *testing.T) {
			b.failing(t)
			s.breakBy(replayed([]byte(`{"widgets":[],"phrases":{"locale":"en","wait_not_available":"Not available"}}`), map[string]string{"Retry-After": test.value}))
			b.open(s.page("/", `<wait-time widget="support"></wait-time>`+script))
			eval[any](b, `pass(200)`)
			b.wait(shown + `()`)
			eval[any](b, fmt.Sprintf(`pass(%d)`, test.waits-1000))
			if n := eval[int](b, `fetched.length`); n != 1 {
				t.Errorf("%d early requests", n)
			}
			eval[any](b, `pass(2000)`)
			if n := eval[int](b, `fetched.length`); n != 2 {
				t.Errorf("%d requests in time", n)
			}
		})
	}
}

// Several requests load more widgets than one request may name.
func TestManyWidgets(t *testing.T) {
	t.Parallel()
	const most, many = 100, 205
	var widgets []domain.Widget
	var body strings.Builder
	for i := range many {
		w := widget(fmt.Sprintf("w%d", i), metric("calls", "Calls"))
		widgets = append(widgets, w)
		fmt.Fprintf(&body, `<wait-time widget=%q layout="line"></wait-time>`, w.ID)
	}
	s, b := newSite(t, widgets...), newTab(t, 800, 600)
	s.observe("calls", domain.CountOf(3), 0)
	b.open(s.page("/", body.String()+script))
	b.wait(allShown + ` && Array.from(document.querySelectorAll('wait-time'), (_, n) => ` + shown + `(n)).every(text => text.includes('Calls 3'))`)
	for _, r := range s.requests("/v1/widgets?") {
		if n := strings.Count(r, "id="); n > most {
			t.Errorf("a request has %d widgets", n)
		}
	}
	b.quiet()
}
