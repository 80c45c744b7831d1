package publish

import (
	"sync"
	"time"

	"waitboard/badge"
	"waitboard/domain"
)

// Badges are the images of a page. Most pages are never asked for any, and drawing takes a thousand times as long as
// sending, so each is drawn when it is first asked for, once, and kept as long as pages look the same on it: there are at most as
// many images as a widget has themes and formats.
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

// SVG is the page as an SVG, plain and compressed.
func (b *Badges) SVG(theme badge.Theme) (plain, zipped Variant) { return b.image(svg, theme)() }

// Strip is the page as a small SVG, plain and compressed.
func (b *Badges) Strip(theme badge.Theme) (plain, zipped Variant) { return b.image(strip, theme)() }

// PNG is what SVG is, as a PNG; zipped is without a body.
func (b *Badges) PNG(theme badge.Theme) (plain, zipped Variant) {
	if theme == badge.Auto {
		theme = badge.Light // it looks the same to everyone
	}
	return b.image(png, theme)()
}

// image draws, or has drawn.
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

// drawn makes the variants of an image. Its entity tag is that of its bytes, so that a reader's copy stays good from one
// poll to the next.
func drawn(body []byte, zip bool) (plain, zipped Variant) {
	plain = tagged(body, "")
	if zip {
		zipped = plain.Zipped(Compress(body))
	}
	return plain, zipped
}

// badgesOf are the badges of a snapshot: the last ones, if it looks the same on them. same tells that nothing but
// observed_at can differ from the snapshot that those are of, seen at last.
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
