package locale

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
)

// A Phrase is the key of a phrase that says one thing only.
type Phrase string

// What there is to say. The other phrases have something to be filled in, or are for the script in the page.
const (
	Yes              Phrase = "yes"
	No               Phrase = "no"
	NotAvailable     Phrase = "not_available" // a metric that has no value, or a widget that shows none
	LevelLow         Phrase = "level_low"
	LevelModerate    Phrase = "level_moderate"
	LevelHigh        Phrase = "level_high"
	Closed           Phrase = "closed"        // and nobody knows when it opens
	NothingKnown     Phrase = "nothing_known" // a widget that has just started
	Unavailable      Phrase = "unavailable"   // a widget whose values are too old
	WaitNotAvailable Phrase = "wait_not_available"
	Loading          Phrase = "loading"
	PauseUpdates     Phrase = "pause_updates"
	ResumeUpdates    Phrase = "resume_updates"
	CurrentWaitTime  Phrase = "current_wait_time"
)

// Say is a phrase; "" where there is none with that key.
func (l *Locale) Say(p Phrase) string { return l.say(string(p)) }

func (l *Locale) say(key string, values ...string) string {
	p := l.phrases[key]
	if p == nil {
		return ""
	}
	return fill(p[plural.Other], values...)
}

// FewerThan says of a count that it is less than n.
func (l *Locale) FewerThan(n float64) string { return l.say("fewer_than", "count", l.Number(n, -1)) }

// OrMore says of a count that it is n or more: "20+".
func (l *Locale) OrMore(n float64) string { return l.say("or_more", "count", l.Number(n, -1)) }

// CountRange is the span between two counts: "5–9".
func (l *Locale) CountRange(low, high float64) string {
	from, to := l.Number(low, -1), l.Number(high, -1)
	if from == to {
		return from
	}
	return l.say("count_range", "low", from, "high", to)
}

// NotUpToDate says so of a text.
func (l *Locale) NotUpToDate(text string) string { return l.say("not_up_to_date", "text", text) }

// Line is a widget in one line of text.
func (l *Locale) Line(title, text string) string { return l.say("line", "title", title, "text", text) }

// Part is one metric in a line of text.
func (l *Locale) Part(label, text string) string { return l.say("part", "label", label, "text", text) }

// Join puts the parts of a line of text together.
func (l *Locale) Join(parts []string) string { return strings.Join(parts, l.say("separator")) }

// AsOf says that something was so at the time of day of t in its own zone, which it names: whoever reads it may be in another.
func (l *Locale) AsOf(t time.Time) string {
	return l.say("as_of", "time", l.Clock(t), "zone", l.Zone(t))
}

// ClosedUntilToday says that it is closed and opens later on the same day, at t in its own zone. All of these name the zone: nobody
// knows where the reader is.
func (l *Locale) ClosedUntilToday(t time.Time) string { return l.closedUntil("closed_until_today", t) }

// ClosedUntilTomorrow says that it is closed and opens on the next day, at t in its own zone.
func (l *Locale) ClosedUntilTomorrow(t time.Time) string {
	return l.closedUntil("closed_until_tomorrow", t)
}

// ClosedUntilDay says that it is closed and opens at t, in its own zone, by the name of the weekday.
func (l *Locale) ClosedUntilDay(t time.Time) string { return l.closedUntil("closed_until_day", t) }

// ClosedUntilDate says that it is closed and opens at t, in its own zone, by day and month, and by the year if it is to be named.
func (l *Locale) ClosedUntilDate(t time.Time, year bool) string {
	date := l.date(t)
	if year {
		date = l.say("date_year", "date", date, "year", l.localDigits(strconv.Itoa(t.Year())))
	}
	return l.closedUntil("closed_until_date", t, "date", date)
}

func (l *Locale) closedUntil(key string, t time.Time, more ...string) string {
	values := []string{"weekday", l.say(strings.ToLower(t.Weekday().String())), "time", l.Clock(t), "zone", l.Zone(t)}
	return l.say(key, append(values, more...)...)
}

// date is day and month. The first of a month is told in a way of its own in some languages, as "1er janvier".
func (l *Locale) date(t time.Time) string {
	key := "date"
	if t.Day() == 1 {
		key = "date_first"
	}
	return l.say(key, "day", l.Number(float64(t.Day()), 0), "month", l.say(strings.ToLower(t.Month().String())))
}
