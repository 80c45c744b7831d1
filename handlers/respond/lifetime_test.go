package respond

import (
	"strings"
	"testing"
	"time"

	"waitboard/domain"
)

func TestLifetime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	in := now.Add
	tests := map[string]struct {
		snapshot domain.Snapshot
		want     string
	}{
		"just confirmed":            {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(45 * time.Second)}, "public, max-age=5, stale-while-revalidate=0, stale-if-error=40"},
		"half as old as may be":     {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(22 * time.Second)}, "public, max-age=5, stale-while-revalidate=0, stale-if-error=17"},
		"soon stale":                {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(2500 * time.Millisecond)}, "public, max-age=2, stale-while-revalidate=0"},
		"stale in a moment":         {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(900 * time.Millisecond)}, "public, no-cache"},
		"stale by now":              {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(-time.Second)}, "public, no-cache"},
		"stale":                     {domain.Snapshot{State: domain.Open, Stale: true, RefreshAfter: 10 * time.Second, Ages: in(4 * time.Minute)}, "public, max-age=5, stale-while-revalidate=0"},
		"soon hidden":               {domain.Snapshot{State: domain.Open, Stale: true, RefreshAfter: 10 * time.Second, Ages: in(3 * time.Second)}, "public, max-age=3, stale-while-revalidate=0"},
		"asked for each second":     {domain.Snapshot{State: domain.Open, RefreshAfter: time.Second, Ages: in(44 * time.Second)}, "public, max-age=1, stale-while-revalidate=0, stale-if-error=43"},
		"seldom asked for":          {domain.Snapshot{State: domain.Open, RefreshAfter: 40 * time.Second, Ages: in(45 * time.Second)}, "public, max-age=10, stale-while-revalidate=0, stale-if-error=35"},
		"the widget closes soon":    {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(45 * time.Second), Turn: in(20 * time.Second)}, "public, max-age=5, stale-while-revalidate=0, stale-if-error=15"},
		"the widget closes at once": {domain.Snapshot{State: domain.Open, RefreshAfter: 10 * time.Second, Ages: in(45 * time.Second), Turn: in(time.Millisecond)}, "public, no-cache"},
		"closed":                    {domain.Snapshot{State: domain.Closed, RefreshAfter: 10 * time.Second, Turn: in(time.Hour)}, "public, max-age=1, stale-while-revalidate=0"},
		"closed, and opens at once": {domain.Snapshot{State: domain.Closed, RefreshAfter: 10 * time.Second, Turn: in(time.Millisecond)}, "public, no-cache"},
		"initializing":              {domain.Snapshot{State: domain.Initializing, RefreshAfter: 10 * time.Second}, "public, max-age=1, stale-while-revalidate=0"},
		"unavailable":               {domain.Snapshot{State: domain.Unavailable, RefreshAfter: 10 * time.Second}, "public, max-age=1, stale-while-revalidate=0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.snapshot.StaleAfter = 45 * time.Second
			if got := newCacheControl(lifetimeOf(&test.snapshot, now)); got.Public[0] != test.want || got.Private[0] != strings.Replace(test.want, "public", "private", 1) {
				t.Errorf("got %q and %q", got.Public, got.Private)
			}
		})
	}
}
