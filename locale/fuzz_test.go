package locale

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// oneLine checks that a text is one line.
func oneLine(t *testing.T, what, text string) {
	t.Helper()
	if text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, breaksLine) {
		t.Errorf("%s is %q", what, text)
	}
}

// FuzzNew tries any tag and overrides. Accepted ones must format texts; rejected ones must give one line for each problem.
func FuzzNew(f *testing.F) {
	f.Add("de-AT", "under", "unter {duration}", "one", "")
	f.Add("pl", "minute", "", "few", "{count} minuty")
	f.Add("zh-TW", "undr", "{", "other", "\u202e")
	f.Fuzz(func(t *testing.T, tag, key, text, form, formText string) {
		message := Message{Text: text}
		if formText != "" {
			message = Message{Forms: map[string]string{form: formText, "other": text}}
		}
		l, err := New(tag, map[string]Message{key: message})
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				oneLine(t, "error", line)
			}
			return
		}
		if !strings.Contains(everything(l), l.Language()) || Language(Match(l.Tag(), "")) != l.Language() {
			t.Errorf("%s became %s, %s", tag, l.Tag(), l.Language())
		}
		for _, text := range []string{l.Duration(time.Hour + time.Second), l.DurationRange(time.Minute, 2*time.Minute), l.Under(0), l.Say(Yes)} {
			oneLine(t, "text", text)
		}
	})
}

// FuzzMatch tries any header.
func FuzzMatch(f *testing.F) {
	f.Add("de-AT,de;q=0.9,*;q=0.1")
	f.Fuzz(func(t *testing.T, header string) {
		if got := Match(header, ""); got != "" && Language(got) == "" {
			t.Errorf("%q gives %q", header, got)
		}
	})
}

// FuzzFormat tries any numbers.
func FuzzFormat(f *testing.F) {
	f.Add(uint8(0), 1.5, 2.0, 1, int64(time.Minute), int64(time.Hour))
	f.Add(uint8(8), math.NaN(), math.Inf(-1), 1<<40, int64(math.MinInt64), int64(math.MaxInt64))
	f.Add(uint8(7), math.MaxFloat64, math.SmallestNonzeroFloat64, -1, int64(1), int64(-1))
	var locales []*Locale
	for _, tag := range append(Supported(), "ar-EG", "de-CH") {
		locales = append(locales, locale(f, tag))
	}
	f.Fuzz(func(t *testing.T, which uint8, a, b float64, decimals int, low, high int64) {
		l := locales[int(which)%len(locales)]
		from, to := time.Duration(low), time.Duration(high)
		for what, text := range map[string]string{
			"number": l.Number(a, decimals), "fewer": l.FewerThan(a), "more": l.OrMore(b), "counts": l.CountRange(a, b),
			"duration": l.Duration(from), "span": l.DurationRange(from, to), "under": l.Under(from), "over": l.Over(to),
			"day": l.ClosedUntilDay(time.Unix(low, 0)), "date": l.ClosedUntilDate(time.Unix(high, 0), low > 0), "as of": l.AsOf(time.Unix(low, 0)),
		} {
			oneLine(t, what, text)
		}
	})
}
