package domain

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"waitboard/internal/golden"
	"waitboard/locale"
)

// opening returns hours that open once for an hour, at a time in its own zone.
func opening(at time.Time) *Hours {
	year, month, day := at.Date()
	from := at.Hour()*60 + at.Minute()
	return &Hours{Zone: at.Location(), Open: []OpenDay{{Date{year, month, day}, []Span{{from, from + 60}}}}}
}

// The texts of closed widgets in each language and regional form are in testdata/closed-TAG.golden, for proofreading.
func TestClosedInEveryForm(t *testing.T) {
	tags := []string{
		"en-US", "en-GB", "en-AU", "en-CA", "en-IN", "es-ES", "es-US", "es-MX", "fr-FR", "fr-CA", "pt-BR", "pt-PT", "de-DE", "de-AT", "de-CH", "it", "nl", "pl",
		"ar", "ar-EG", "he", "ja", "zh-Hans", "zh-Hant",
	}
	denver := zone(t, "America/Denver")
	morning := time.Date(2026, time.November, 23, 6, 30, 0, 0, denver) // a Monday
	on := func(year int, month time.Month, day, hour, minute int, zone *time.Location) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, zone)
	}
	cases := []struct {
		name   string
		now    time.Time
		opens  time.Time
		stated *time.Location
	}{
		{"later today", morning, on(2026, 11, 23, 8, 0, denver), nil},
		{"today at noon", morning, on(2026, 11, 23, 12, 0, denver), nil},
		{"today in the afternoon", morning, on(2026, 11, 23, 13, 0, denver), nil},
		{"tomorrow", morning, on(2026, 11, 24, 8, 0, denver), nil},
		{"tomorrow at midnight", morning, on(2026, 11, 24, 0, 0, denver), nil},
		{"in three days", morning, on(2026, 11, 26, 8, 5, denver), nil},
		{"in six days", morning, on(2026, 11, 29, 8, 0, denver), nil},
		{"in a week", morning, on(2026, 11, 30, 8, 0, denver), nil},
		{"in two weeks", morning, on(2026, 12, 7, 8, 0, denver), nil},
		{"on the first of a month", morning, on(2026, 12, 1, 8, 0, denver), nil},
		{"in another year", morning, on(2027, 1, 4, 8, 0, denver), nil},
		{"on New Year's Day", morning, on(2027, 1, 1, 8, 0, denver), nil},
		{"in another year, in three days", on(2026, 12, 30, 9, 0, denver), on(2027, 1, 2, 8, 0, denver), nil},
		{"in summer", on(2026, 7, 1, 7, 0, denver), on(2026, 7, 1, 8, 0, denver), nil},
		{"on the day when clocks are set forward", on(2026, 3, 7, 20, 0, denver), on(2026, 3, 8, 8, 0, denver), nil},
		{"on the day when clocks are set back", on(2026, 10, 31, 20, 0, denver), on(2026, 11, 1, 8, 0, denver), nil},
		{"in London, winter", morning, on(2026, 11, 24, 9, 0, zone(t, "Europe/London")), nil},
		{"in London, summer", on(2026, 7, 1, 7, 0, denver), on(2026, 7, 2, 9, 0, zone(t, "Europe/London")), nil},
		{"in Berlin, winter", morning, on(2026, 11, 24, 9, 0, zone(t, "Europe/Berlin")), nil},
		{"in Berlin, summer", on(2026, 7, 1, 7, 0, denver), on(2026, 7, 2, 9, 0, zone(t, "Europe/Berlin")), nil},
		{"in Kolkata", morning, on(2026, 11, 24, 9, 0, zone(t, "Asia/Kolkata")), nil},
		{"in Tokyo", morning, on(2026, 11, 24, 9, 0, zone(t, "Asia/Tokyo")), nil},
		{"in Denver, stated in Berlin", morning, on(2026, 11, 23, 17, 0, denver), zone(t, "Europe/Berlin")},
		{"nobody knows when", morning, time.Time{}, nil},
	}
	for _, tag := range tags {
		t.Run(tag, func(t *testing.T) {
			l, err := locale.New(tag, nil)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, c := range cases {
				w := widget()
				w.Locale, w.Zone, w.Hours = l, c.stated, &Hours{Zone: denver}
				if !c.opens.IsZero() {
					w.Hours = opening(c.opens)
				}
				s, _ := w.At(inputs(), c.now)
				fmt.Fprintf(&out, "%-40s %s\n", c.name, s.Message)
			}
			for _, at := range []time.Time{morning, on(2026, 11, 23, 16, 1, denver), on(2026, 11, 23, 0, 0, denver), on(2026, 7, 1, 12, 0, denver), on(2026, 11, 23, 23, 59, time.UTC)} {
				fmt.Fprintf(&out, "%-40s %s\n", at.Format("as of 15:04 MST, January"), l.AsOf(at))
			}
			golden.Check(t, "closed-"+tag+".golden", out.String())
		})
	}
}

// Texts state times in the widget's zone, then in the zone of its hours, then in UTC.
func TestZoneOfTimes(t *testing.T) {
	denver, berlin := zone(t, "America/Denver"), zone(t, "Europe/Berlin")
	always := &Hours{Zone: denver}
	for day := range always.Weekly {
		always.Weekly[day] = []Span{{0, 1440}}
	}
	tests := []struct {
		name  string
		hours *Hours
		zone  *time.Location
		want  string
	}{
		{"nothing is said", nil, nil, "As of 12:00 PM UTC"},
		{"the zone of the hours", always, nil, "As of 5:00 AM MST"},
		{"the widget's own", nil, berlin, "As of 1:00 PM GMT+1"},
		{"the widget's own, with hours in another", always, berlin, "As of 1:00 PM GMT+1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := widget(waitingMetric)
			w.Hours, w.Zone = test.hours, test.zone
			s, _ := w.At(inputs(observation(noon, threeCalls)), noon)
			if got := s.Locale.AsOf(s.ObservedAt); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if !s.ObservedAt.Equal(noon) {
				t.Errorf("observed at %s", s.ObservedAt)
			}
		})
	}
}

// A message is right at every minute until its end, even where midnight comes twice, or not at all.
func TestClosingHoldsUntilItSays(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, test := range []struct {
		zone  string
		opens time.Time // only its clock counts
	}{
		{"America/Denver", time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)}, {"America/Denver", time.Date(2027, 1, 4, 8, 0, 0, 0, time.UTC)},
		{"Africa/Cairo", time.Date(2026, 4, 24, 9, 0, 0, 0, time.UTC)}, {"America/Havana", time.Date(2026, 3, 8, 9, 0, 0, 0, time.UTC)},
		{"America/Havana", time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}, {"Africa/Cairo", time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)},
		{"America/Sao_Paulo", time.Date(2018, 11, 4, 9, 0, 0, 0, time.UTC)}, {"America/Sao_Paulo", time.Date(2018, 2, 18, 9, 0, 0, 0, time.UTC)},
		{"Atlantic/Azores", time.Date(2026, 10, 25, 9, 0, 0, 0, time.UTC)}, {"Australia/Lord_Howe", time.Date(2026, 4, 5, 9, 0, 0, 0, time.UTC)},
	} {
		at := zone(t, test.zone)
		year, month, day := test.opens.Date()
		opens := time.Date(year, month, day, test.opens.Hour(), 0, 0, 0, at)
		plain := func(now time.Time) closing { // computed from the calendar alone
			now = now.In(at)
			days := 0
			for d := now; d.YearDay() != opens.YearDay() || d.Year() != opens.Year(); days++ {
				d = time.Date(d.Year(), d.Month(), d.Day()+1, 12, 0, 0, 0, at)
			}
			switch {
			case days == 0:
				return opensToday
			case days == 1:
				return opensTomorrow
			case days <= 6:
				return opensOnDay
			case now.Year() == opens.Year():
				return opensOnDate
			}
			return opensInYear
		}
		for range 400 {
			now := opens.Add(-time.Duration(random.Int64N(int64(16 * 24 * time.Hour))))
			got, until := closed(now.In(at), opens)
			if want := plain(now); got != want {
				t.Fatalf("%s at %s, opens %s: %d, want %d", test.zone, now, opens, got, want)
			}
			if last := until.Add(-time.Nanosecond); plain(last) != got || !until.After(now) {
				t.Fatalf("%s at %s, opens %s: until %s, but it differs before", test.zone, now, opens, until)
			}
			if until.Before(opens) && plain(until) == got {
				t.Fatalf("%s at %s, opens %s: until %s, but it is the same then", test.zone, now, opens, until)
			}
		}
	}
}
