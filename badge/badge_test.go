package badge

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
	"waitboard/internal/testlevel"
)

var update = flag.Bool("update", false, "write the golden files; look at them in a browser")

// Images of all situations, in English in each theme, in other languages in one.
func TestGolden(t *testing.T) {
	for _, tag := range []string{"en", "de", "ar-EG", "he", "ja", "zh-Hans"} {
		for _, in := range situations {
			themes := []string{"auto", "light", "dark"}
			if tag != "en" {
				themes = themes[:1]
			}
			for _, theme := range themes {
				name := tag + "-" + in.name + "-" + theme + ".svg"
				t.Run(name, func(t *testing.T) {
					c := cardOf(t, tag, in)
					checkGolden(t, &c, SVG(&c, ThemeOf(theme)), name)
					if theme == themes[0] {
						checkLayout(t, &c, lay, Height(c.Metrics))
					}
				})
			}
		}
	}
}

func TestStrips(t *testing.T) {
	for _, tag := range []string{"en", "de", "ar-EG"} {
		for _, in := range situations {
			t.Run(tag+"-"+in.name, func(t *testing.T) {
				c := cardOf(t, tag, in)
				checkGolden(t, &c, Strip(&c, Auto), "strip-"+tag+"-"+in.name+".svg")
				checkLayout(t, &c, layStrip, StripHeight(c.Metrics))
			})
		}
	}
}

func checkGolden(t *testing.T, c *Card, got []byte, name string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got); update with -update\n%s", diff)
	}
	checkSVG(t, c, got)
}

// reference matches anything that an SVG could load, run or refer to.
var reference = regexp.MustCompile(`(?i)<(script|foreignObject|image|use|a|animate|set|iframe|\?|!)|\s(on[a-z]+|href|src|xlink:[a-z]+|style)=|url\(|@import|javascript:`)

// checkSVG checks that an image is well-formed, has no references, and has all texts.
func checkSVG(t testing.TB, c *Card, raw []byte) {
	t.Helper()
	var texts []string
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	depth, tags := 0, ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			tags += "<" + token.Name.Local + ">"
			if depth == 1 && token.Name.Local != "svg" || depth > 3 {
				t.Fatalf("%s is where it does not belong\n%s", token.Name.Local, raw)
			}
			for _, a := range token.Attr {
				if reference.MatchString(" " + a.Name.Local + "=") {
					t.Errorf("has the attribute %s", a.Name.Local)
				}
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			texts = append(texts, string(token))
		default:
			t.Errorf("has %T", token)
		}
	}
	if found := reference.FindString(tags); found != "" {
		t.Errorf("has %s", found)
	}
	if c.Title != "" && texts[0] != c.Title || c.Text != "" && !strings.Contains(strings.Join(texts, "\n"), c.Text) {
		t.Errorf("lacks the title or the text: %q", texts)
	}
}

func checkLayouts(t testing.TB, c *Card) {
	t.Helper()
	checkLayout(t, c, lay, Height(c.Metrics))
	checkLayout(t, c, layStrip, StripHeight(c.Metrics))
}

// checkLayout checks that all shapes are inside the card and don't overlap.
func checkLayout(t testing.TB, c *Card, lay func(*typesetter, *Card) *layout, height int) {
	t.Helper()
	setter := typesetters.Get().(*typesetter)
	defer typesetters.Put(setter)
	l := lay(setter, c)
	if l.height != height {
		t.Errorf("is %d high", l.height)
	}
	checkShapes(t, l)
}

// checkShapes checks that all shapes are inside the card and don't overlap.
func checkShapes(t testing.TB, l *layout) {
	t.Helper()
	type span struct {
		from, to, top, bottom float64
		ink                   ink
	}
	var spans []span
	for _, s := range l.shapes {
		at := span{s.x, s.x + s.w, s.y, s.y + s.h, s.ink}
		if s.text != "" {
			needed := l.width(s.text, s.style)
			at = span{s.x, s.x + needed, s.y - .7*s.style.size, s.y, s.ink}
			if s.atEnd {
				at.from, at.to = s.x-needed, s.x
			}
		}
		if at.from < margin-.01 || at.to > Width-margin+.01 || at.top < 0 || at.bottom > float64(l.height) {
			t.Errorf("%q is at %+v, on a card %d high", s.text, at, l.height)
		}
		for _, other := range spans {
			if other.ink == inkEdge && at.ink >= cardInks { // bars stand in front of the lines of the scale
				continue
			}
			if at.from < other.to-.01 && other.from < at.to-.01 && at.top < other.bottom-.01 && other.top < at.bottom-.01 {
				t.Errorf("%q, %+v, overlaps %+v", s.text, at, other)
			}
		}
		spans = append(spans, at)
	}
}

func checkPNG(t testing.TB, c *Card, raw []byte) {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if want := image.Rect(0, 0, Width*Density, Height(c.Metrics)*Density); picture.Bounds() != want {
		t.Errorf("is %v, want %v", picture.Bounds(), want)
	}
	if !bytes.Contains(raw[:80], []byte("pHYs\x00\x00\x1d\x87\x00\x00\x1d\x87\x01")) { // 7559 pixels per meter: twice 96 per inch
		t.Errorf("wrong density: %x", raw[:80])
	}
}

// Images of all situations in one language, and of the fullest cards in all. The layout equals the SVG's.
func TestPNG(t *testing.T) {
	for tag := range written {
		for _, in := range situations {
			if tag == "en" || in.name == "open" || in.name == "many" {
				checkImage(t, tag, in)
			}
		}
	}
}

func TestPNGOfEverything(t *testing.T) {
	testlevel.Full(t)
	for tag := range written {
		for _, in := range situations {
			checkImage(t, tag, in)
		}
	}
}

func checkImage(t *testing.T, tag string, in situation) {
	t.Helper()
	c := cardOf(t, tag, in)
	raw := PNG(&c, Dark)
	checkPNG(t, &c, raw)
	if in.name == "open" && !bytes.Equal(raw, PNG(&c, Dark)) {
		t.Errorf("%s, %s: the second image differs", tag, in.name)
	}
	if len(raw) > 24<<10 {
		t.Errorf("%s, %s: has %d bytes", tag, in.name, len(raw))
	}
	checkLayouts(t, &c)
}

// The size of an image must not depend on the state, or pages would shift.
func TestSizeDependsOnMetricsAlone(t *testing.T) {
	for metrics := 1; metrics <= 4; metrics++ {
		for _, in := range situations {
			in.metrics = metrics
			c := cardOf(t, "en", in)
			checkLayout(t, &c, lay, Height(metrics)) // the size of the image
		}
		c := cardOf(t, "en", situation{metrics: metrics})
		if want := fmt.Sprintf(`width="320" height="%d" viewBox="0 0 320 %[1]d"`, Height(metrics)); !bytes.Contains(SVG(&c, Light), []byte(want)) {
			t.Errorf("%d metrics: is not %s", metrics, want)
		}
	}
	if Height(0) > Height(1) || Height(1) != 148 || Height(3) != 182 {
		t.Errorf("heights are %d %d %d: update the formula in the docs", Height(0), Height(1), Height(3))
	}
}

// All texts have the contrast of WCAG AA.
func TestContrast(t *testing.T) {
	luminance := func(c color.RGBA) float64 {
		linear := func(v uint8) float64 {
			if s := float64(v) / 255; s > .04045 {
				return math.Pow((s+.055)/1.055, 2.4)
			} else {
				return s / 12.92
			}
		}
		return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
	}
	for _, theme := range []Theme{Light, Dark} {
		card := luminance(rgba(palettes[theme][inkCard]))
		for k := inkTitle; k < inks; k++ {
			least := 4.5
			if k >= inkBar {
				least = 3
			}
			ink := luminance(rgba(palettes[theme][k]))
			if ratio := (max(card, ink) + .05) / (min(card, ink) + .05); ratio < least {
				t.Errorf("theme %d, ink %d: %.2f", theme, k, ratio)
			}
		}
	}
}

func TestHostileTexts(t *testing.T) {
	nasty := `</text><script>alert(1)</script>"'&amp;<!--` + "\x00\x1b\xed\xa0\x80\ufffe\u202e12:34\u2066 ]]> \n\t&#x202e; <svg onload=x>"
	c := Card{ID: "w", Language: `en"><x`, Title: nasty, Text: nasty, Metrics: 2, Notice: nasty, AsOf: nasty, Clock: "12:00", Date: "12:00", Short: "12:00",
		Rows: []Row{{ID: "a", Label: nasty, Value: nasty, Words: true, Level: domain.High, LevelWord: nasty}, {ID: "b", Label: nasty, Value: nasty, Level: domain.Low}}}
	for _, text := range c.texts() {
		*text = clean(*text)
	}
	c.Text = clean(c.Text)
	checkLayouts(t, &c)
	raw := SVG(&c, Auto)
	checkSVG(t, &c, raw)
	checkPNG(t, &c, PNG(&c, Auto))
	if bytes.ContainsAny(raw, "\x00\x1b\u202e\u2066") {
		t.Error("has characters that turn the direction of text")
	}
}

// A comparison that doesn't fit leaves what is usual alone.
func TestTypicalThatFits(t *testing.T) {
	const long, short = "Plus d’affluence que d’habitude · Habituellement 3–6 min à cette heure-ci", "Habituellement 3–6 min à cette heure-ci"
	for want, r := range map[string]Row{
		short:           {Label: "Attente", Value: "14 min", Typical: long, Usual: short},
		"Usually 3 min": {Label: "Wait", Value: "14 min", Typical: "Usually 3 min", Usual: "Usually 3 min"},
	} {
		c := Card{Title: "Support", Rows: []Row{r}}
		if svg := string(SVG(&c, Light)); !strings.Contains(svg, want) || strings.Contains(svg, "Plus d") {
			t.Errorf("no %q in %s", want, svg)
		}
	}
}
