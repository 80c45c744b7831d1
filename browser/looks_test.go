package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

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
			b.wait(allShown)
			picture := within(b, func() ([]byte, error) { return chromedp.Run(b.Context, chromedp.FullScreenshot(100)) })
			if err := os.WriteFile(filepath.Join(folder, sheet.name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
