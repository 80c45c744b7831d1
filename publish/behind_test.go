package publish

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"waitboard/domain"
)

func TestBehind(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		p := New(Options{Widgets: []domain.Widget{widget("w", metric("m"))}, Now: time.Now})
		defer p.Close()
		empty, _ := p.Page("w")
		p.Readings().Apply("hq", map[string]domain.Observation{"m": confirmed(domain.CountOf(1))})
		page, _ := p.Page("w")
		own := strings.Trim(page.Plain.ETag[0], `"`)
		other := strings.Repeat("-", len(page.Change))
		stamp := func(d time.Duration) string { return "-" + strconv.FormatInt(time.Now().Add(d).UnixMilli(), 36) }
		for _, test := range []struct {
			name, etag string
			want       bool
		}{
			{"own", own, false},
			{"own, compressed", own + "-gzip", false},
			{"older", other + stamp(-time.Millisecond), false},
			{"newer", page.Change + stamp(time.Millisecond), true},
			{"newer, compressed", other + stamp(time.Second) + "-gzip", true},
			{"same time, other change", other + stamp(0), true},
			{"without a time", page.Change, false},
			{"as text", page.Change + "-text", false},
			{"of something else", "x", false},
			{"empty", "", false},
		} {
			if got := page.Behind(`"` + test.etag + `"`); got != test.want {
				t.Errorf("%s: %v", test.name, got)
			}
		}
		for _, test := range []struct {
			name string
			etag string
			want bool
		}{
			{"newer", other + stamp(time.Second), true},
			{"own", own, false},
			{"older", other + stamp(-time.Second), false},
			{"of a clock that is ahead", other + stamp(time.Minute), false},
			{"of something else", "x", false},
		} {
			if got := page.Outdated(`"`+test.etag+`"`, time.Now()); got != test.want {
				t.Errorf("outdated by %s: %v", test.name, got)
			}
		}
		newer := `"` + other + stamp(time.Second) + `"`
		if empty.Outdated(newer, time.Now()) {
			t.Error("a page without values is outdated")
		}
		time.Sleep(page.Snapshot.StaleAfter + time.Second)
		if page.Outdated(newer, time.Now()) {
			t.Error("outdated by a page that is stale")
		}
		if !empty.Behind(`W/"` + own + `"`) {
			t.Error("a page without values is not behind")
		}
	})
}
