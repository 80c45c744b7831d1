package config

import (
	"strings"
	"time"

	"waitboard/locale"
)

// ScheduledNotice is a text for visitors that is shown at certain times.
type ScheduledNotice struct {
	ID          string
	Text        string
	From, Until time.Time // Until is exclusive; a zero time is no limit
	Weekly      *Hours    // without Closed and Open; nil for all the time between From and Until
}

// notices checks the scheduled notices of a widget. zone is that of its times, nil if the file has none.
func (c *checker) notices(path string, in Entries[FileNotice], zone *time.Location) (all []ScheduledNotice) {
	for _, e := range in {
		n := ScheduledNotice{ID: e.ID, Text: e.Value.Text}
		c.misleading(e.path+".text", n.Text)
		timed := false
		for _, key := range []string{".from", ".until", ".weekly"} {
			timed = timed || c.has(e.path+key)
		}
		switch {
		case !c.ok(e.path):
			continue
		case !timed:
			c.add(e.path, "has no times", "add from, until or weekly; a text for all times is the widget's notice")
			continue
		case zone == nil && !c.zoneRejected(path+".hours"):
			c.add(e.path, "needs a time zone for its times", "set timezone on the widget or for the whole file, for example timezone: America/Denver")
			continue
		case zone == nil:
			continue
		}
		n.From, _ = c.moment(e.path+".from", e.Value.From, zone)
		var day bool
		if n.Until, day = c.moment(e.path+".until", e.Value.Until, zone); day {
			n.Until = n.Until.AddDate(0, 0, 1) // the last day is included
		}
		if !n.From.IsZero() && !n.Until.IsZero() && !n.From.Before(n.Until) {
			c.add(e.path+".until", "is not after from", "")
		}
		if c.has(e.path + ".weekly") {
			n.Weekly = &Hours{Zone: zone, Weekly: c.weekly(e.Value.Weekly)}
		}
		all = append(all, n)
	}
	return all
}

// misleading reports characters that change how a text is read.
func (c *checker) misleading(path, text string) {
	if strings.ContainsFunc(text, locale.Misleads) {
		c.add(path, "holds characters that break the line or turn its direction", "type the text again")
	}
}

// moment parses a day or a minute of it. day reports which.
func (c *checker) moment(path, text string, zone *time.Location) (t time.Time, day bool) {
	if text == "" {
		return t, false
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, true
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", strings.Replace(text, " ", "T", 1), zone)
	if err != nil {
		c.add(path, "is not a time", "write 2026-12-24 for a day, or 2026-12-24T09:30 for a minute of it")
	}
	return t, false
}
