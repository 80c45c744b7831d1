package locale

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
)

//go:embed cldr/forms.json
var formsFile []byte

// A form has CLDR's formats of clock and dates for a language or one of its regional forms. It is immutable.
type form struct {
	Tags       string                 // separated by spaces, such as "en-AU"
	Clock      string                 // of {h} or {hh}, {mm}, and {period} on a clock of 12 hours
	AM, PM     string                 // the texts for {period}
	East, West string                 // formats of an {offset} from UTC
	Names      map[int]map[int]string // short names of time zones, by group of zones and offset in minutes; all others are offsets

	// Phrases that differ from the catalog of the language.
	Date     string
	DateYear string `json:"date_year"`
	Months   []string
	Weekdays []string // from Sunday on

	clock, hour, east, west []piece            // hour is a full hour
	phrases                 map[string]Message // the fields above, by key
}

type formTable struct {
	CLDR      string            // its version
	Zones     []string          // groups of time zones, separated by spaces, that are called the same in each form
	Forms     []*form           // a language precedes its regional forms
	FirstDays map[string]string `json:"first_days"` // regions by the first day of their week, Sunday is "0"; all others begin on Monday

	byTag map[string]*form
	group map[string]int
	first map[string]time.Weekday
}

// forms reads the table, which is embedded and tested.
var forms = sync.OnceValue(func() *formTable {
	t := &formTable{byTag: map[string]*form{}, group: map[string]int{}, first: map[string]time.Weekday{}}
	if err := json.Unmarshal(formsFile, t); err != nil {
		panic(fmt.Sprintf("locale: forms: %v", err))
	}
	for i, zones := range t.Zones {
		for name := range strings.FieldsSeq(zones) {
			t.group[name] = i
		}
	}
	for _, f := range t.Forms {
		f.prepare()
		for tag := range strings.FieldsSeq(f.Tags) {
			t.byTag[tag] = f
		}
	}
	for day, regions := range t.FirstDays {
		for region := range strings.FieldsSeq(regions) {
			t.first[region] = time.Weekday(day[0] - '0')
		}
	}
	return t
})

func (f *form) prepare() {
	f.clock, _ = split(f.Clock)
	f.hour, _ = split(strings.Replace(f.Clock, ":{mm} {period}", " {period}", 1))
	f.east, _ = split(f.East)
	f.west, _ = split(f.West)
	f.phrases = map[string]Message{}
	add := func(key, text string) {
		if text != "" {
			f.phrases[key] = Message{Text: text}
		}
	}
	add("date", f.Date)
	add("date_first", f.Date)
	add("date_year", f.DateYear)
	for i, name := range f.Months {
		add(strings.ToLower(time.Month(i+1).String()), name)
	}
	for i, name := range f.Weekdays {
		add(strings.ToLower(time.Weekday(i).String()), name)
	}
}

// find returns the form of a tag's region, or of its language if CLDR has none for the region, as browsers do.
func (t *formTable) find(tag language.Tag) *form {
	base, _, region := tag.Raw()
	if f := t.byTag[base.String()+"-"+region.String()]; f != nil {
		return f
	}
	return t.byTag[base.String()]
}

// in returns the catalog's messages and phrases with those of the form in their place.
func (f *form) in(c *catalog) (map[string]Message, map[string]*phrase) {
	if len(f.phrases) == 0 {
		return c.messages, c.phrases
	}
	messages, phrases := maps.Clone(c.messages), maps.Clone(c.phrases)
	for key, m := range f.phrases {
		messages[key], phrases[key] = m, compile(m)
	}
	return messages, phrases
}

// Clock formats the time of day of t in t's zone: "8:00 AM", "08:00".
func (l *Locale) Clock(t time.Time) string { return l.clock(l.form.clock, t) }

// Hour formats a full hour: "8 AM", "08:00".
func (l *Locale) Hour(t time.Time) string { return l.clock(l.form.hour, t) }

func (l *Locale) clock(pattern []piece, t time.Time) string {
	hour, period := t.Hour(), ""
	if l.form.PM != "" {
		period = l.form.AM
		if hour >= 12 {
			period = l.form.PM
		}
		hour = (hour+11)%12 + 1
	}
	return fill(pattern,
		"h", l.localDigits(strconv.Itoa(hour)), "hh", l.localDigits(fmt.Sprintf("%02d", hour)),
		"mm", l.localDigits(fmt.Sprintf("%02d", t.Minute())), "period", period)
}

// Zone returns the short name of t's zone at t that the locale's readers use: "MST" in the US, "GMT-7" in Britain.
func (l *Locale) Zone(t time.Time) string {
	_, seconds := t.Zone()
	minutes := seconds / 60
	if group, ok := forms().group[t.Location().String()]; ok {
		if name := l.form.Names[group][minutes]; name != "" {
			return name
		}
	}
	pattern := l.form.east
	if minutes < 0 {
		pattern, minutes = l.form.west, -minutes
	}
	offset := strconv.Itoa(minutes / 60)
	if minutes%60 != 0 {
		offset += fmt.Sprintf(":%02d", minutes%60)
	}
	return fill(pattern, "offset", l.localDigits(offset))
}

// FirstWeekday returns the first day of the week in the locale's region, or where most of its readers are.
func (l *Locale) FirstWeekday() time.Weekday {
	region, _ := language.Make(l.tag).Region()
	if day, ok := forms().first[region.String()]; ok {
		return day
	}
	return time.Monday
}
