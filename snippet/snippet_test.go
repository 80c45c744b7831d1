package snippet

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var support = Options{Base: "https://wait.example.com", Widget: "support", Title: "Customer support", Rows: 2, Hash: "1a2b", Integrity: "sha384-abc"}

func TestHTML(t *testing.T) {
	dark := support
	dark.Layout, dark.Theme, dark.Locale, dark.Metric = "line", "dark", "de", "wait"
	bare := support
	bare.Layout = "bare"
	chart := support
	chart.Chart, chart.ChartTitle, chart.Theme = "week", "Usual values by hour", "dark"
	hashed := support
	hashed.Pin = true
	tests := []struct {
		name string
		kind Kind
		o    Options
		want string
	}{
		{"element", Element, support, `<wait-time widget="support" api="https://wait.example.com"><img src="https://wait.example.com/v1/widgets/support/badge.svg" width="288" height="224" alt="Customer support"></wait-time>` + "\n" +
			`<script async src="https://wait.example.com/v1/widget.js"></script>`},
		{"element with choices", Element, dark, `<wait-time widget="support" api="https://wait.example.com" metric="wait" layout="line" theme="dark" locale="de"><img src="https://wait.example.com/v1/widgets/support/badge.svg?layout=line&amp;theme=dark" width="288" height="54" alt="Customer support"></wait-time>` + "\n" +
			`<script async src="https://wait.example.com/v1/widget.js"></script>`},
		{"script", Script, support, `<script async src="https://wait.example.com/v1/widget.js" style="display:block;min-height:224px" data-widget="support"></script>`},
		{"script that is checked", Script, hashed, `<script async src="https://wait.example.com/v1/widget.1a2b.js" integrity="sha384-abc" crossorigin="anonymous" style="display:block;min-height:224px" data-widget="support"></script>`},
		{"script with choices", Script, dark, `<script async src="https://wait.example.com/v1/widget.js" style="display:inline-block;min-width:288px;min-height:54px;vertical-align:top" data-widget="support" data-metric="wait" data-layout="line" data-theme="dark" data-locale="de"></script>`},
		{"iframe", IFrame, dark, `<iframe src="https://wait.example.com/embed/support?layout=line&amp;locale=de&amp;theme=dark" title="Customer support" width="100%" height="74" loading="lazy" style="border:0;max-width:400px;color-scheme:dark"></iframe>`},
		{"image", Image, support, `<a href="https://wait.example.com/w/support"><img src="https://wait.example.com/v1/widgets/support/badge.svg" width="320" height="156" alt="Customer support" style="max-width:100%;height:auto"></a>`},
		{"image with a chart", Image, chart, `<a href="https://wait.example.com/w/support?chart=week&amp;theme=dark"><img src="https://wait.example.com/v1/widgets/support/badge.svg?theme=dark" width="320" height="156" alt="Customer support" style="max-width:100%;height:auto">` +
			`<br><img src="https://wait.example.com/v1/widgets/support/typical.svg?range=week&amp;theme=dark" width="320" height="296" alt="Usual values by hour" style="max-width:100%;height:auto"></a>`},
		{"element with a chart", React, chart, `<script async src="https://wait.example.com/v1/widget.js"></script>` + "\n" + `<wait-time widget="support" api="https://wait.example.com" theme="dark" chart="week"></wait-time>`},
		{"iframe with a chart", IFrame, chart, `<iframe src="https://wait.example.com/embed/support?chart=week&amp;theme=dark" title="Customer support" width="100%" height="556" loading="lazy" style="border:0;max-width:400px;color-scheme:dark"></iframe>`},
		{"bare element", Element, bare, `<wait-time widget="support" api="https://wait.example.com" layout="bare"><a href="https://wait.example.com/w/support">Customer support</a></wait-time>` + "\n" +
			`<script async src="https://wait.example.com/v1/widget.js"></script>`},
		{"bare script", Script, bare, `<script async src="https://wait.example.com/v1/widget.js" data-widget="support" data-layout="bare"></script>`},
		{"strip", Image, dark, `<a href="https://wait.example.com/w/support?layout=line&amp;locale=de&amp;theme=dark"><img src="https://wait.example.com/v1/widgets/support/badge.svg?layout=line&amp;theme=dark" width="320" height="74" alt="Customer support" style="max-width:100%;height:auto"></a>`},
		{"link", Link, support, `<a href="https://wait.example.com/w/support">Customer support</a>`},
		{"e-mail", Email, dark, `<a href="https://wait.example.com/w/support?layout=line&amp;locale=de&amp;theme=dark"><img src="https://wait.example.com/v1/widgets/support/badge.png?theme=dark" width="320" height="156" alt="Customer support" style="max-width:100%;height:auto"></a>`},
		{"React", React, dark, `<script async src="https://wait.example.com/v1/widget.js"></script>` + "\n" + `<wait-time widget="support" api="https://wait.example.com" metric="wait" layout="line" theme="dark" locale="de"></wait-time>`},
		{"address", Address, support, `https://wait.example.com/w/support`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := HTML(test.kind, test.o); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAll(t *testing.T) {
	pinned := support
	pinned.Pin = true
	tests := []struct {
		name          string
		o             Options
		pieces        int
		plain, pinned int // scripts that are not checked, and that are
	}{
		{"as it is", support, len(Kinds) + 1, 3, 1},
		{"pinned", pinned, len(Kinds), 0, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			all := All(test.o)
			if got := strings.Count(all, "<!-- "); got != test.pieces {
				t.Errorf("%d pieces have comments", got)
			}
			for _, kind := range Kinds {
				if want := "<!-- " + kind.Help() + " -->\n" + HTML(kind, test.o); !strings.Contains(all, want) {
					t.Errorf("no %s", want)
				}
			}
			if plain, pinned := strings.Count(all, "/widget.js"), strings.Count(all, `/widget.1a2b.js" integrity="sha384-abc" crossorigin="anonymous"`); plain != test.plain || pinned != test.pinned {
				t.Errorf("%d scripts as they are and %d pinned:\n%s", plain, pinned, all)
			}
		})
	}
}

func TestReadKind(t *testing.T) {
	for _, kind := range Kinds {
		if got, ok := ReadKind(string(kind)); got != kind || !ok {
			t.Errorf("%s is read as %q, %v", kind, got, ok)
		}
	}
	for _, name := range []string{"", "all", "Element", "<b>"} {
		if got, ok := ReadKind(name); ok {
			t.Errorf("%q is read as %q", name, got)
		}
	}
}

// TestHostileTitles checks that a title stays text and adds no tags.
func TestHostileTitles(t *testing.T) {
	want := map[Kind]string{Element: "wait-time img script", Script: "script", IFrame: "iframe", Image: "a img", Link: "a", Address: "", Email: "a img", React: "script wait-time"}
	for _, title := range []string{`"><script>alert(1)</script>`, `' onload='x`, `</wait-time></iframe></a><b>`, "&quot;\n<!--", "\x00<img src=x onerror=y>"} {
		for _, kind := range Kinds {
			o := support
			o.Title = title
			root, err := html.Parse(strings.NewReader(HTML(kind, o)))
			if err != nil {
				t.Fatal(err)
			}
			var tags []string
			for n := range root.Descendants() {
				if n.Type == html.ElementNode && !slices.Contains([]string{"html", "head", "body"}, n.Data) {
					tags = append(tags, n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") {
						t.Errorf("%s of %q has %s", kind, title, a.Key)
					}
				}
			}
			if got := strings.Join(tags, " "); got != want[kind] {
				t.Errorf("%s of %q has the tags %s", kind, title, got)
			}
		}
	}
}

func TestHeightGrows(t *testing.T) {
	for _, layout := range Layouts {
		o := Options{Layout: layout}
		before := 0
		for o.Rows = 1; o.Rows < 20; o.Rows += 2 {
			if h := o.Height(); h < before || h == before && layout != "bare" { // all of it in one line
				t.Errorf("%s: %d rows are %d high, fewer %d", layout, o.Rows, h, before)
			} else {
				before = h
			}
		}
	}
}
