package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// chromium is the one browser of all tests; nil where there is none.
var chromium context.Context

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	path, err := findChromium()
	if err != nil {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, "browser:", err)
			return 1
		}
		fmt.Fprintln(os.Stderr, "browser: NO TEST OF THIS PACKAGE RUNS:", err)
		return m.Run()
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("enable-features", "BackForwardCache"), chromedp.Flag("disable-features", "Translate"),
		chromedp.Flag("ignore-certificate-errors", true), // those of servers of ours, on this machine
		// Each tab is in front, whatever the others do.
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-backgrounding-occluded-windows", true),
	)
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	started, quit := chromedp.NewContext(allocated)
	defer quit()
	if err := chromedp.Do(started); err != nil {
		fmt.Fprintln(os.Stderr, "browser: Chromium does not start:", err)
		return 1
	}
	chromium = started
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil { // they wait more than they work
		panic(err)
	}
	return m.Run()
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium; apt-get install chromium")
}

// A tab is a window of its own, with its own cookies and caches. It notes what the page complains about.
type tab struct {
	testing.TB
	context.Context
	mu       sync.Mutex
	problems []string // errors, warnings and violations of policies
}

// patience is how long any one thing may take, on a slow machine with other tests beside it.
const patience = 20 * time.Second

// newTab opens a tab of that size, in CSS pixels.
func newTab(t testing.TB, width, height int64) *tab {
	t.Helper()
	if chromium == nil {
		t.Skip("there is no Chromium")
	}
	opened, shut := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(shut)
	b := &tab{TB: t, Context: opened}
	messages := chromedp.Console(opened)
	go b.listen(messages)
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.atStart(noteShifts)
	return b
}

func (b *tab) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return // the tab is shut
		}
		if m.Type != chromedp.ConsoleWarning && m.Type != chromedp.ConsoleError && m.Type != chromedp.ConsoleException {
			continue
		}
		b.mu.Lock()
		b.problems = append(b.problems, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", m.Source, m.Type, m.Text, m.URL)))
		b.mu.Unlock()
	}
}

// complaints are those up to now.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.problems)
}

// complains waits until the page has complained of something: that is told a moment later than it happens.
func (b *tab) complains(of string) {
	b.Helper()
	for end := time.Now().Add(patience); !strings.Contains(strings.Join(b.complaints(), "\n"), of); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("nothing warns of %s: %q", of, b.complaints())
		}
	}
}

// leftFrame is what a frame of ours says when it is left, or replaced, while it asks.
const leftFrame = "Failed to fetch"

// quiet fails the test if the page has complained, of something else than these, or broken a policy.
func (b *tab) quiet(but ...string) {
	b.Helper()
	if broken := eval[[]string](b, "window.violations"); len(broken) > 0 {
		b.Errorf("policies are violated: %q", broken)
	}
	for _, problem := range b.complaints() {
		if !slices.ContainsFunc(but, func(part string) bool { return strings.Contains(problem, part) }) {
			b.Errorf("the page complains: %s", problem)
		}
	}
}

// call runs a command of the browser's protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) (result R) {
	b.Helper()
	return within(b, func() (R, error) { return chromedp.Call(b.Context, command, params) })
}

// within is the result of what may take as long as patience lasts. A deadline in the context would take the tab along.
func within[R any](b *tab, work func() (R, error)) (result R) {
	b.Helper()
	done := make(chan error, 1)
	go func() {
		var err error
		result, err = work()
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			b.Fatal(err)
		}
		return result
	case <-time.After(patience):
		b.Fatal("the browser does not answer")
		panic("not reached")
	}
}

// open goes to a page and waits until all that it names has come.
func (b *tab) open(url string) {
	b.Helper()
	within(b, func() (any, error) { return nil, chromedp.Do(b.Context, chromedp.Navigate(url)) })
}

// atStart runs a script in every page and frame from now on, before anything of its own.
func (b *tab) atStart(script string) {
	b.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// noteShifts adds up layout shifts, and notes long tasks and violations of policies.
const noteShifts = `
window.shifts = 0; window.longest = 0; window.violations = [];
new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) shifts += e.value }).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(l => { for (const e of l.getEntries()) longest = Math.max(longest, e.duration) }).observe({type: 'longtask', buffered: true});
addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.sample));
`

// shiftsSoFar is a promise of what has shifted up to now: the browser tells of it some frames later.
const shiftsSoFar = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(shifts), 50)))))`

// eval is the value of an expression, which may be a promise.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	return within(b, func() (T, error) {
		return chromedp.Run(b.Context, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	})
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(30 * time.Millisecond) {
		if eval[bool](b, "!!("+expression+")") {
			return
		}
		if time.Now().After(end) {
			b.Fatalf("never: %s\nthe page: %s\nthe first element: %s\nit complains: %q", expression, eval[string](b, "document.documentElement.outerHTML"), eval[string](b, shown+"()"), b.complaints())
		}
	}
}

// shown is a function for expressions: the text that is seen of the nth element of ours.
const shown = `(n => { const e = document.querySelectorAll('wait-time')[n || 0], b = e && e.shadowRoot && e.shadowRoot.querySelector('.box');
	return b ? b.innerText.replace(/\s+/g, ' ').trim() : '' })`
