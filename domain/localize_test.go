package domain

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waitboard/internal/testlevel"
	"waitboard/locale"
)

// public ignores the private fields of snapshots, which hold the inputs of their texts.
var public = cmpopts.IgnoreUnexported(Snapshot{}, Shown{})

// A localized snapshot equals the snapshot of a widget in that locale, for any policy, values and hours.
func TestInAnotherLocale(t *testing.T) {
	var locales []*locale.Locale
	for _, tag := range append(locale.Supported(), "de-CH", "ar-EG") {
		l, err := locale.New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		locales = append(locales, l)
	}
	random := rand.New(rand.NewPCG(31, 32))
	one := 1
	displays := []Display{
		{}, {HideZero: true}, {Decimals: &one}, duration(Display{Round: minute}), duration(Display{Round: 30_000}), duration(Display{Below: 2 * minute, Above: 4 * minute}),
		duration(Display{Buckets: []float64{minute, 90_000, 5 * minute}}), counting(Display{Buckets: []float64{2, 5}}), counting(Display{Below: 2, Above: 4}),
	}
	readings := func() Reading {
		all := []Reading{
			{}, Line(time.Duration(random.IntN(400_000))*time.Millisecond, float64(random.IntN(2)), noon), CountOf(float64(random.IntN(30)) / 4),
			BooleanOf(random.IntN(2) == 0), TextOf("Offen"),
		}
		return all[random.IntN(len(all))]
	}
	for range testlevel.Pick(300, 1_000, 20_000) {
		w := widget(WidgetMetric{ID: "m", Label: "Wait", Display: displays[random.IntN(len(displays))], Combine: Combine(random.IntN(int(Number) + 1))})
		if random.IntN(4) == 0 {
			w.Hours = &Hours{Zone: time.FixedZone("", 3600), Open: []OpenDay{{Date{2026, time.November, 23 + random.IntN(10)}, []Span{{14 * 60, 15 * 60}}}}}
		}
		in := inputs(observation(noon.Add(-time.Duration(random.IntN(320))*time.Second), map[string]Reading{"a": readings(), "b": readings()}))
		if random.IntN(5) == 0 {
			in.Notice = Notice{Text: "Phones are down", Closed: random.IntN(2) == 0}
		}
		first, other := locales[random.IntN(len(locales))], locales[random.IntN(len(locales))]
		w.Locale = first
		s, _ := w.At(in, noon)
		before, _ := w.At(in, noon)
		w.Locale = other
		want, _ := w.At(in, noon)
		if diff := cmp.Diff(want, s.In(other), public); diff != "" {
			t.Fatalf("%s in %s (-want +got):\n%s", first.Tag(), other.Tag(), diff)
		}
		if diff := cmp.Diff(before, s, public); diff != "" {
			t.Fatalf("the original snapshot has changed (-before +after):\n%s", diff)
		}
	}
}
