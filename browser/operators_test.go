package browser

import (
	"strings"
	"testing"

	"waitboard/domain"
)

// The page of a notice fits phones, and axe finds nothing on it, in light and dark.
func TestNoticeForm(t *testing.T) {
	t.Parallel()
	const shown = "Phones are down until noon. Please use the chat."
	state := healthy(1, 3)
	id := strings.Repeat("customer-support", 4)
	state.Widgets[2].ID, state.Widgets[2].Title = id, strings.Repeat("Kundendienst", 6)
	s := newBoard(t, state)
	if _, err := s.notices.Set("support", domain.Notice{Text: shown}); err != nil {
		t.Fatal(err)
	}
	b := newInspector(t)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer("prefers-color-scheme", scheme)
		for _, path := range []string{"widgets/support", "widgets/" + id} {
			for _, width := range []int64{320, 1280} {
				b.resize(width, 900)
				b.open(s.url + path)
				if is := eval[int64](b, `document.documentElement.scrollWidth`); is > width {
					t.Errorf("%s is %d px wide at %d", path, is, width)
				}
			}
			b.inspect(scheme + " " + path)
		}
	}
}
