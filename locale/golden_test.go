package locale

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waitboard/internal/golden"
)

// TestGolden pins the texts of each language. The files are for proofreading: each line has a case and its text.
func TestGolden(t *testing.T) {
	for _, tag := range append(Supported(), "ar-EG", "de-CH", "es-MX", "en-GB") {
		t.Run(tag, func(t *testing.T) {
			golden.Check(t, tag+".golden", everything(locale(t, tag)))
		})
	}
}

// locale calls New without overrides.
func locale(t testing.TB, tag string) *Locale {
	t.Helper()
	l, err := New(tag, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const day = 24 * time.Hour

func everything(l *Locale) string {
	var b strings.Builder
	say := func(text, format string, args ...any) {
		fmt.Fprintf(&b, "%-28s %s\n", fmt.Sprintf(format, args...), text)
	}
	direction := "left to right"
	if l.RightToLeft() {
		direction = "right to left"
	}
	say(l.Tag()+", "+l.Language()+", "+direction, "tag, language, direction")
	durations(l, say)
	counts(l, say)
	b.WriteString("\n")
	for _, p := range phrases {
		say(l.Say(p), "%s", p)
	}
	opening(l, say)
	return b.String()
}

func durations(l *Locale, say func(text, format string, args ...any)) {
	for _, d := range []time.Duration{
		0, time.Second, 2 * time.Second, 59 * time.Second, 1500 * time.Millisecond, 1005 * time.Millisecond, time.Minute, 2 * time.Minute,
		3 * time.Minute, 5 * time.Minute, 11 * time.Minute, 21 * time.Minute, 22 * time.Minute, 90*time.Second + 500*time.Millisecond,
		time.Hour, 65 * time.Minute, 2 * time.Hour, 3*time.Hour + 20*time.Second, 25*time.Hour + 61*time.Second, 1000 * time.Hour, 500 * day,
	} {
		say(l.Duration(d), "%s", d)
	}
	for _, r := range [][2]time.Duration{
		{0, time.Minute}, {time.Minute, 2 * time.Minute}, {5 * time.Minute, 10 * time.Minute}, {10 * time.Minute, 21 * time.Minute},
		{30 * time.Second, 45 * time.Second}, {30 * time.Second, 2 * time.Minute}, {50 * time.Minute, 70 * time.Minute},
		{time.Hour, 2 * time.Hour}, {30 * time.Minute, time.Hour}, {5 * time.Minute, 5 * time.Minute},
	} {
		say(l.DurationRange(r[0], r[1]), "%s to %s", r[0], r[1])
	}
	for _, d := range []time.Duration{30 * time.Second, time.Minute, 30 * time.Minute, time.Hour, 65 * time.Minute, 2 * time.Hour} {
		say(l.Under(d), "less than %s", d)
		say(l.Over(d), "%s or more", d)
	}
}

func counts(l *Locale, say func(text, format string, args ...any)) {
	for _, n := range []float64{0, 1, 2, 3, 5, 11, 21, 22, 100, 1000, 2.5, 12345.5, 1234567.25, -3} {
		say(l.Number(n, -1), "%v", n)
	}
	for decimals := range 4 {
		say(l.Number(1.5, decimals), "1.5 with %d decimals", decimals)
	}
	for _, n := range []float64{1, 2, 20, 2.5} {
		say(l.FewerThan(n), "fewer than %v", n)
		say(l.OrMore(n), "%v or more", n)
	}
	for _, r := range [][2]float64{{0, 4}, {5, 9}, {10, 19}, {2.5, 5}, {1000, 1999}, {3, 3}} {
		say(l.CountRange(r[0], r[1]), "%v to %v", r[0], r[1])
	}
}

var phrases = []Phrase{
	Yes, No, NotAvailable, LevelLow, LevelModerate, LevelHigh, Closed, NothingKnown, Unavailable, WaitNotAvailable, PageNotFound, Loading, PauseUpdates,
	ResumeUpdates, CurrentWaitTime,
}

func opening(l *Locale, say func(text, format string, args ...any)) {
	label, waits := l.Say(CurrentWaitTime), l.Duration(4*time.Minute)
	text := l.Join([]string{l.Part(label, waits), l.Part("Support", l.Number(3, 0))})
	say(l.NotUpToDate(waits), "a text of old")
	say(l.Line("Acme", text), "a line of two parts")
	say(l.Line("Acme", l.NotUpToDate(text)), "a line of old")
	say(l.say("updated", "ago", "5 s"), "updated")
	monday := time.Date(2026, 11, 23, 8, 0, 0, 0, time.FixedZone("somewhere", 3600))
	say(l.AsOf(monday), "as of")
	for i := range 7 {
		at := monday.Add(time.Duration(i) * (day + 133*time.Minute))
		say(l.ClosedUntilDay(at), "%s", at.Format("until Monday 15:04"))
	}
	for i := range 12 {
		at := time.Date(2026, time.Month(i+1), 1+i*2, 8+i, i*5, 0, 0, time.UTC)
		say(l.ClosedUntilDate(at, false), "%s", at.Format("until 2 January 15:04"))
	}
	eighth := time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC)
	say(l.ClosedUntilDate(eighth, true), "%s", eighth.Format("until 2 January 15:04"))
}
