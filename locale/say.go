package locale

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
)

// A Phrase is the key of a phrase without placeholders.
type Phrase string

// Phrases without placeholders. The others have placeholders, or are for the script in the page.
const (
	Yes              Phrase = "yes"
	No               Phrase = "no"
	NotAvailable     Phrase = "not_available" // a metric without a value, or a widget without any
	LevelLow         Phrase = "level_low"
	LevelModerate    Phrase = "level_moderate"
	LevelHigh        Phrase = "level_high"
	Closed           Phrase = "closed"        // without an opening time
	NothingKnown     Phrase = "nothing_known" // a widget whose sources have not been polled yet
	Unavailable      Phrase = "unavailable"   // a widget whose values are all hidden
	WaitNotAvailable Phrase = "wait_not_available"
	Loading          Phrase = "loading"
	PauseUpdates     Phrase = "pause_updates"
	ResumeUpdates    Phrase = "resume_updates"
	PageNotFound     Phrase = "page_not_found"
	CurrentWaitTime  Phrase = "current_wait_time"
	BusierThanUsual  Phrase = "busier_than_usual"
	QuieterThanUsual Phrase = "quieter_than_usual"
	UsualByHour      Phrase = "usual_by_hour" // the caption of a chart
	HourOfDay        Phrase = "hour_of_day"   // the heading of a column
	UsualValue       Phrase = "usual_value"   // the heading of a column
	TooLittleData    Phrase = "too_little_data"
	ClosedToday      Phrase = "closed_today"
	AnsweredAtOnce   Phrase = "answered_at_once" // an estimate while nobody waits and an agent is ready
)

// Say returns a phrase, or "" for an unknown key.
func (l *Locale) Say(p Phrase) string { return l.say(string(p)) }

func (l *Locale) say(key string, values ...string) string {
	p := l.phrases[key]
	if p == nil {
		return ""
	}
	return fill(p[plural.Other], values...)
}

// FewerThan returns the text for a count less than n.
func (l *Locale) FewerThan(n float64) string { return l.say("fewer_than", "count", l.Number(n, -1)) }

// OrMore returns the text for a count of n or more: "20+".
func (l *Locale) OrMore(n float64) string { return l.say("or_more", "count", l.Number(n, -1)) }

// CountRange formats the range between two counts: "5–9".
func (l *Locale) CountRange(low, high float64) string {
	from, to := l.Number(low, -1), l.Number(high, -1)
	if from == to {
		return from
	}
	return l.say("count_range", "low", from, "high", to)
}

// NotUpToDate marks a text as stale.
func (l *Locale) NotUpToDate(text string) string { return l.say("not_up_to_date", "text", text) }

// Now marks the text of the present hour.
func (l *Locale) Now(text string) string { return l.say("now", "text", text) }

// Usually returns the text for what is typical of the present hour.
func (l *Locale) Usually(text string) string { return l.say("usually", "text", text) }

// QuietestToday returns the text for the quietest hour of today, which begins at t.
func (l *Locale) QuietestToday(t time.Time) string {
	return l.say("quietest_today", "hours", l.HourRange(t))
}

// HourRange returns the hour that begins at t: "2–3 PM", "14:00–15:00".
func (l *Locale) HourRange(t time.Time) string {
	end := t.Add(time.Hour)
	start := l.Hour(t)
	if short, ok := strings.CutSuffix(start, " "+l.form.AM); ok && end.Hour() < 12 && end.Hour() > 0 {
		start = short
	} else if short, ok := strings.CutSuffix(start, " "+l.form.PM); ok && end.Hour() > 12 {
		start = short
	}
	return l.say("hour_range", "start", start, "end", l.Hour(end))
}

// Line returns a widget as one line of text.
func (l *Locale) Line(title, text string) string { return l.say("line", "title", title, "text", text) }

// Part returns one metric of a line of text.
func (l *Locale) Part(label, text string) string { return l.say("part", "label", label, "text", text) }

// Join joins the parts of a line of text.
func (l *Locale) Join(parts []string) string { return strings.Join(parts, l.say("separator")) }

// AsOf returns the text for "as of" the time of day of t. It names t's zone, because the reader may be in another.
func (l *Locale) AsOf(t time.Time) string {
	return l.say("as_of", "time", l.Clock(t), "zone", l.Zone(t))
}

// ClosedUntilToday returns the text for closed, opening later on the same day at t. This and the following name t's zone, because the reader
// may be in another.
func (l *Locale) ClosedUntilToday(t time.Time) string { return l.closedUntil("closed_until_today", t) }

// ClosedUntilTomorrow returns the text for closed, opening on the next day at t.
func (l *Locale) ClosedUntilTomorrow(t time.Time) string {
	return l.closedUntil("closed_until_tomorrow", t)
}

// ClosedUntilDay returns the text for closed, opening at t, with the weekday.
func (l *Locale) ClosedUntilDay(t time.Time) string { return l.closedUntil("closed_until_day", t) }

// ClosedUntilDate returns the text for closed, opening at t, with day and month, and optionally the year.
func (l *Locale) ClosedUntilDate(t time.Time, year bool) string {
	date := l.date(t)
	if year {
		date = l.Date(t)
	}
	return l.closedUntil("closed_until_date", t, "date", date)
}

func (l *Locale) closedUntil(key string, t time.Time, more ...string) string {
	values := []string{"weekday", l.say(strings.ToLower(t.Weekday().String())), "time", l.Clock(t), "zone", l.Zone(t)}
	return l.say(key, append(values, more...)...)
}

// Weekday returns the name of a day.
func (l *Locale) Weekday(d time.Weekday) string { return l.say(strings.ToLower(d.String())) }

// Date formats day, month and year.
func (l *Locale) Date(t time.Time) string {
	return l.say("date_year", "date", l.date(t), "year", l.localDigits(strconv.Itoa(t.Year())))
}

// date formats day and month. Some languages write the first of a month differently, as in "1er janvier".
func (l *Locale) date(t time.Time) string {
	key := "date"
	if t.Day() == 1 {
		key = "date_first"
	}
	return l.say(key, "day", l.Number(float64(t.Day()), 0), "month", l.say(strings.ToLower(t.Month().String())))
}
