package domain

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // time zones on any machine

	"waitboard/internal/testlevel"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// weekly are the same hours on each of the days.
func weekly(spans []Span, days ...time.Weekday) (w [7][]Span) {
	for _, d := range days {
		w[d] = spans
	}
	return w
}

var (
	everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	office   = []Span{{9 * 60, 12*60 + 30}, {13 * 60, 17 * 60}}
	allDay   = []Span{{0, 1440}}
	late     = []Span{{22 * 60, 26 * 60}} // 22:00 to 02:00
)

func TestHours(t *testing.T) {
	day := func(y int, m time.Month, d int) Date { return Date{y, m, d} }
	christmas := DateRange{day(2026, 12, 24), day(2027, 1, 1)}
	newYearsEve := OpenDay{day(2026, 12, 31), []Span{{10 * 60, 12 * 60}}}
	const never = ""

	tests := []struct {
		name  string
		zone  string
		hours Hours
		at    string // RFC 3339, like all times here
		open  bool
		until string
	}{
		{"no hours at all", "Europe/Berlin", Hours{}, "2026-11-23T12:00:00+01:00", false, never},
		{"always", "Europe/Berlin", Hours{Weekly: weekly(allDay, everyDay...)}, "2026-11-23T12:00:00+01:00", true, never},
		{"always but for a day", "Europe/Berlin", Hours{
			Weekly: weekly(allDay, everyDay...), Closed: []DateRange{{day(2027, 10, 3), day(2027, 10, 3)}},
		}, "2026-11-23T12:00:00+01:00", true, "2027-10-03T00:00:00+02:00"},
		{
			"a day far ahead", "UTC",
			Hours{Open: []OpenDay{{day(2027, 11, 28), []Span{{0, 1}}}}},
			"2026-11-23T00:00:00Z", false, "2027-11-28T00:00:00Z",
		},
		{
			"a day too far ahead", "UTC",
			Hours{Open: []OpenDay{{day(2027, 11, 28), []Span{{0, 1}}}}},
			"2026-11-22T23:59:59Z", false, never,
		},

		{"in the morning", "Europe/Berlin", Hours{Weekly: weekly(office, workdays...)}, "2026-11-23T11:00:00+01:00", true, "2026-11-23T12:30:00+01:00"},
		{"the last moment", "Europe/Berlin", Hours{Weekly: weekly(office, workdays...)}, "2026-11-23T12:29:59.999999999+01:00", true, "2026-11-23T12:30:00+01:00"},
		{"the end is not included", "Europe/Berlin", Hours{Weekly: weekly(office, workdays...)}, "2026-11-23T12:30:00+01:00", false, "2026-11-23T13:00:00+01:00"},
		{"the start is", "Europe/Berlin", Hours{Weekly: weekly(office, workdays...)}, "2026-11-23T13:00:00+01:00", true, "2026-11-23T17:00:00+01:00"},
		{"the time comes from elsewhere", "Europe/Berlin", Hours{Weekly: weekly(office, workdays...)}, "2026-11-23T20:00:00+09:00", true, "2026-11-23T12:30:00+01:00"},
		{"weekend", "Europe/Berlin", Hours{Weekly: weekly(office, workdays...)}, "2026-11-20T17:00:00+01:00", false, "2026-11-23T09:00:00+01:00"},
		{"back-to-back spans", "UTC", Hours{Weekly: weekly([]Span{{540, 720}, {720, 1020}}, workdays...)}, "2026-11-23T09:00:00Z", true, "2026-11-23T17:00:00Z"},
		{"midnight to midnight", "UTC", Hours{Weekly: weekly(allDay, workdays...)}, "2026-11-23T09:00:00Z", true, "2026-11-28T00:00:00Z"},
		{"reaching into hours of the next day", "UTC", Hours{Weekly: weekly([]Span{{60, 180}, {1380, 1560}}, everyDay...)}, "2026-11-23T23:30:00Z", true, "2026-11-24T03:00:00Z"},

		{"before midnight", "UTC", Hours{Weekly: weekly(late, time.Saturday)}, "2026-11-21T23:00:00Z", true, "2026-11-22T02:00:00Z"},
		{"after midnight", "UTC", Hours{Weekly: weekly(late, time.Saturday)}, "2026-11-22T01:00:00Z", true, "2026-11-22T02:00:00Z"},
		{"two days in one span", "UTC", Hours{Weekly: weekly([]Span{{0, 2880}}, time.Saturday)}, "2026-11-22T23:00:00Z", true, "2026-11-23T00:00:00Z"},
		{"the evening reaches into a closed day", "UTC", Hours{
			Weekly: weekly(late, everyDay...), Closed: []DateRange{{day(2026, 12, 24), day(2026, 12, 24)}},
		}, "2026-12-24T01:00:00Z", true, "2026-12-24T02:00:00Z"},
		{"a closed day takes the small hours along", "UTC", Hours{
			Weekly: weekly(late, everyDay...), Closed: []DateRange{{day(2026, 12, 24), day(2026, 12, 24)}},
		}, "2026-12-24T02:00:00Z", false, "2026-12-25T22:00:00Z"},

		{
			"closed days across the year", "Europe/Berlin",
			Hours{Weekly: weekly(office, workdays...), Closed: []DateRange{christmas}},
			"2026-12-23T17:00:00+01:00", false, "2027-01-04T09:00:00+01:00",
		},
		{
			"an open day among the closed", "Europe/Berlin",
			Hours{Weekly: weekly(office, workdays...), Closed: []DateRange{christmas}, Open: []OpenDay{newYearsEve}},
			"2026-12-23T17:00:00+01:00", false, "2026-12-31T10:00:00+01:00",
		},
		{
			"its hours are its own", "Europe/Berlin",
			Hours{Weekly: weekly(office, everyDay...), Open: []OpenDay{newYearsEve}},
			"2026-12-31T12:00:00+01:00", false, "2027-01-01T09:00:00+01:00",
		},
		{
			"an open day without spans", "Europe/Berlin",
			Hours{Weekly: weekly(office, everyDay...), Open: []OpenDay{{Date: day(2026, 12, 31)}}},
			"2026-12-31T10:00:00+01:00", false, "2027-01-01T09:00:00+01:00",
		},

		{"a span that is skipped", "Europe/Berlin", Hours{Weekly: weekly([]Span{{120, 180}}, everyDay...)}, "2026-03-28T12:00:00+01:00", false, "2026-03-30T02:00:00+02:00"},
		{"a span that starts within what is skipped", "Europe/Berlin", Hours{Weekly: weekly([]Span{{150, 240}}, everyDay...)}, "2026-03-29T01:00:00+01:00", false, "2026-03-29T03:00:00+02:00"},
		{"a span that ends within what is skipped", "Europe/Berlin", Hours{Weekly: weekly([]Span{{60, 150}}, everyDay...)}, "2026-03-29T01:00:00+01:00", true, "2026-03-29T03:00:00+02:00"},
		{"a gap that is skipped", "Europe/Berlin", Hours{Weekly: weekly([]Span{{60, 120}, {180, 240}}, everyDay...)}, "2026-03-29T01:00:00+01:00", true, "2026-03-29T04:00:00+02:00"},
		{"a span that is repeated", "America/New_York", Hours{Weekly: weekly([]Span{{60, 120}}, everyDay...)}, "2026-11-01T01:00:00-04:00", true, "2026-11-01T02:00:00-05:00"},
		{"a span that starts within what is repeated, the first time", "America/New_York", Hours{Weekly: weekly([]Span{{90, 180}}, everyDay...)}, "2026-11-01T01:45:00-04:00", true, "2026-11-01T01:00:00-05:00"},
		{"between", "America/New_York", Hours{Weekly: weekly([]Span{{90, 180}}, everyDay...)}, "2026-11-01T01:00:00-05:00", false, "2026-11-01T01:30:00-05:00"},
		{"a gap that is repeated", "America/New_York", Hours{Weekly: weekly([]Span{{0, 60}, {120, 240}}, everyDay...)}, "2026-11-01T01:00:00-04:00", false, "2026-11-01T02:00:00-05:00"},
		{"an evening over the end of summer time", "Europe/Berlin", Hours{Weekly: weekly([]Span{{22 * 60, 27 * 60}}, time.Saturday)}, "2026-10-24T22:00:00+02:00", true, "2026-10-25T03:00:00+01:00"},

		{"half an hour of summer time begins", "Australia/Lord_Howe", Hours{Weekly: weekly([]Span{{60, 125}, {150, 180}}, everyDay...)}, "2026-10-04T01:00:00+10:30", true, "2026-10-04T03:00:00+11:00"},
		{"half an hour of summer time ends", "Australia/Lord_Howe", Hours{Weekly: weekly([]Span{{60, 110}}, everyDay...)}, "2026-04-05T01:45:00+11:00", true, "2026-04-05T01:50:00+11:00"},
		{"half an hour of summer time ended", "Australia/Lord_Howe", Hours{Weekly: weekly([]Span{{60, 110}}, everyDay...)}, "2026-04-05T01:50:00+11:00", false, "2026-04-05T01:30:00+10:30"},
		{"quarters of an hour from Greenwich", "Pacific/Chatham", Hours{Weekly: weekly(office, workdays...)}, "2026-06-05T17:00:00+12:45", false, "2026-06-08T09:00:00+12:45"},
		{"a day that was not", "Pacific/Apia", Hours{Weekly: weekly(office, time.Friday)}, "2011-12-29T12:00:00-10:00", false, "2012-01-06T09:00:00+14:00"},
		{"a day that was not, in a row", "Pacific/Apia", Hours{Weekly: weekly(allDay, time.Thursday, time.Saturday)}, "2011-12-29T12:00:00-10:00", true, "2012-01-01T00:00:00+14:00"},
		{"the zone moved back permanently", "Asia/Pyongyang", Hours{Weekly: weekly([]Span{{1410, 1440}}, everyDay...)}, "2015-08-14T23:45:00+09:00", true, "2015-08-15T00:00:00+08:30"},
		{"the zone moved forward permanently", "America/Caracas", Hours{Weekly: weekly([]Span{{150, 180}}, everyDay...)}, "2016-04-30T12:00:00-04:30", false, "2016-05-02T02:30:00-04:00"},
		{"out of the zone's summer", "Europe/Volgograd", Hours{Weekly: weekly([]Span{{60, 120}}, everyDay...)}, "2020-12-27T01:30:00+04:00", true, "2020-12-27T02:00:00+03:00"},
		{"Ramadan begins", "Africa/Casablanca", Hours{Weekly: weekly([]Span{{120, 180}}, everyDay...)}, "2026-02-15T02:00:00+01:00", true, "2026-02-15T03:00:00+00:00"},
		{"midnight was skipped", "America/Sao_Paulo", Hours{Weekly: weekly([]Span{{0, 60}, {90, 120}}, everyDay...)}, "2018-11-03T12:00:00-03:00", false, "2018-11-04T01:30:00-02:00"},
		{"midnight was skipped, in the evening's hours", "America/Sao_Paulo", Hours{Weekly: weekly([]Span{{1380, 1500}}, everyDay...)}, "2018-11-03T23:00:00-03:00", true, "2018-11-04T01:00:00-02:00"},
		{"the last hour of the day was repeated", "Asia/Beirut", Hours{Weekly: weekly([]Span{{1380, 1440}}, everyDay...)}, "2022-10-29T23:00:00+03:00", true, "2022-10-30T00:00:00+02:00"},
		{"a clock with seconds", "Africa/Monrovia", Hours{Weekly: weekly(office, everyDay...)}, "1971-06-01T09:44:29.5Z", false, "1971-06-01T09:44:30Z"},
		{"the last day of a leap year by the zone's rule", "Europe/Warsaw", Hours{Weekly: weekly(office, everyDay...)}, "2040-12-31T18:00:00+01:00", false, "2041-01-01T09:00:00+01:00"},
		{"before 1970", "Europe/Berlin", Hours{Weekly: weekly(office, workdays...)}, "1969-12-30T17:00:00.5+01:00", false, "1969-12-31T09:00:00+01:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := test.hours
			h.Zone = zone(t, test.zone)
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			var want time.Time
			if test.until != never {
				if want, err = time.Parse(time.RFC3339, test.until); err != nil {
					t.Fatal(err)
				}
			}
			open, until := h.At(at)
			if open != test.open || !until.Equal(want) {
				t.Errorf("got %v until %v, want %v until %v", open, until, test.open, want)
			}
			if !until.IsZero() && until.Location() != h.Zone {
				t.Errorf("until is in zone %v", until.Location())
			}
		})
	}
}

// A sign marks each minute of whole days as open or closed, span by span.
type sign struct {
	h    *Hours
	days map[Date]*[1440]bool
}

func (s *sign) open(t time.Time) bool {
	local := t.In(s.h.Zone)
	var today Date
	today.Year, today.Month, today.Day = local.Date()
	day, ok := s.days[today]
	if !ok {
		day = new([1440]bool)
		for ago := range 2 {
			for _, span := range s.starting(time.Date(today.Year, today.Month, today.Day-ago, 12, 0, 0, 0, time.UTC)) {
				for minute := span.From; minute < span.To; minute++ {
					if minute/1440 == ago {
						day[minute%1440] = true
					}
				}
			}
		}
		s.days[today] = day
	}
	hour, minute, _ := local.Clock()
	return day[60*hour+minute]
}

func (s *sign) starting(day time.Time) []Span {
	spans := s.h.Weekly[day.Weekday()]
	utc := func(d Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }
	for _, r := range s.h.Closed {
		for d := utc(r.First); !d.After(utc(r.Last)); d = d.AddDate(0, 0, 1) {
			if d.Equal(day) {
				spans = nil
			}
		}
	}
	for _, o := range s.h.Open {
		if utc(o.Date).Equal(day) {
			return o.Spans
		}
	}
	return spans
}

// randomHours draws hours with exceptions up to some days after a day.
func randomHours(r *rand.Rand, zone *time.Location, first time.Time, days int) *Hours {
	h := &Hours{Zone: zone}
	minutes := []int{0, 1, 30, 59, 60, 90, 120, 150, 165, 180, 240, 540, 1020, 1380, 1410, 1439}
	spans := func() (spans []Span) {
		for from := 0; r.IntN(4) > 0; {
			from += minutes[r.IntN(len(minutes))]
			if from >= 1440 {
				break
			}
			to := min(from+1+r.IntN(1440), 2880)
			if r.IntN(2) == 0 {
				to = from + minutes[1+r.IntN(len(minutes)-1)]
			}
			spans = append(spans, Span{from, to})
			from = to
		}
		return spans
	}
	date := func(day int) (d Date) {
		d.Year, d.Month, d.Day = first.AddDate(0, 0, day).Date()
		return d
	}
	for d := range h.Weekly {
		if h.Weekly[d] = spans(); r.IntN(4) == 0 {
			h.Weekly[d] = allDay
		}
	}
	for range r.IntN(12) {
		day := r.IntN(days)
		h.Closed = append(h.Closed, DateRange{date(day), date(day + r.IntN(5))})
		h.Open = append(h.Open, OpenDay{date(r.IntN(days)), spans()})
	}
	return h
}

// At agrees with the sign at every minute of a year or two, in zones with unusual clocks. Each result of At holds
// exactly until its end.
func TestHoursMinuteByMinute(t *testing.T) {
	testlevel.Short(t)
	for name, year := range map[string]int{
		"Australia/Lord_Howe": 2025, "Pacific/Chatham": 2025, "Pacific/Apia": 2011, "Europe/Volgograd": 2019,
		"Asia/Pyongyang": 2015, "America/Caracas": 2015, "Africa/Casablanca": 2025, "America/Sao_Paulo": 2017,
		"Asia/Beirut": 2022, "Antarctica/Troll": 2025,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(year), uint64(len(name))))
			first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			h := randomHours(r, zone(t, name), first, 730)
			s := &sign{h, map[Date]*[1440]bool{}}
			open, until := h.At(first)
			changes := 0
			for now, end := first, first.AddDate(testlevel.Pick(1, 1, 2), 0, 0); now.Before(end); now = now.Add(time.Minute) {
				want := s.open(now)
				if now.Equal(until) {
					if want == open {
						t.Fatalf("%+v\n%v: nothing changed at %v", h, open, until)
					}
					open, until = h.At(now)
					changes++
				}
				if open != want || !until.After(now) {
					t.Fatalf("%+v\n%v: got %v until %v, want %v", h, now.In(h.Zone), open, until, want)
				}
				if r.IntN(2000) == 0 { // any time within gives the same result
					if o, u := h.At(now.Add(time.Duration(r.Int64N(int64(time.Minute))))); o != open || !u.Equal(until) {
						t.Fatalf("%+v\n%v: got %v until %v, want %v until %v", h, now.In(h.Zone), o, u, open, until)
					}
				}
			}
			if changes < 100 {
				t.Errorf("only %d changes", changes)
			}
		})
	}
}

// check compares At with the sign at t, at the end of the result, and at some times between.
func (s *sign) check(t *testing.T, r *rand.Rand, at time.Time) {
	t.Helper()
	open, until := s.h.At(at)
	end := until
	if until.IsZero() {
		end = at.AddDate(1, 0, 0)
	} else if s.open(until) == open {
		t.Fatalf("%+v\n%v: %v, but nothing changes at %v", s.h, at.In(s.h.Zone), open, until)
	}
	length := end.Sub(at)
	if length <= 0 {
		t.Fatalf("%+v\n%v: until %v", s.h, at.In(s.h.Zone), until)
	}
	times := []time.Time{at, end.Add(-1), at.Add(min(length-1, 30*time.Minute)), end.Add(-min(length, 30*time.Minute))}
	for range 8 {
		times = append(times, at.Add(time.Duration(r.Int64N(int64(length)))))
	}
	for _, between := range times {
		if s.open(between) != open {
			t.Fatalf("%+v\n%v: %v until %v, but not at %v", s.h, at.In(s.h.Zone), open, until, between.In(s.h.Zone))
		}
	}
}

var oddZones = []string{
	"UTC", "Europe/Berlin", "Europe/Dublin", "Europe/London", "America/New_York", "America/St_Johns", "America/Nuuk",
	"America/Santiago", "America/Havana", "America/Asuncion", "America/Caracas", "America/Sao_Paulo", "Africa/Cairo",
	"Africa/Casablanca", "Africa/El_Aaiun", "Africa/Monrovia", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu",
	"Asia/Pyongyang", "Asia/Tehran", "Australia/Lord_Howe", "Antarctica/Troll", "Antarctica/Casey", "Europe/Volgograd",
	"Europe/Istanbul", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Kwajalein",
}

// At is right at times of more than a century, half of them near a change of the zone's clock.
func TestHoursOfAnyTime(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for _, name := range oddZones {
		z := zone(t, name)
		for range 40 {
			at := time.Date(1950, 1, 1, 0, 0, r.IntN(110*365*24*3600), r.IntN(1e9), time.UTC)
			if _, end := at.In(z).ZoneBounds(); !end.IsZero() && r.IntN(2) == 0 {
				at = end.Add(time.Duration(r.Int64N(int64(8*time.Hour))) - 4*time.Hour)
			}
			h := randomHours(r, z, at.AddDate(0, 0, -3), 10)
			s := &sign{h, map[Date]*[1440]bool{}}
			for range 8 {
				s.check(t, r, at.Add(time.Duration(r.Int64N(int64(96*time.Hour)))))
			}
		}
	}
}

// FuzzHours takes two bytes for each span, first for the week, then for single dates, and one byte for each
// range of closed days.
func FuzzHours(f *testing.F) {
	f.Add(uint8(1), int64(1774746000), uint32(0), []byte{0, 12, 3}, []byte{}, []byte{})
	f.Add(uint8(26), int64(1325200000), uint32(999999999), []byte{132, 24, 4, 0, 144, 6}, []byte{1, 0, 144}, []byte{19})
	f.Add(uint8(21), int64(1775318400), uint32(1), []byte{6, 5, 0, 9, 3, 0}, []byte{0, 0, 0}, []byte{255, 0})
	f.Add(uint8(16), int64(2240600000), uint32(1), []byte{0, 255, 6, 0, 255, 5}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, place uint8, unix int64, nano uint32, week, own, closed []byte) {
		const years = 300 // from 1900 on
		at := time.Unix(-70*365*86400+int64(uint64(unix)%(years*365*86400)), int64(nano%1e9))
		h := &Hours{Zone: zone(t, oddZones[int(place)%len(oddZones)])}
		date := func(b byte) (d Date) { // some days around at
			d.Year, d.Month, d.Day = at.In(h.Zone).AddDate(0, 0, int(b%16)-8).Date()
			return d
		}
		span := func(from, length byte) Span { // ten minutes each, or one
			s := Span{From: int(from) * 10 % 1440}
			s.To = min(s.From+1+int(length)*10-int(length)%8, 2880)
			return s
		}
		for ; len(week) >= 3; week = week[3:] {
			for d := range h.Weekly {
				if week[2]%8 == 7 || int(week[2]%8) == d {
					h.Weekly[d] = append(h.Weekly[d], span(week[0], week[1]))
				}
			}
		}
		for i, b := range own[:min(len(own), 60)] {
			if i%3 == 2 {
				h.Open = append(h.Open, OpenDay{date(b), []Span{span(own[i-2], own[i-1])}})
			}
		}
		for _, b := range closed[:min(len(closed), 20)] {
			h.Closed = append(h.Closed, DateRange{date(b), date(b%16 + b/64)})
		}
		s := &sign{h, map[Date]*[1440]bool{}}
		r := rand.New(rand.NewPCG(uint64(unix), uint64(nano)))
		for range 3 {
			s.check(t, r, at)
			if _, at = h.At(at); at.IsZero() {
				break
			}
		}
	})
}

func BenchmarkHours(b *testing.B) {
	berlin := zone(b, "Europe/Berlin")
	holidays := []DateRange{{Date{2026, 12, 24}, Date{2027, 1, 3}}}
	for d := range 12 {
		holidays = append(holidays, DateRange{Date{2027, time.Month(d), 9}, Date{2027, time.Month(d), 9}})
	}
	usual := Hours{Zone: berlin, Weekly: weekly(office, workdays...), Closed: holidays, Open: []OpenDay{{Date{2027, 2, 6}, office}}}
	for _, bench := range []struct {
		name  string
		hours Hours
		at    time.Time
	}{
		{"workday", usual, noon},
		{"weekend", usual, noon.AddDate(0, 0, 5)},
		{"christmas", usual, time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)},
		{"always", Hours{Zone: berlin, Weekly: weekly(allDay, everyDay...)}, noon},
		{"never, with holidays", Hours{Zone: berlin, Closed: holidays}, noon},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.hours.At(bench.at)
			}
		})
	}
}
