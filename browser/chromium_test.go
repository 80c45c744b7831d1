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

// chromium is the one browser of all tests.
var chromium context.Context

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run starts Chromium and runs the tests. Without Chromium, it fails in CI and skips the whole package elsewhere, as it does with -short.
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
		// Nothing here needs a network, which may be closed, or a graphics card.
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("enable-features", "BackForwardCache"), chromedp.Flag("disable-features", "Translate"),
		chromedp.Flag("ignore-certificate-errors", true), // of the tests' own servers
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

// A tab is a window of its own, with its own cookies and caches. It notes what the page complains about.
type tab struct {
	testing.TB
	context.Context
	mu       sync.Mutex
	problems []string // errors, warnings and violations of policies
}

// patience is how long a test waits for any one thing. It only ends a wait that is hopeless, on the slowest machine too.
const patience = 3 * time.Minute

// until waits until something is done, and reports whether it is.
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

// newTab opens a tab of that size, in CSS pixels. The clock of its pages stands still, as clock_test.go explains.
func newTab(t testing.TB, width, height int64) *tab {
	t.Helper()
	opened, shut := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(shut)
	b := &tab{TB: t, Context: opened}
	messages := chromedp.Console(opened)
	go b.listen(messages)
	b.resize(width, height)
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.atStart(noteProblems)
	b.atStart(standing)
	return b
}

// failing has the tab fail a subtest while that runs.
func (b *tab) failing(subtest testing.TB) {
	was := b.TB
	b.TB = subtest
	subtest.Cleanup(func() { b.TB = was })
}

// resize gives the tab another size, in CSS pixels.
func (b *tab) resize(width, height int64) {
	b.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
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

// complains waits until the page has complained of something.
func (b *tab) complains(of string) {
	b.Helper()
	if !until(func() bool { return strings.Contains(strings.Join(b.complaints(), "\n"), of) }) {
		b.Fatalf("nothing warns of %s: %q", of, b.complaints())
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

// within returns the result of work that may take as long as patience lasts. A deadline in the context would close the tab.
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

// noteProblems adds up layout shifts, and notes violations of policies.
const noteProblems = `{
	window.shifts = 0; window.violations = [];
	const add = entries => { for (const e of entries) if (!e.hadRecentInput) shifts += e.value };
	const observer = new PerformanceObserver(l => add(l.getEntries()));
	observer.observe({type: 'layout-shift', buffered: true});
	window.shiftsNow = () => (add(observer.takeRecords()), shifts);
	addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.sample));
}`

// painted is a promise that the page is parsed and has been painted as it is now.
const painted = `new Promise(done => {
	const next = () => requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
	if (document.readyState == 'loading') document.addEventListener('readystatechange', next, {once: true}); else next();
})`

// shiftsSoFar is a promise of what has shifted up to now: a shift is an entry of the frame after it.
const shiftsSoFar = painted + `.then(() => ` + painted + `).then(shiftsNow)`

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
	if !until(func() bool { return eval[bool](b, "!!("+expression+")") }) {
		b.Fatalf("never: %s\nthe page: %s\nthe first element: %s\nit complains: %q", expression, eval[string](b, "document.documentElement.outerHTML"), eval[string](b, shown+"()"), b.complaints())
	}
}

// shown is a function for expressions: the text that is seen of the nth element of ours.
const shown = `(n => { const e = document.querySelectorAll('wait-time')[n || 0], b = e && e.shadowRoot && e.shadowRoot.querySelector('.box');
	return b ? b.innerText.replace(/\s+/g, ' ').trim() : '' })`
