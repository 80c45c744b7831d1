package neighbors

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"waitboard/internal/testlevel"
)

// chromiums is a Chromium whose tabs share nothing.
type chromiums struct{ context.Context }

// newChromium starts Chromium.
func newChromium(t *testing.T) chromiums {
	t.Helper()
	path, err := exec.LookPath("google-chrome")
	if err != nil {
		path = testlevel.Need(t, "chromium", "chromium fonts-liberation")
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(patience), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true))...)
	t.Cleanup(stop)
	started, quit := chromedp.NewContext(allocated)
	t.Cleanup(quit)
	if err := chromedp.Do(started); err != nil {
		t.Fatal(err)
	}
	return chromiums{started}
}

// A tab is a window of Chromium.
type tab struct {
	testing.TB
	context.Context
}

// tab opens a window of that size, in CSS pixels.
func (c chromiums) tab(t *testing.T, width, height int64) *tab {
	t.Helper()
	opened, shut := chromedp.NewContext(c, chromedp.WithNewBrowserContext())
	t.Cleanup(shut)
	b := &tab{t, opened}
	if _, err := chromedp.Call(opened, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500}); err != nil {
		t.Fatal(err)
	}
	return b
}

// open goes to a page and waits until all that it names has come.
func (b *tab) open(url string) {
	b.Helper()
	if err := chromedp.Do(b.Context, chromedp.Navigate(url)); err != nil {
		b.Fatal(err)
	}
}

// eval returns the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	value, err := chromedp.Run(b.Context, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait waits until an expression is true. While a page is left, there is none to ask.
func (b *tab) wait(expression string) {
	b.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for end := time.After(patience); ; {
		if done, err := chromedp.Run(b.Context, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && done {
			return
		}
		select {
		case <-again.C:
		case <-end:
			b.shoot("failed")
			b.Fatalf("never: %s", expression)
		}
	}
}

// shoot takes a picture into the folder WAITBOARD_SHOTS, if that is set.
func (b *tab) shoot(name string) {
	b.Helper()
	folder := os.Getenv("WAITBOARD_SHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		b.Fatal(err)
	}
}
