package locale

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTags(t *testing.T) {
	for _, test := range []struct{ tag, wantTag, wantLanguage string }{
		{"en", "en", "en"}, {"en-GB", "en-GB", "en"}, {"zh-TW", "zh-Hans", "zh-Hans"}, {"zh-Hant", "zh-Hans", "zh-Hans"}, {"EN_us", "en-US", "en"}, {"pt", "pt", "pt-BR"}, {"pt-PT", "pt-PT", "pt-BR"},
		{"zh", "zh", "zh-Hans"}, {"zh-CN", "zh-CN", "zh-Hans"}, {"zh-SG", "zh-SG", "zh-Hans"}, {"cmn", "zh", "zh-Hans"},
		{"de-AT", "de-AT", "de"}, {"iw", "he", "he"}, {"he-IL", "he-IL", "he"}, {"ar-EG", "ar-EG", "ar"}, {"ar-u-nu-latn", "ar-u-nu-latn", "ar"},
		{"es-419", "es-419", "es"}, {"ja-JP", "ja-JP", "ja"}, {"nl-BE", "nl-BE", "nl"}, {"fr-CA", "fr-CA", "fr"},
	} {
		l, err := New(test.tag, nil)
		if err != nil {
			t.Errorf("%s: %v", test.tag, err)
		} else if l.Tag() != test.wantTag || l.Language() != test.wantLanguage {
			t.Errorf("%s: tag %s, language %s; want %s, %s", test.tag, l.Tag(), l.Language(), test.wantTag, test.wantLanguage)
		}
	}
	for tag, want := range map[string]string{"de-AT": "de-AT", "iw": "he", "ar": "ar-u-nu-latn", "ar-AE": "ar-AE-u-nu-latn", "ar-EG": "ar-EG-u-nu-arab", "ar-u-nu-arab": "ar-u-nu-arab"} {
		if l, err := New(tag, nil); err != nil || l.Numbers() != want {
			t.Errorf("%s: numbers as in %s, %v", tag, l.Numbers(), err)
		}
	}
	const all = "; use one of en, es, fr, de, pt-BR, it, nl, pl, ar, he, ja, zh-Hans"
	for _, tag := range []string{"sv", "und", "und-DE", "mul", "eu", "cy", "gsw", "ar-Latn", "x-private"} {
		if _, err := New(tag, nil); err == nil || err.Error() != `language "`+tag+`" is not supported`+all {
			t.Errorf("%s: %v", tag, err)
		}
	}
	for _, tag := range []string{"", "english", "e", "de,en", "de AT", "*", "C", "-", "!", strings.Repeat("de-", 50)} {
		if _, err := New(tag, nil); err == nil || err.Error() != `"`+tag+`" is not a language tag`+all {
			t.Errorf("%s: %v", tag, err)
		}
	}
}

// Configuration, URLs and pages share this parser of tags.
func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"de_DE": "de-DE", "pt_BR": "pt-BR", "EN-us": "en-US", "zh_hant_tw": "zh-Hant-TW", " fr ": "fr", "de_AT.UTF-8": "de-AT", "sr@latin": "sr",
		"en-UK": "en-GB", "en-": "en", "de-germany": "de", "iw_IL": "he-IL", "ar-u-nu-latn": "ar-u-nu-latn", "und": "und",
		"": "", "*": "", "!": "", "C": "", "POSIX": "", "german": "", "de DE": "", "\u202ede": "",
	} {
		tag, ok := Read(text)
		if got := tag.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %s, %t, want %q", text, got, ok, want)
		}
	}
}

// Choose and New return simplified Chinese for traditional Chinese, and report it.
func TestChoose(t *testing.T) {
	for _, test := range []struct {
		tag, want string
		exact     bool
	}{
		{"de_DE", "de-DE", true}, {"pt_BR", "pt-BR", true}, {"pt", "pt", true}, {"pt-PT", "pt-PT", true}, {"EN-us", "en-US", true}, {"zh-CN", "zh-Hans-CN", true},
		{"ar-EG-u-nu-latn", "ar-EG", true}, {"es-419", "es-419", true}, {"de-XX", "de", true}, {"zh", "zh-Hans", true},
		{"zh-Hant", "zh-Hans", false}, {"zh-TW", "zh-Hans", false}, {"zh_HK", "zh-Hans", false},
		{"sv", "", false}, {"*", "", false}, {"", "", false}, {"und", "", false}, {"garbage", "", false},
	} {
		if got, exact := Choose(test.tag); got != test.want || exact != test.exact {
			t.Errorf("%q: %s, %t", test.tag, got, exact)
		}
		l, err := New(test.tag, nil)
		if (err == nil) != (test.want != "") || err == nil && (l.Instead() == "") != test.exact {
			t.Errorf("%q: %v", test.tag, err)
		}
		if err == nil && Language(test.want) != l.Language() {
			t.Errorf("%q is of %s", test.want, Language(test.want))
		}
	}
}

func TestMatch(t *testing.T) {
	for _, test := range []struct{ header, want string }{
		{"de-AT,de;q=0.9,en;q=0.8", "de-AT"}, {"en;q=0.5, fr", "fr"}, {"sv, nb;q=0.9, es;q=0.8", "es"}, {"zh-TW,zh;q=0.9", "zh-Hans"},
		{"zh-TW", "nl"}, {"zh-TW,en;q=0.5", "en"}, {"pt-PT", "pt-PT"}, {"pt", "pt"}, {"iw", "he"}, {"cmn-CN", "zh-Hans-CN"}, {"eu,es;q=0.5", "es"}, {"de_CH", "de-CH"},
		{"", "nl"}, {"*", "nl"}, {"sv", "nl"}, {"garbage;;q=", "nl"}, {"de;q=0", "nl"}, {"ja" + strings.Repeat(",ja", 1000), "nl"},
	} {
		if got := Match(test.header, "nl"); got != test.want {
			t.Errorf("%.40q: %s, want %s", test.header, got, test.want)
		}
	}
}

// A locale of another region has the same overrides.
func TestRegional(t *testing.T) {
	own, err := New("de", map[string]Message{"closed": {Text: "Wir haben zu."}})
	if err != nil {
		t.Fatal(err)
	}
	swiss := own.Regional("de_CH")
	if got := swiss.Number(12345.5, 1) + " " + swiss.Say(Closed); got != "12'345.5 Wir haben zu." || swiss.Tag() != "de-CH" {
		t.Errorf("%s: %s", swiss.Tag(), got)
	}
	if got := own.Regional("de-AT").date(time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC)); got != "4. Jänner" {
		t.Errorf("first of January in Austria: %s", got)
	}
	for _, tag := range []string{"de", "de-DE", "de-LI-x-y", "fr-CH", "sv", "!", ""} {
		if l := own.Regional(tag); tag != "de-LI-x-y" && l != own {
			t.Errorf("%q makes another locale, %s", tag, l.Tag())
		}
	}
}

func TestOverrides(t *testing.T) {
	l, err := New("de", map[string]Message{
		"under":         {Text: "weniger als {duration}"},
		"minute":        {Text: "{count} Minuten"},
		"hour":          {Forms: map[string]string{"one": "eine Stunde", "other": "{count} Stunden"}},
		"not_available": {Text: "–"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{
		l.Under(time.Minute), l.Duration(0), l.Duration(61 * time.Minute), l.Duration(2 * time.Hour), l.Say(NotAvailable),
		l.DurationRange(0, time.Hour), l.DurationRange(30*time.Minute, time.Hour), l.DurationRange(time.Minute, 2*time.Minute), l.Say(Yes),
	}
	want := []string{
		"weniger als 1 Minuten", "0 Minuten", "eine Stunde 1 Minuten", "2 Stunden", "–", "0 Minuten bis eine Stunde",
		"30 Minuten bis eine Stunde", "1–2 Minuten", "Ja",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if other := locale(t, "de"); other.Duration(time.Minute) != "1 Min." {
		t.Error("overrides change the catalog")
	}
	raw, err := json.Marshal([]Message{l.Phrases()["minute"], l.Phrases()["hour"], l.Phrases()["yes"]})
	if want := `[{"other":"{count} Minuten"},{"one":"eine Stunde","other":"{count} Stunden"},"Ja"]`; string(raw) != want || err != nil {
		t.Errorf("phrases %s, %v", raw, err)
	}
	l.Phrases()["hour"].Forms["one"] = "changed"
	if l.Phrases()["hour"].Forms["one"] != "eine Stunde" {
		t.Error("phrases can be changed")
	}
}

// A span needs forms with a number.
func TestRangeNamesBothEnds(t *testing.T) {
	l, err := New("he", map[string]Message{"hour": {Forms: map[string]string{"two": "שעתיים", "other": "{count} שעות"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Duration(2 * time.Hour); got != "שעתיים" {
		t.Errorf("two hours are %q", got)
	}
	if got := l.DurationRange(time.Hour, 2*time.Hour); got != "1–2 שעות" {
		t.Errorf("one to two hours are %q", got)
	}
}

func TestWrongOverrides(t *testing.T) {
	forms := func(pairs ...string) Message {
		m := Message{Forms: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			m.Forms[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for _, test := range []struct {
		name, tag, key string
		message        Message
		want           string
	}{
		{"misspelt key", "de", "undr", Message{Text: "x"}, `phrase "undr": is not known (did you mean "under"?)`},
		{"unknown key", "de", "qqqqqqqqqqqqqq", Message{Text: "x"}, `phrase "qqqqqqqqqqqqqq": is not known`},
		{"unknown placeholder", "de", "under", Message{Text: "unter {duration} {count}"}, `phrase "under": has no placeholder {count} (it can have {duration})`},
		{"placeholder of none", "de", "yes", Message{Text: "{yes}"}, `phrase "yes": has no placeholder {yes} (it can have none)`},
		{"missing placeholder", "de", "under", Message{Text: "unter"}, `phrase "under": lacks {duration} (that stands for what it is about)`},
		{"stray brace", "de", "yes", Message{Text: "Ja}"}, `phrase "yes": has a brace that belongs to no placeholder (it can have none)`},
		{"open brace", "de", "under", Message{Text: "unter {duration"}, `phrase "under": has a brace that belongs to no placeholder (it can have {duration})`},
		{"empty", "de", "yes", Message{Text: " "}, `phrase "yes": is empty`},
		{"nothing", "de", "yes", Message{}, `phrase "yes": is empty`},
		{"two lines", "de", "yes", Message{Text: "J\na"}, `phrase "yes": has a line break or another control character (write one line)`},
		{"line separator", "de", "yes", Message{Text: "J\u2028a"}, `phrase "yes": has a line break or another control character (write one line)`},
		{"turned", "he", "yes", Message{Text: "\u202eכן"}, `phrase "yes": has an invisible character that changes the direction of text (leave it out; pages set the direction)`},
		{"not text", "de", "yes", Message{Text: "\xff"}, `phrase "yes": is not UTF-8`},
		{"long", "de", "yes", Message{Text: strings.Repeat("ä", 301)}, `phrase "yes": is longer than 300 characters`},
		{"longest", "de", "yes", Message{Text: strings.Repeat("ä", 300)}, ""},
		{"forms where none are", "de", "yes", forms("other", "Ja"), `phrase "yes": does not depend on a number (write one text)`},
		{"no other", "de", "minute", forms("one", "{count} Min"), `phrase "minute": lacks the plural form "other" (it stands for each form that is not given)`},
		{"no forms", "de", "minute", forms(), `phrase "minute": lacks the plural form "other" (it stands for each form that is not given)`},
		{"form of another language", "de", "minute", forms("few", "{count}", "other", "{count}"), `phrase "minute", form "few": is not a plural form of de (it has one, other)`},
		{"no form", "de", "minute", forms("singular", "{count}", "other", "{count}"), `phrase "minute", form "singular": is not a plural form of de (it has one, other)`},
		{"number left out", "de", "minute", forms("one", "eine Minute", "other", "Minuten"), `phrase "minute", form "other": lacks {count} (that stands for what it is about)`},
		{"form for several", "fr", "minute", forms("one", "une minute", "other", "{count} minutes"), `phrase "minute", form "one": lacks {count} (that stands for what it is about)`},
		{"one text without number", "de", "minute", Message{Text: "Minuten"}, `phrase "minute": lacks {count} (that stands for what it is about)`},
		{"both", "de", "minute", Message{Text: "{count}", Forms: map[string]string{"other": "{count}"}}, `phrase "minute": has both one text and plural forms (write one of them)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.tag, map[string]Message{test.key: test.message})
			if test.want == "" && err == nil {
				return
			}
			var problems PhraseErrors
			if !errors.As(err, &problems) || problems[0].Key != test.key || err.Error() != test.want {
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
	_, err := New("de", map[string]Message{"yes": {}, "no": {Text: "a\tb{x}"}, "undr": {}})
	if err == nil || strings.Count(err.Error(), "\n") != 2 || !strings.HasPrefix(err.Error(), `phrase "no"`) {
		t.Errorf("all problems at once: %v", err)
	}
}

// noonIn returns a noon in summer.
func noonIn(t *testing.T, zone string) time.Time {
	at, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 7, 1, 12, 0, 0, 0, at)
}

// An override may omit the zone.
func TestZoneOfOpeningTime(t *testing.T) {
	l, err := New("en", map[string]Message{"closed_until_day": {Text: "Opens {weekday} {time} {zone}"}, "closed_until_date": {Text: "Opens {date} {time} ({zone})"}})
	if err != nil {
		t.Fatal(err)
	}
	noon := noonIn(t, "America/Denver")
	if day, date := l.ClosedUntilDay(noon), l.ClosedUntilDate(noon, false); day != "Opens Wednesday 12:00 PM MDT" || date != "Opens July 1 12:00 PM (MDT)" {
		t.Errorf("%q, %q", day, date)
	}
	// An override for a weekday also replaces the catalog's phrases for today and tomorrow.
	if today, tomorrow := l.ClosedUntilToday(noon), l.ClosedUntilTomorrow(noon); today != "Opens Wednesday 12:00 PM MDT" || tomorrow != today {
		t.Errorf("%q, %q", today, tomorrow)
	}
	l, err = New("en", map[string]Message{"closed_until_day": {Text: "Opens {weekday} {time}"}, "closed_until_today": {Text: "Opens at {time}"}})
	if err != nil {
		t.Fatal(err)
	}
	if today, tomorrow := l.ClosedUntilToday(noon), l.ClosedUntilTomorrow(noon); today != "Opens at 12:00 PM" || tomorrow != "Opens Wednesday 12:00 PM" {
		t.Errorf("%q, %q", today, tomorrow)
	}
	_, err = New("en", map[string]Message{"closed": {Text: "Closed {zone}"}, "as_of": {Text: "As of {time}"}})
	if err == nil || !strings.Contains(err.Error(), `"closed": has no placeholder {zone}`) || !strings.Contains(err.Error(), `"as_of": lacks {zone}`) {
		t.Error(err)
	}
}

// Other packages' tests depend on these texts.
func TestEnglishTexts(t *testing.T) {
	l := locale(t, "en")
	for _, test := range []struct{ got, want string }{
		{l.Duration(0), "0 min"}, {l.Duration(30 * time.Second), "30 s"}, {l.Duration(65 * time.Minute), "1 h 5 min"},
		{l.Duration(90500 * time.Millisecond), "1 min 30.5 s"}, {l.DurationRange(5*time.Minute, 10*time.Minute), "5–10 min"},
		{l.DurationRange(50*time.Minute, 70*time.Minute), "50 min–1 h 10 min"}, {l.Under(time.Minute), "under 1 min"},
		{l.Over(30 * time.Minute), "over 30 min"}, {l.FewerThan(5), "fewer than 5"}, {l.OrMore(20), "20+"}, {l.CountRange(5, 9), "5–9"},
		{l.Number(2.55, 1), "2.6"}, {l.Number(2, 1), "2.0"}, {l.Line("Support", l.Join([]string{l.Part("Wait", "4 min"), l.Part("Waiting", "3")})), "Support: Wait 4 min · Waiting 3"},
		{l.NotUpToDate("4 min"), "4 min (not up to date)"}, {l.Say("nothing_of_the_kind"), ""},
		{l.AsOf(noonIn(t, "UTC")), "As of 12:00 PM UTC"}, {l.AsOf(noonIn(t, "America/Denver")), "As of 12:00 PM MDT"}, {l.AsOf(noonIn(t, "America/Sao_Paulo")), "As of 12:00 PM GMT-3"},
		{l.AsOf(noonIn(t, "Asia/Kathmandu")), "As of 12:00 PM GMT+5:45"}, {l.ClosedUntilDay(noonIn(t, "America/Denver")), "Closed. Opens Wednesday 12:00 PM MDT"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestExtremeNumbers(t *testing.T) {
	l := locale(t, "en")
	for _, test := range []struct {
		n        float64
		decimals int
		want     string
	}{
		{math.NaN(), 0, "NaN"}, {math.Inf(1), -1, "∞"}, {math.Inf(-1), 2, "-∞"}, {math.Copysign(0, -1), 0, "0"}, {-0.4, 0, "0"}, {-0.4, 1, "-0.4"},
		{0.5, 0, "1"}, {2.5, 0, "3"}, {0.1 + 0.2, -1, "0.3"}, {1e-20, -1, "0"}, {0.000001, -1, "0.000001"}, {999.9, 0, "1,000"}, {1e15, -1, "1,000,000,000,000,000"},
		{5, 2, "5.00"}, {1, 99, "1.000000000000000"}, {5, -7, "5"},
	} {
		if got := l.Number(test.n, test.decimals); got != test.want {
			t.Errorf("%v with %d decimals: %q, want %q", test.n, test.decimals, got, test.want)
		}
	}
	for d, want := range map[time.Duration]string{
		-time.Hour: "0 min", 1: "0 min", time.Minute - 1: "1 min", math.MinInt64: "0 min", math.MaxInt64: "2,562,047 h 47 min 16.854 s",
	} {
		if got := l.Duration(d); got != want {
			t.Errorf("%d ns: %q, want %q", d, got, want)
		}
	}
}

// Formats in which x/text and browsers differ. The browsers' are expected.
func TestNumbersMatchBrowsers(t *testing.T) {
	for _, test := range []struct{ tag, want string }{
		{"es", "1234 12.345"}, {"es-ES", "1234 12.345"}, {"es-419", "1,234 12,345"}, {"es-MX", "1,234 12,345"}, {"es-MX-u-nu-latn", "1,234 12,345"},
		{"es-ES-u-nu-latn", "1234 12.345"}, {"pl-PL", "1234 12\u00a0345"}, {"it", "1234 12.345"}, {"pt-PT", "1234 12\u00a0345"}, {"pt", "1.234 12.345"},
		{"ar", "1,234 12,345"}, {"ar-AE", "1,234 12,345"}, {"ar-MA", "1.234 12.345"}, {"ar-EG", "١٬٢٣٤ ١٢٬٣٤٥"}, {"ar-SA", "١٬٢٣٤ ١٢٬٣٤٥"},
		{"ar-EG-u-nu-latn", "1,234 12,345"}, {"ar-u-nu-arab", "١٬٢٣٤ ١٢٬٣٤٥"}, {"de-AT", "1\u00a0234 12\u00a0345"}, {"en-IN", "1,234 12,345"},
	} {
		l := locale(t, test.tag)
		if got := l.Number(1234, 0) + " " + l.Number(12345, 0); got != test.want {
			t.Errorf("%s: %q, want %q", test.tag, got, test.want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	l, want := locale(t, "ar-EG"), everything(locale(t, "ar-EG"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := everything(l); got != want {
				t.Error("different text")
			}
		})
	}
	all.Wait()
}

// The constants are keys of phrases without placeholders.
func TestSay(t *testing.T) {
	for _, p := range phrases {
		if m := catalogOf("en").messages[string(p)]; m.Text == "" || strings.Contains(m.Text, "{") {
			t.Errorf("%s is %+v", p, m)
		}
	}
}

func TestMessageJSON(t *testing.T) {
	for _, raw := range []string{`"a"`, `{"one":"a","other":"b"}`} {
		var m Message
		err := json.Unmarshal([]byte(raw), &m)
		got, _ := json.Marshal(m)
		if err != nil || string(got) != raw {
			t.Errorf("%s became %s, %v", raw, got, err)
		}
	}
	for _, raw := range []string{`1`, `{"one":1}`, `["a"]`} {
		if err := json.Unmarshal([]byte(raw), new(Message)); err == nil {
			t.Errorf("%s was read", raw)
		}
	}
}

func TestVisible(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "\u00a0\t\u3000": false, "\u200b\u200c\u200d\u2060\ufeff": false, "\u202a\u202c\u2066\u2069\u200e\u200f\u061c": false, "\u00ad\u180e": false,
		"\u3164\u115f\u1160\uffa0\u2800": false, "\ufe0f\u0301": false, "\U000e0041": false, "a": true, "\u200bא\u200f": true, "。": true, "☎️": true, "é": true,
	} {
		if got := Visible(text); got != want {
			t.Errorf("%+q: %v", text, got)
		}
	}
}
