package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"waitboard/internal/testlevel"
)

// A finding is a violation that axe reports.
type finding struct {
	ID, Impact, Help string
	Nodes            []string // elements and reasons
}

// newInspector returns a tab that loads axe into pages and frames.
func newInspector(t testing.TB) *tab {
	t.Helper()
	source, err := os.ReadFile(needTool(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	b := newTab(t, 1280, 900)
	b.atStart(string(source))
	return b
}

// findings returns axe's findings in the page, its shadow trees and frames. It uses all rules except those turned off, including best
// practices and the size of targets. Undecided results count as findings, except for colors on a gradient and behind a bare value, where
// the invisible pause control covers the page's own colors.
func (b *tab) findings(off ...string) []finding {
	b.Helper()
	rules := map[string]map[string]bool{"target-size": {"enabled": true}}
	for _, rule := range off {
		rules[rule] = map[string]bool{"enabled": false}
	}
	options, err := json.Marshal(map[string]any{"rules": rules, "resultTypes": []string{"violations", "incomplete"}})
	if err != nil {
		b.Fatal(err)
	}
	return eval[[]finding](b, `axe.run(document, `+string(options)+`).then(({violations, incomplete}) => {
		const undecided = incomplete.map(f => ({...f, nodes: f.nodes.filter(n => !n.any.some(check => /bgOverlap|bgGradient/.test(check.data?.messageKey)))})).filter(f => f.nodes.length);
		return violations.concat(undecided).map(({id, impact, help, nodes}) => ({id, impact, help, nodes: nodes.map(n => JSON.stringify(n.target) + n.html + n.failureSummary)}));
	})`)
}

// inspect fails the test if there are findings.
func (b *tab) inspect(name string, off ...string) {
	b.Helper()
	for _, f := range b.findings(off...) {
		b.Errorf("%s: %s (%s): %s\n%s", name, f.ID, f.Impact, f.Help, strings.Join(f.Nodes, "\n"))
	}
}

// Every state in every layout and theme, on light and dark pages, in three languages.
func TestAxeOnElements(t *testing.T) {
	t.Parallel()
	s, ids := states(t)
	const light, dark = "color-scheme: light; background: #fff; color: #222", "color-scheme: dark; background: #111; color: #eee"
	for _, sheet := range []struct {
		name, colors, lang, theme string
		long                      bool
	}{
		{"light", light, "en", "light", false},
		{"dark on light", light, "en", "dark", true},
		{"dark", dark, "en", "auto", true},
		{"german", light, "de", "auto", true},
		{"hebrew", dark, "he", "light", true},
	} {
		t.Run(sheet.name, func(t *testing.T) {
			if sheet.long {
				testlevel.Full(t)
			}
			t.Parallel()
			b := newInspector(t)
			var rows strings.Builder
			for _, id := range ids {
				for _, layout := range layouts {
					fmt.Fprintf(&rows, `<p>%s: <wait-time widget=%q layout=%q theme=%q locale=%q></wait-time></p>`, id, id, layout, sheet.theme, sheet.lang)
				}
			}
			b.open(s.page("/axe-"+strings.ReplaceAll(sheet.name, " ", "-"), `<title>Support</title><style>:root{`+sheet.colors+`}p{float:left;width:20em;margin:1em}</style><main><h1>Support</h1>`+rows.String()+`</main>`+script))
			b.wait(allShown)
			b.inspect(sheet.name)
		})
	}
}

// queries returns the queries for the pages of one widget: every layout in these themes, and in Hebrew.
func queries(themes []string) (all []string) {
	for _, layout := range layouts {
		for _, theme := range themes {
			all = append(all, "layout="+layout+"&theme="+theme)
		}
		all = append(all, "layout="+layout+"&locale=he")
	}
	return all
}

// The page for iframes and the page to share, in every layout and theme, with and without scripts. Every state appears, the fullest one in
// every combination.
func TestAxeOnPages(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name         string
		script, long bool
		queries      []string
	}{
		{"one live", true, false, []string{"layout=card&theme=dark"}},
		{"one plain", false, false, []string{"layout=compact&theme=light"}},
		{"live", true, true, queries(themes)},
		{"plain", false, true, queries([]string{"light", "dark"})},
	} {
		t.Run(kind.name, func(t *testing.T) {
			if kind.long {
				testlevel.Full(t)
			}
			t.Parallel()
			s, ids := states(t)
			ids = ids[:len(ids)-1] // an unknown widget has no page
			withHarness(s, kind.script)
			b := newInspector(t)
			for i, query := range kind.queries {
				id := ids[i%len(ids)]
				b.open(s.harness("/embed/high?"+query, "/embed/"+id+"?"+query+"&n=2"))
				b.wait(framedAll)
				// A frame has nothing to skip, and these frames have equal titles.
				b.inspect("/embed/ "+query, "bypass", "landmark-unique")
				b.open(s.api + "/w/" + id + "?" + query)
				b.wait(fmt.Sprintf(`!%t || `, kind.script) + allShown)
				b.inspect("/w/" + id + " " + query)
			}
		})
	}
}

// The page of all widgets, for visitors who prefer light and dark.
func TestAxeOnIndex(t *testing.T) {
	t.Parallel()
	s, _ := states(t)
	b := newInspector(t)
	for _, scheme := range []string{"dark", "light"} {
		t.Run(scheme, func(t *testing.T) {
			if scheme == "light" {
				testlevel.Full(t)
			}
			b.failing(t)
			b.prefer("prefers-color-scheme", scheme)
			b.open(s.api + "/")
			b.wait(allShown)
			b.wait(framedAll)
			b.inspect(scheme, "frame-title-unique") // it shows one widget several times
			b.open(s.api + "/builder?widget=high&place=wix")
			b.wait(framedAll)
			b.inspect(scheme + " builder")
		})
	}
}

// Axe finds faults in the page, and in a shadow tree in a frame.
func TestAxeFindsFaults(t *testing.T) {
	t.Parallel()
	s := usual(t)
	withHarness(s, true)
	b := newInspector(t)
	b.open(s.harness("/embed/support"))
	b.wait(framedAll)
	eval[any](b, `{
		const sheet = new frames[0].CSSStyleSheet();
		sheet.replaceSync('wait-time::part(label) {color: #ccc}');
		frames[0].document.adoptedStyleSheets = [sheet];
		document.querySelector('main').append(document.createElement('img'));
	}`)
	var found []string
	for _, f := range b.findings("bypass") {
		found = append(found, f.ID)
	}
	if slices.Sort(found); !slices.Equal(found, []string{"color-contrast", "image-alt"}) {
		t.Errorf("found %q", found)
	}
}
