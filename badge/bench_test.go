package badge

import "testing"

// Only the first request after a change renders an image.
func BenchmarkDraw(b *testing.B) {
	for _, tag := range []string{"en", "ar", "ja", "zh-Hans"} {
		c := cardOf(b, tag, situations[0])
		b.Run("svg-"+tag, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				SVG(&c, Auto)
			}
		})
		b.Run("png-"+tag, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				PNG(&c, Light)
			}
		})
	}
}
