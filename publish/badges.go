package publish

import (
	"sync"
	"time"

	"waitboard/badge"
	"waitboard/domain"
)

// Badges are the images of a page. Drawing takes a thousand times as long as sending, and most images are never requested, so each is drawn
// at its first request, and shared by all pages that look the same on it.
type Badges struct {
	card badge.Card

	mu   sync.Mutex // guards made; never held while something is drawn
	made [formats][badge.Themes]func() (plain, zipped Variant)
}

// The formats of images.
const (
	svg = iota
	strip
	png
	formats // how many there are
)

// SVG returns the page as an SVG, plain and compressed.
func (b *Badges) SVG(theme badge.Theme) (plain, zipped Variant) { return b.image(svg, theme)() }

// Strip returns the page as a small SVG, plain and compressed.
func (b *Badges) Strip(theme badge.Theme) (plain, zipped Variant) { return b.image(strip, theme)() }

// PNG returns the page as a PNG; zipped has no body.
func (b *Badges) PNG(theme badge.Theme) (plain, zipped Variant) {
	if theme == badge.Auto {
		theme = badge.Light // a PNG can't adapt
	}
	return b.image(png, theme)()
}

// image returns the function that draws an image once.
func (b *Badges) image(format int, theme badge.Theme) func() (plain, zipped Variant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	made := &b.made[format][theme]
	if *made == nil {
		*made = sync.OnceValues(func() (plain, zipped Variant) {
			switch format {
			case svg:
				return drawn(badge.SVG(&b.card, theme), true)
			case strip:
				return drawn(badge.Strip(&b.card, theme), true)
			default:
				return drawn(badge.PNG(&b.card, theme), false)
			}
		})
	}
	return *made
}

// drawn returns the variants of an image. Its entity tag is a hash of its bytes, so that a client's copy stays valid from one poll to the
// next.
func drawn(body []byte, zip bool) (plain, zipped Variant) {
	plain = tagged(body, "")
	if zip {
		zipped = plain.Zipped(Compress(body))
	}
	return plain, zipped
}

// badgesOf returns the badges of a snapshot: the ones before, if it looks the same on them. If same, the snapshots differ at most in
// observed_at, which was last before.
func badgesOf(w *domain.Widget, s *domain.Snapshot, before *Badges, same bool, last time.Time) *Badges {
	if before != nil && same && last.Unix()/60 == s.ObservedAt.Unix()/60 {
		return before
	}
	card := badge.Of(w, s, sentence(s))
	if before != nil && card.Equal(&before.card) {
		return before
	}
	return &Badges{card: card}
}
