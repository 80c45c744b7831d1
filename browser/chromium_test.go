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

// chromium is the browser for all tests.
var chromium context.Context

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run starts Chromium and runs the tests. With -short, or without Chromium outside CI, it skips the whole package.
func run(m *testing.M) int {
	flag.Parse()
	if testing.Short() {
		fmt.Fprintln(os.Stderr, "browser: SKIPPED by -short")
		return 0
	}
	path, err := findChromium()
	if err != nil && os.Getenv("CI") != "" {
		fmt.Fprintln(os.Stderr, "browser:", err)
		return 1
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser: SKIPPED:", err)
		return 0
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(patience),
		// The tests need no network and no graphics card.
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("enable-features", "BackForwardCache"), chromedp.Flag("disable-features", "Translate"),
		chromedp.Flag("ignore-certificate-errors", true), // for the tests' servers
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
	return m.Run()
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium; install it, on Debian by: apt-get install chromium fonts-liberation")
}

// A tab is a separate window with its own cookies and caches. It records errors and warnings of the page.
type tab struct {
	testing.TB
	context.Context
	mu       sync.Mutex
	problems []string // errors, warnings and violations of policies
}

// patience limits every wait of a failing test, even on the slowest machine.
const patience = 3 * time.Minute

// until waits for a condition, and returns false after a timeout.
func until(done func() bool) bool {
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for end := time.After(patience); !done(); {
		select {
		case <-again.C:
		case <-end:
			return false
		}
	}
	return true
}

// newTab opens a tab of a size in CSS pixels. Only the test moves the clock of its pages; see clock_test.go.
func newTab(t testing.TB, width, height int64) *tab {
	t.Helper()
	opened, shut := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	b := &tab{TB: t, Context: opened}
	messages := chromedp.Console(opened)
	var listening sync.WaitGroup
	listening.Go(func() { b.listen(messages) })
	t.Cleanup(func() {
		shut()
		listening.Wait()
	})
	b.resize(width, height)
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.atStart(noteProblems)
	b.atStart(standing)
	return b
}

// failing makes the tab fail a subtest while the subtest runs.
func (b *tab) failing(subtest testing.TB) {
	was := b.TB
	b.TB = subtest
	subtest.Cleanup(func() { b.TB = was })
}

// resize sets the size of the tab, in CSS pixels.
func (b *tab) resize(width, height int64) {
	b.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
}

func (b *tab) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return // the tab is closed
		}
		if m.Type != chromedp.ConsoleWarning && m.Type != chromedp.ConsoleError && m.Type != chromedp.ConsoleException {
			continue
		}
		b.mu.Lock()
		b.problems = append(b.problems, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", m.Source, m.Type, m.Text, m.URL)))
		b.mu.Unlock()
	}
}

// complaints returns the problems so far.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.problems)
}

// complains waits for a problem with a text.
func (b *tab) complains(of string) {
	b.Helper()
	if !until(func() bool { return strings.Contains(strings.Join(b.complaints(), "\n"), of) }) {
		b.Fatalf("nothing warns of %s: %q", of, b.complaints())
	}
}

// leftFrame is the error of a frame that is left or replaced during a request.
const leftFrame = "Failed to fetch"

// quiet fails the test if the page had problems other than these, or broke a policy.
func (b *tab) quiet(but ...string) {
	b.Helper()
	if broken := eval[[]string](b, "window.violations"); len(broken) > 0 {
		b.Errorf("policy violations: %q", broken)
	}
	for _, problem := range b.complaints() {
		if !slices.ContainsFunc(but, func(part string) bool { return strings.Contains(problem, part) }) {
			b.Errorf("problem of the page: %s", problem)
		}
	}
}

// call runs a command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) (result R) {
	b.Helper()
	return within(b, func() (R, error) { return chromedp.Call(b.Context, command, params) })
}

// within returns the result of work, or fails the test after patience. A deadline in the context would close the tab. If the test fails, the
// goroutine ends with the tab.
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
		b.Fatal("the browser does not respond")
		panic("not reached")
	}
}

// open goes to a page and waits until it has loaded.
func (b *tab) open(url string) {
	b.Helper()
	within(b, func() (any, error) { return nil, chromedp.Do(b.Context, chromedp.Navigate(url)) })
}

// atStart runs a script in every later page and frame, before their own scripts.
func (b *tab) atStart(script string) {
	b.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// noteProblems sums layout shifts and records policy violations.
const noteProblems = `{
	window.shifts = 0; window.violations = [];
	const add = entries => { for (const e of entries) if (!e.hadRecentInput) shifts += e.value };
	const observer = new PerformanceObserver(l => add(l.getEntries()));
	observer.observe({type: 'layout-shift', buffered: true});
	window.shiftsNow = () => (add(observer.takeRecords()), shifts);
	addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.sample));
}`

// painted is a promise that resolves when the page is parsed and painted.
const painted = `new Promise(done => {
	const next = () => requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
	if (document.readyState == 'loading') document.addEventListener('readystatechange', next, {once: true}); else next();
})`

// shiftsSoFar is a promise of the sum of layout shifts. The browser reports a shift one frame later.
const shiftsSoFar = painted + `.then(() => ` + painted + `).then(shiftsNow)`

// eval returns the value of an expression, which may be a promise.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	return within(b, func() (T, error) {
		return chromedp.Run(b.Context, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	})
}

// wait waits for a true expression.
func (b *tab) wait(expression string) {
	b.Helper()
	if !until(func() bool { return eval[bool](b, "!!("+expression+")") }) {
		b.Fatalf("never: %s\nthe page: %s\nthe first element: %s\nit complains: %q", expression, eval[string](b, "document.documentElement.outerHTML"), eval[string](b, shown+"()"), b.complaints())
	}
}

// shown is a JavaScript function: the visible text of the nth wait-time element.
const shown = `(n => { const e = document.querySelectorAll('wait-time')[n || 0], b = e && e.shadowRoot && e.shadowRoot.querySelector('.box');
	return b ? b.innerText.replace(/\s+/g, ' ').trim() : '' })`
