package browser

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"waitboard/domain"
	"waitboard/internal/testlevel"
	"waitboard/locale"
	"waitboard/snippet"
)

// afternoon is a Monday. The service's time differs from the browser's.
var afternoon = time.Date(2026, 11, 23, 14, 20, 0, 0, time.UTC)

var titles = map[string][2]string{
	"en": {"Customer support", "Current wait time"},
	"de": {"Kundendienst", "Aktuelle Wartezeit"},
	"ar": {"خدمة العملاء", "وقت الانتظار الحالي"},
	"ja": {"お客様サポート", "現在の待ち時間"},
}

// typicals starts a site with a widget for each of some languages, open from 8 to 18, whose mornings are busy. The widget "new" has no data
// yet, and "plain" has no history. The widget "day" never closes, and "closed" is closed on Mondays.
func typicals(t *testing.T) *site {
	var all []domain.Widget
	add := func(id, tag string, keep time.Duration) {
		l, err := locale.New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := metric("wait", titles[tag][1])
		m.History = domain.History{Keep: keep, MinWeeks: 3, Low: 0.25, High: 0.8, Alone: true}
		w := widget(id, m)
		w.Title, w.Locale, w.Hours = titles[tag][0], l, &domain.Hours{Zone: time.UTC}
		for day := range w.Hours.Weekly {
			if id == "day" {
				w.Hours = nil
				break
			} else if day > 0 && day < 6 && (id != "closed" || day > 1) {
				w.Hours.Weekly[day] = []domain.Span{{From: 8 * 60, To: 18 * 60}}
			}
		}
		all = append(all, w)
	}
	for tag := range titles {
		add(tag, tag, time.Hour)
	}
	add("new", "en", time.Hour)
	add("day", "en", time.Hour)
	add("closed", "de", time.Hour)
	add("plain", "en", 0)
	add("two", "en", time.Hour)
	all[len(all)-1].Metrics = append(all[len(all)-1].Metrics, metric("waiting", "Calls in queue"))
	s := newSite(t, all...)
	s.setClock(afternoon)
	s.observe("wait", domain.Line(14*time.Minute, 0, s.now()), 0)
	week := &domain.TypicalWeek{Kind: domain.Duration}
	for hour := range week.Hours {
		busy := 2 + 7*math.Exp(-math.Pow(float64(hour%24)-10, 2)/8) + 4*math.Exp(-math.Pow(float64(hour%24)-15, 2)/4)
		week.Hours[hour] = domain.TypicalHour{Low: math.Floor(busy) * 60_000, High: math.Ceil(busy*1.6) * 60_000, Weeks: 8}
	}
	for _, w := range all {
		if w.ID != "new" {
			s.publisher.SetTypical(domain.Placement{Widget: w.ID, Metric: "wait"}, week)
		}
	}
	return s
}

const chartShown = `document.querySelector('wait-time').shadowRoot.querySelector('.chart p')`

// The element's chart in each language, theme and width.
func TestChartLooks(t *testing.T) {
	s := typicals(t)
	for _, id := range []string{"en", "de", "ar", "ja", "new", "day", "closed"} {
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int64{320, 1280} {
				t.Run(fmt.Sprint(id, " ", theme, " ", width), func(t *testing.T) {
					if id != "en" && id != "ar" || theme == "dark" {
						long(t)
					}
					b := newTab(t, width, 600)
					b.prefer("prefers-color-scheme", theme)
					for _, kind := range snippet.Charts[1:] {
						b.open(s.page(fmt.Sprint("/", id, theme, width, kind), `<style>:root{color-scheme:light dark}body{margin:16px;font:16px/1.5 system-ui,sans-serif}</style><div lang=`+id+`><wait-time widget=`+id+` chart=`+kind+`></wait-time></div>`+script))
						b.wait(chartShown)
						b.keep(fmt.Sprint("element-", kind, "-", id, "-", theme, "-", width))
						if n := eval[int](b, `document.getAnimations().length`); n != 0 {
							t.Errorf("%d animations", n)
						}
						if out := eval[[]string](b, `(r => [...r.querySelectorAll('.chart *')].filter(e => { const c = e.getBoundingClientRect(), f = r.querySelector('.chart').getBoundingClientRect(); return getComputedStyle(e).clipPath == 'none' && c.width && (c.left < f.left - 1 || c.right > f.right + 1 || c.bottom > f.bottom + 1) }).map(e => e.outerHTML))(document.querySelector('wait-time').shadowRoot)`); len(out) > 0 {
							t.Errorf("outside of the %s: %q", kind, out)
						}
						b.open(s.page(fmt.Sprint("/", id, theme, width, kind, "image"), fmt.Sprintf(`<style>:root{color-scheme:light dark}</style><img src=%s/v1/widgets/%s/typical.svg?range=%s>`, s.api, id, kind)))
						b.keep(fmt.Sprint("image-", kind, "-", id, "-", theme, "-", width))
						b.open(s.api + "/embed/" + id + "?chart=" + kind + "&theme=" + theme + "&locale=" + map[bool]string{true: "en", false: id}[titles[id][0] == ""])
						b.wait(`document.querySelector('.chart')`)
						b.keep(fmt.Sprint("embed-", kind, "-", id, "-", theme, "-", width))
						if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > width {
							t.Errorf("%s is %d px wide", kind, wide)
						}
					}
				})
			}
		}
	}
}

// Nothing shifts when an element with a chart loads, by the printed snippet.
func TestChartShift(t *testing.T) {
	t.Parallel()
	s, b := typicals(t), newTab(t, 390, 800)
	call(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	for _, id := range []string{"en", "new"} {
		for _, kind := range []snippet.Kind{snippet.Element, snippet.Script} {
			for _, chart := range snippet.Charts[1:] {
				html := snippet.HTML(kind, snippet.Options{Base: s.api, Widget: id, Title: "Support", Rows: 1, Extras: 1, Chart: chart})
				s.openSlowly(b, s.page(fmt.Sprint("/", id, kind, chart), `<p>Before</p>`+html+`<p>After</p>`), chartShown)
				if shift := eval[float64](b, shiftsSoFar); shift > 0 {
					t.Errorf("%s %s %s: layout shift %.4f", id, kind, chart, shift)
				}
			}
		}
	}
	for _, chart := range snippet.Charts[1:] {
		o := snippet.Options{Base: s.api, Widget: "en", Title: "Support", Rows: 1, Extras: 2, Chart: chart}
		s.openSlowly(b, o.Frame(), shown+`()`)
		if shift := eval[float64](b, shiftsSoFar); shift > 0 {
			t.Errorf("a page with a %s: layout shift %.4f", chart, shift)
		}
		if high := eval[int](b, `Math.ceil(document.body.getBoundingClientRect().height)`); high > o.Height() || high < o.Height()-60 {
			t.Errorf("a page with a %s is %d px high, in a box of %d", chart, high, o.Height())
		}
	}
	b.quiet()
}

// The chart is requested again in each hour by the service's clock. While that fails, a chart of an earlier hour is removed.
func TestChartFollowsTheHour(t *testing.T) {
	t.Parallel()
	s, b := typicals(t), newTab(t, 640, 600)
	b.open(s.page("/", `<wait-time widget=en chart=day></wait-time>`+script))
	b.wait(chartShown)
	const present = `(document.querySelector('wait-time').shadowRoot.querySelector('.now')?.innerText || '')`
	b.wait(present + `.includes('2–3 PM (now)')`)
	s.passes(b, 41*time.Minute)
	b.wait(present + `.includes('3–4 PM (now)')`)
	b.wait(`fetched.filter(url => url.includes('/chart?')).length == 2`)
	s.breakBy(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/chart") {
			http.Error(w, "", http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	s.passes(b, 41*time.Minute)
	b.wait(chartShown + `.checkVisibility()`)
	s.passes(b, 21*time.Minute)
	b.wait(`!` + chartShown)
	s.breakBy(nil)
	s.passes(b, 2*time.Minute)
	b.wait(present + `.includes('4–5 PM (now)')`)
	eval[any](b, `document.querySelector('wait-time').setAttribute('chart', 'week')`)
	b.wait(present + `.includes('Monday · 4–5 PM (now)')`)
	eval[any](b, `document.querySelector('wait-time').setAttribute('chart', 'nosuch')`)
	b.wait(present + `.startsWith('4–5 PM (now)')`)
	eval[any](b, `document.querySelector('wait-time').removeAttribute('chart')`)
	b.wait(`!document.querySelector('wait-time').shadowRoot.querySelector('.chart').checkVisibility()`)
	b.quiet("/chart?")
}

// The arrow keys reach the value of each hour, in the direction of the text.
func TestChartKeyboard(t *testing.T) {
	t.Parallel()
	s := typicals(t)
	for _, test := range []struct{ id, forward, back string }{{"en", "ArrowRight", "ArrowLeft"}, {"ar", "ArrowLeft", "ArrowRight"}} {
		b := newTab(t, 640, 600)
		b.open(s.page("/"+test.id, `<div lang=`+test.id+`><wait-time widget=`+test.id+` chart=day></wait-time></div>`+script))
		b.wait(chartShown)
		press := func(key string) string {
			return eval[string](b, `(r => { r.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '`+key+`', bubbles: true})); return r.activeElement.innerText.split('\n').pop() })(document.querySelector('wait-time').shadowRoot)`)
		}
		stops := eval[int](b, `(r => { const stops = r.querySelectorAll('.chart [tabindex="0"]'); stops[0].focus(); return stops.length })(document.querySelector('wait-time').shadowRoot)`)
		if stops != 1 {
			t.Errorf("%s: %d stops", test.id, stops)
		}
		seen := map[string]bool{}
		for value := press("Home"); !seen[value]; value = press(test.forward) {
			seen[value] = true
		}
		if len(seen) != 10 {
			t.Errorf("%s: %d values by %s: %v", test.id, len(seen), test.forward, seen)
		}
		if end := press("End"); !seen[end] || press(test.back) == end {
			t.Errorf("%s: %s doesn't leave %s", test.id, test.back, end)
		}
		eval[any](b, `document.querySelector('wait-time').setAttribute('chart', 'week')`)
		b.wait(`document.querySelector('wait-time').shadowRoot.querySelectorAll('.chart ul').length == 7`)
		eval[any](b, `document.querySelector('wait-time').shadowRoot.querySelector('.chart [tabindex="0"]').focus()`)
		first := press("Home")
		for day := range 5 {
			if value := press("ArrowDown"); (value == first) != (day == 4) {
				t.Errorf("%s: %s below %s on day %d", test.id, value, first, day)
			} else {
				first = value
			}
		}
		if got := press("ArrowUp"); got == first {
			t.Errorf("%s: ArrowUp doesn't leave %s", test.id, first)
		}
		b.quiet()
	}
}

// Axe finds no faults in elements, frames and pages with charts.
func TestAxeOnCharts(t *testing.T) {
	t.Parallel()
	s := typicals(t)
	b := newInspector(t)
	for _, id := range []string{"en", "ar", "new"} {
		b.open(s.page("/"+id, `<title>Chart</title><main><h1>Chart</h1><wait-time widget=`+id+` chart=day></wait-time></main>`+script))
		b.wait(chartShown)
		b.inspect(id)
		eval[any](b, `document.querySelector('wait-time').setAttribute('chart', 'week')`)
		b.wait(chartShown + `?.textContent && document.querySelector('wait-time').shadowRoot.querySelectorAll('.chart ul').length != 1`)
		b.inspect(id + " week")
		for _, query := range []string{"chart=day&theme=dark", "chart=week&theme=light"} {
			b.open(s.api + "/w/" + id + "?" + query)
			b.wait(allShown)
			b.inspect(id + " " + query)
		}
	}
}

// Other browsers show the chart of an element in its space.
func TestChartInOtherEngines(t *testing.T) {
	testlevel.Full(t)
	for name, start := range map[string]func(testing.TB) engine{"Firefox": newFirefox, "WebKit": newWebKit} {
		t.Run(name, func(t *testing.T) {
			s, e := typicals(t), start(t)
			if err := e.open(s.page("/", `<div lang=de><wait-time widget=de chart=week></wait-time></div>`+script)); err != nil {
				t.Fatal(err)
			}
			const chart = `(document.querySelector('wait-time').shadowRoot.querySelector('.chart'))`
			becomes(t, e, chart+`?.querySelector('.now')?.innerText`, "Montag · 14:00–15:00 Uhr (jetzt) · 6–10 Min.")
			becomes(t, e, chart+`.querySelectorAll('li').length`, "50")
			becomes(t, e, `[...`+chart+`.querySelectorAll('i')].every(i => i.offsetWidth > 2 && i.offsetHeight > 0)`, "true")
			becomes(t, e, chart+`.scrollHeight <= `+chart+`.clientHeight`, "true")
		})
	}
}

// A chart below several metrics names its own.
func TestChartOfOneMetric(t *testing.T) {
	t.Parallel()
	s, b := typicals(t), newTab(t, 320, 600)
	for query, want := range map[string]string{
		"widget=en chart=day":              "Usual values by hour · Monday",
		"widget=two chart=day":             "Current wait time Usual values by hour · Monday",
		"widget=two chart=day metric=wait": "Usual values by hour · Monday",
		"widget=two chart=week":            "Current wait time Usual values by hour 0–15 min",
	} {
		b.open(s.page("/"+query, `<wait-time `+query+`></wait-time>`+script))
		b.wait(chartShown)
		b.keep("metrics-" + strings.NewReplacer("=", "-", " ", "-").Replace(query))
		if got := eval[string](b, `document.querySelector('wait-time').shadowRoot.querySelector('figcaption').innerText.replace(/\s+/g, ' ')`); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	b.quiet()
}

// Bars stay visible in forced colors.
func TestChartInForcedColors(t *testing.T) {
	t.Parallel()
	testlevel.Short(t)
	s, b := typicals(t), newTab(t, 400, 600)
	b.prefer("forced-colors", "active", "prefers-color-scheme", "dark")
	b.open(s.page("/", `<wait-time widget=en chart=day></wait-time>`+script))
	b.wait(chartShown)
	b.keep("element-forced")
	if colors := eval[[]string](b, `['li:not(.now) i', '.now i'].map(e => getComputedStyle(document.querySelector('wait-time').shadowRoot.querySelector(e)).backgroundColor)`); colors[0] != "rgb(255, 255, 255)" || colors[1] == colors[0] {
		t.Errorf("the bars of the element are %s", colors)
	}
	b.open(s.api + "/embed/en?chart=day")
	b.keep("embed-forced")
	if got := eval[string](b, `getComputedStyle(document.querySelector('.chart rect')).fill`); got == "rgb(0, 0, 0)" {
		t.Errorf("the bars of the page are %s", got)
	}
}

// What is typical stands below the value, and in its place while the source is down.
func TestTypicalLine(t *testing.T) {
	t.Parallel()
	s, b := typicals(t), newTab(t, 700, 800)
	var rows string
	for _, layout := range layouts {
		rows += fmt.Sprintf(`<p>Before <wait-time widget=en layout=%s></wait-time> after.</p>`, layout)
	}
	b.open(s.page("/", rows+script))
	b.wait(allShown)
	b.keep("typical-open")
	for n, want := range []string{
		"Customer support Current wait time 14 min Busier than usual · Usually 6–10 min at this hour Updated just now",
		"Customer support Current wait time 14 min Busier than usual · Usually 6–10 min at this hour",
		"Current wait time 14 min",
		"14 min",
	} {
		if got := eval[string](b, fmt.Sprint(shown, "(", n, ")")); got != want {
			t.Errorf("%s: %s", layouts[n], got)
		}
	}
	s.setClock(afternoon.Add(2 * time.Hour))
	s.publisher.Refresh("en")
	b.open(s.page("/", rows+script))
	b.wait(allShown)
	b.keep("typical-unavailable")
	for n, want := range []string{
		"Customer support Current wait time Usually 5–9 min at this hour",
		"Customer support Current wait time Usually 5–9 min at this hour",
		"Current wait time Usually 5–9 min at this hour",
		"Usually 5–9 min at this hour",
	} {
		if got := eval[string](b, fmt.Sprint(shown, "(", n, ")")); got != want {
			t.Errorf("%s: %s", layouts[n], got)
		}
	}
	b.open(s.api + "/w/en?chart=week")
	b.wait(allShown)
	b.keep("share-week")
	b.quiet()
}
