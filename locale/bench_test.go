package locale

import (
	"testing"
	"time"
)

// A poll renders thousands of these texts.
func BenchmarkTexts(b *testing.B) {
	for _, tag := range []string{"en", "pl", "ar-EG"} {
		l := locale(b, tag)
		for _, c := range []struct {
			name string
			say  func() string
		}{
			{"minutes", func() string { return l.Duration(4 * time.Minute) }},
			{"parts", func() string { return l.Duration(65 * time.Minute) }},
			{"span", func() string { return l.DurationRange(5*time.Minute, 10*time.Minute) }},
			{"under", func() string { return l.Under(time.Minute) }},
			{"number", func() string { return l.Number(23, 0) }},
			{"fraction", func() string { return l.Number(2.5, 1) }},
			{"closed", func() string { return l.ClosedUntilDay(time.Time{}) }},
		} {
			b.Run(tag+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.say()
				}
			})
		}
	}
	b.Run("New", func(b *testing.B) {
		for b.Loop() {
			locale(b, "de-AT")
		}
	})
	b.Run("Match", func(b *testing.B) {
		for b.Loop() {
			Match("sv-SE,sv;q=0.9,de-AT;q=0.8,en;q=0.7", "en")
		}
	})
}
