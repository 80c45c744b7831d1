package browser

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"

	"waitboard/api/operator"
	"waitboard/domain"
	"waitboard/internal/golden"
	"waitboard/snippet"
)

//go:embed testdata/contact.html
var contactPage string

// largestPicture limits a picture of the documentation, in bytes.
const largestPicture = 150_000

// picture takes a picture of the top of a page, with 1.5 dots per CSS pixel. With -update it becomes the one of the documentation.
func (b *tab) picture(name string, width, height int64) {
	b.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1.5})
	eval[bool](b, `document.fonts.ready.then(() => `+painted+`)`)
	quality := int64(85)
	taken := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &quality}).Data
	if len(taken) < largestPicture/20 || len(taken) > largestPicture {
		b.Errorf("%s has %d bytes", name, len(taken))
	}
	if golden.Update() {
		if err := os.WriteFile(filepath.Join("..", "docs", "pictures", name), taken, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPictures takes the pictures of README.md. -update writes them; look at them then. They are best with the font Inter (Debian: fonts-inter).
func TestPictures(t *testing.T) {
	t.Run("a widget on a contact page", func(t *testing.T) {
		wait := metric("wait", "Current wait time")
		wait.Levels = domain.Levels{Kind: domain.Duration, Moderate: 3 * 60_000, High: 10 * 60_000}
		wait.Link = domain.Link{When: domain.Moderate, Label: "Request a callback", URL: "https://www.example.com/callback"}
		s := newSite(t, widget("support", wait, metric("calls", "Calls in queue")))
		s.observe("wait", domain.Line(3*time.Minute+20*time.Second, 1, s.now()), 0)
		s.observe("calls", domain.CountOf(3), 0)
		b := newTab(t, 1120, 600)
		b.prefer("prefers-color-scheme", "light")
		b.open(s.page("/contact", strings.Replace(contactPage, "{widget}", snippet.HTML(snippet.Element, snippet.Options{Base: s.api, Widget: "support", Title: "Customer support", Rows: 2}), 1)))
		b.wait(shown + `().includes('Current wait time 4 min')`)
		b.picture("contact.webp", 1120, 600)
		b.quiet()
	})
	t.Run("the dashboard", func(t *testing.T) {
		s, b := newBoard(t, company()), newTab(t, 1120, 1010)
		b.prefer("prefers-color-scheme", "light")
		b.open(s.url)
		b.wait(live)
		eval[any](b, `document.documentElement.style.fontFamily = "Inter, 'Liberation Sans', sans-serif"; document.querySelector('#widget-support').open = true`)
		b.picture("dashboard.webp", 1120, 1010)
		b.quiet()
	})
}

// company returns the state of a company's service. One of its three sources rejects the key, so one widget has no values.
func company() operator.State {
	duration := func(id, label string, seconds float64, text, public, level string) operator.Metric {
		return operator.Metric{ID: id, Label: label, Type: "duration", Value: seconds, Text: text, Public: public, Level: level}
	}
	calls := func(number float64, public string) operator.Metric {
		return operator.Metric{ID: "calls", Label: "Calls in queue", Type: "count", Value: number, Text: fmt.Sprint(number), Public: public}
	}
	s := healthy(3, 5)
	s.Version = "0.1.0"
	for i, source := range []struct {
		id, address, key string
		latency          float64
	}{
		{"hq", "https://chronicall.example.com:9080", "key_env CHRONICALL_KEY", .024}, {"cloud", "https://example.xima.cloud", "key_file /run/secrets/cloud", .118},
		{"store", "https://store.example.com:9080", "key_file /run/secrets/store", .031},
	} {
		s.Sources[i].ID, s.Sources[i].Address, s.Sources[i].Key, s.Sources[i].Latency = source.id, source.address, source.key, source.latency
	}
	store := &s.Sources[2]
	store.State, store.Cause, store.Detail, store.FailingSince, store.LastAnswer, store.Hour = "failing", "unauthorized", "the key is rejected (status 401)", before(11*time.Minute), before(11*time.Minute), busyHour(11)
	until := time.Now().Add(14 * time.Hour)
	for i, w := range []operator.Widget{
		{ID: "support", Title: "Customer support", Sources: []string{"hq"}, Metrics: []operator.Metric{duration("wait", "Current wait time", 205, "3:25", "4 min", "moderate"), calls(3, "3")}},
		{ID: "sales", Title: "Sales", Sources: []string{"hq"}, Metrics: []operator.Metric{duration("wait", "Current wait time", 38, "0:38", "under 1 min", "low"), calls(1, "1")}},
		{ID: "kundendienst", Title: "Kundendienst", Sources: []string{"cloud"}, Metrics: []operator.Metric{duration("wait", "Aktuelle Wartezeit", 742, "12:22", "10–15 Min.", "high")}},
		{ID: "returns", Title: "Returns and repairs", State: "closed", Message: "Closed until 8:00 AM", Hours: &operator.Hours{Until: &until}, Sources: []string{"hq"}, Metrics: []operator.Metric{duration("wait", "Current wait time", 0, "0:00", "", "")}},
		{ID: "denver", Title: "Denver store", State: "unavailable", Sources: []string{"store"}, Metrics: []operator.Metric{duration("wait", "Current wait time", 96, "1:36", "Not available", "")}},
	} {
		if w.State == "" {
			w.State = "open"
		}
		w.Zone, w.Page, w.Builder = "America/Denver", "https://wait.example.com/w/"+w.ID, "https://wait.example.com/?widget="+w.ID
		for j := range w.Metrics {
			w.Metrics[j].Source, w.Metrics[j].Confirmed = w.Sources[0], before(3*time.Second)
			if w.State == "unavailable" {
				w.Metrics[j].Hidden, w.Metrics[j].Confirmed = true, before(11*time.Minute)
			}
		}
		s.Widgets[i] = w
	}
	s.Widgets[0].EmbeddedBy = []operator.Site{{Site: "https://www.example.com", Requests: 18220}, {Site: "https://shop.example.com", Requests: 9120}}
	return s
}
