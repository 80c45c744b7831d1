package badge

import (
	"math/rand/v2"
	"strings"
	"testing"

	"waitboard/domain"
	"waitboard/internal/testlevel"
)

// randomText joins fragments of texts in all scripts, and separators.
func randomText(r *rand.Rand) string {
	alphabets := []string{
		"abcdefghijklmnopqrstuvwxyz ABCWM", "iiillljt.,:;'", "0123456789 .,:–%", "מלשירותב ", "خدمة العملاء ، ً", "٠١٢٣٤٥", "客户支持等待时间", "お客様サポートー、。「」",
		"ñüßéłø", "Привет ", "👩\u200d👩\u200d👧 🇩🇪 ☎️", "ไทยกำ", "हिन्दी", "e\u0301\u0308\u0331", "<>&\"'", "\u202e\u2066\u200f\u200e\u00ad\u00a0", "\x00\x1f\ufffd", "한국어", "ﷺ﷽", "㍿①Ⅷ", "\U00020000",
	}
	var b strings.Builder
	for range r.IntN(5) {
		alphabet := []rune(alphabets[r.IntN(len(alphabets))])
		for range r.IntN(40) {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
		if r.IntN(2) == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func randomCard(r *rand.Rand) Card {
	say := func(oneIn int) string {
		if r.IntN(oneIn) > 0 {
			return ""
		}
		return clean(randomText(r))
	}
	c := Card{ID: "support", Language: "en", RTL: r.IntN(2) == 0, Title: say(1), Text: say(1), Metrics: 1 + r.IntN(6), Notice: say(2), Stale: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		c.Message = say(1)
		return c
	}
	c.AsOf, c.Clock, c.Date, c.Short = say(1), "12:00", "12:00", "12:00"
	for range c.Metrics {
		row := Row{ID: "m", Label: say(1), Value: say(1), Faint: r.IntN(4) == 0, Words: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			row.Level, row.LevelWord = domain.High, say(1)
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// Random texts stay inside the card, and both formats draw them.
func TestRandomCards(t *testing.T) {
	checkRandomCards(t, 60)
}

func TestManyRandomCards(t *testing.T) {
	testlevel.Full(t)
	checkRandomCards(t, 2000)
}

func checkRandomCards(t *testing.T, rounds int) {
	t.Helper()
	r := rand.New(rand.NewPCG(4, 2))
	for i := range rounds {
		c := randomCard(r)
		checkLayouts(t, &c)
		checkSVG(t, &c, SVG(&c, Theme(i%int(Themes))))
		if i%20 == 0 {
			checkPNG(t, &c, PNG(&c, Dark))
		}
		if t.Failed() {
			t.Fatalf("%+v", c)
		}
	}
}

func FuzzCard(f *testing.F) {
	f.Add("Customer support", "Current wait time", "14 min", "Closed.", "high", false)
	f.Add("خدمة", "<b>", "\xff\xed\xa0\x80", "\u202e", "", true)
	f.Add("", "", "", "", "", true)
	f.Fuzz(func(t *testing.T, title, label, value, message, level string, rtl bool) {
		row := Row{ID: "m", Label: clean(label), Value: clean(value), Level: domain.Low, LevelWord: clean(level)}
		for i, c := range []Card{
			{ID: "w", Language: "en", RTL: rtl, Title: clean(title), Text: clean(value), Metrics: 1, Rows: []Row{row}, AsOf: clean(message), Clock: "12:00", Date: "12:00", Short: "12:00"},
			{ID: "w", Language: "ja", RTL: rtl, Title: clean(title), Metrics: 2, Rows: []Row{row, row}, Notice: clean(message)},
			{ID: "w", Language: "zh-Hans", RTL: rtl, Title: clean(title), Metrics: 1, Message: clean(message), Notice: clean(label)},
		} {
			checkLayouts(t, &c)
			checkSVG(t, &c, SVG(&c, Auto))
			if i == len(title)%3 { // one is enough: a PNG is slow
				checkPNG(t, &c, PNG(&c, Light))
			}
		}
	})
}

// Numbers are shown whole or not at all, because a truncated number is another number. So are values with characters that have no font.
func TestNumbersAreNeverTruncated(t *testing.T) {
	setter := typesetters.Get().(*typesetter)
	defer typesetters.Put(setter)
	for _, test := range []struct {
		name, value, want string
		words             bool
	}{
		{"fits", "2,562,047 h 47 min", "2,562,047 h 47 min", false},
		{"figure too long", strings.Repeat("123,456,", 20), ellipsis, false},
		{"words too long", strings.Repeat("word ", 30), "word word word word word word" + ellipsis, true},
		{"unknown letters", "12 นาที", ellipsis, false},
		{"unknown symbols", "12 👍 min", "12 min", false},
	} {
		c := Card{ID: "w", Language: "en", Title: "W", Metrics: 2, Rows: []Row{{ID: "a", Label: "A", Value: test.value, Words: test.words}, {ID: "b", Label: "ไทย"}}}
		c = setter.drawable(&c)
		var shown []string
		for _, s := range lay(setter, &c).shapes {
			shown = append(shown, s.text)
		}
		if got := strings.Join(shown, "|"); !strings.Contains(got, "|"+test.want+"|A|") || !strings.HasSuffix(got, "|b") {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}
