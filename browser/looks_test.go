package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"waitboard/locale"
	"waitboard/wait"
)

var layouts = []string{"card", "line", "compact", "bare"}

// states is a site with a widget in each state, by IDs that say which.
func states(t testing.TB) (*site, []string) {
	const minute = 60_000.
	leveled := func(id string, moderate, high float64) wait.Metric {
		m := metric(id, "Current wait time")
		m.Levels = wait.Levels{Kind: wait.Duration, Moderate: moderate * minute, High: high * minute}
		m.Link = wait.Link{When: wait.High, Label: "Request a callback", URL: "https://www.example.com/callback"}
		return m
	}
	calls, span := metric("calls", "Calls in queue"), metric("still", "Usually")
	span.Display = wait.Display{Kind: wait.Duration, Buckets: []float64{5 * minute, 10 * minute}}
	closed := widget("closed", calls)
	closed.Hours = &wait.Hours{Zone: time.UTC}
	noticed := widget("notice", leveled("still", 20, 30), calls)
	noticed.Notice = "Phones are down today. Please use our chat."
	arabic, err := locale.New("ar", nil)
	if err != nil {
		t.Fatal(err)
	}
	rtl := widget("arabic", metric("wait", "وقت الانتظار"), span)
	rtl.Title, rtl.Locale = "خدمة العملاء", arabic
	all := []wait.Widget{
		widget("running", leveled("wait", 20, 30), calls), widget("one", metric("wait", "Current wait time")), widget("moderate", leveled("still", 1, 30), calls, span),
		widget("high", leveled("still", 1, 2), calls), noticed, widget("stale", metric("old", "Current wait time"), calls),
		widget("missing", metric("none", "Next callback"), calls), closed, widget("initializing", metric("unknown", "Current wait time")),
		widget("unavailable", metric("older", "Current wait time")), rtl,
	}
	s := newSite(t, all...)
	s.observe("wait", wait.Line(3*time.Minute+30*time.Second, 1, time.Now()), 0)
	s.observe("still", wait.Line(7*time.Minute, 0, time.Now()), 0)
	s.observe("old", wait.Line(4*time.Minute, 0, time.Now()), 100*time.Second)
	s.observe("older", wait.Line(4*time.Minute, 0, time.Now()), time.Hour)
	s.observe("calls", wait.CountOf(12), 0)
	s.observe("none", wait.Reading{}, 0)
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return s, append(ids, "nosuch")
}

// TestLooks makes a sheet of every state in every layout for each theme, for people to look at: they stay where
// WAITBOARD_SCREENSHOTS names a folder. Each element has to show something.
func TestLooks(t *testing.T) {
	folder := os.Getenv("WAITBOARD_SCREENSHOTS")
	if folder == "" {
		folder = t.TempDir()
	}
	s, ids := states(t)
	for _, sheet := range []struct {
		name, style, attributes string
		width                   int64
	}{
		{"light", "color-scheme: light; background: #f4f6f5", ``, 1400},
		{"dark", "color-scheme: dark; background: #10161a; color: #e9efed", ``, 1400},
		{"forced", "", ``, 1400},
		{"phone", "", ``, 320},
		{"large", "font-size: 200%", ``, 1400},
		{"german", "", `locale="de"`, 1400},
		{"hebrew", "", `locale="he"`, 1400},
		{"serif", "font: 18px/1.7 Georgia, 'DejaVu Serif', serif; text-align: center; background: #fbf6ea; color: #3b2f1e", ``, 1400},
	} {
		t.Run(sheet.name, func(t *testing.T) {
			t.Parallel()
			var rows strings.Builder
			for _, id := range ids {
				fmt.Fprintf(&rows, `<tr><th>%s</th>`, id)
				for _, layout := range layouts {
					fmt.Fprintf(&rows, `<td>Before. <wait-time widget=%q layout=%q %s></wait-time> After.</td>`, id, layout, sheet.attributes)
				}
			}
			css := `body{margin:16px;font:16px/1.5 system-ui,sans-serif;` + sheet.style + `}table{border-spacing:16px;width:100%}td{vertical-align:top;width:24%}th{font:12px monospace;opacity:.6}`
			if sheet.width < 500 {
				css += `body{margin:8px}table,tbody,tr,td,th{display:block;width:auto;margin-block:8px}`
			}
			b := newTab(t, sheet.width, 900)
			if sheet.name == "forced" {
				call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}, {Name: "prefers-color-scheme", Value: "dark"}}})
			}
			b.open(s.page("/"+sheet.name, `<style>`+css+`</style><table>`+rows.String()+`</table>`+script))
			b.wait(`Array.from(document.querySelectorAll('wait-time')).every((e, n) => ` + shown + `(n))`)
			picture := within(b, func() ([]byte, error) { return chromedp.Run(b.Context, chromedp.FullScreenshot(100)) })
			if err := os.WriteFile(filepath.Join(folder, sheet.name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
