package embeds

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"waitboard/internal/testlevel"
)

var start = time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)

// seeded returns the same random numbers in each run.
func seeded() func(n int) int { return rand.New(rand.NewPCG(1, 2)).IntN } //nolint:gosec // not a secret

// newTracker returns a tracker of some widgets, and its clock.
func newTracker(ids ...string) (*Tracker, *time.Time) {
	now := start
	t := New(func() time.Time { return now }, seeded())
	t.SetWidgets(ids)
	return t, &now
}

// list writes sites as "origin requests".
func list(sites []Site) string {
	var out []string
	for _, s := range sites {
		out = append(out, fmt.Sprint(s.Origin, " ", s.Requests))
	}
	return strings.Join(out, ", ")
}

func TestTop(t *testing.T) {
	tracker, now := newTracker("support", "sales")
	support := tracker.Widget("support")
	for i, origin := range []string{"https://b.example", "https://c.example", "https://a.example", "https://c.example"} {
		support.Count(origin, now.Add(time.Duration(i)*time.Second))
	}
	if got := list(tracker.Top("support")); got != "https://c.example 2, https://a.example 1, https://b.example 1" {
		t.Error(got)
	}
	if last := tracker.Top("support")[0].Last; !last.Equal(start.Add(3 * time.Second)) {
		t.Error(last)
	}
	if len(tracker.Top("sales")) > 0 || tracker.Top("nosuch") != nil {
		t.Error("another widget has sites")
	}
	for i := range maxSites {
		for range i {
			support.Count(fmt.Sprintf("https://%d.example", i), *now)
		}
	}
	if top := tracker.Top("support"); len(top) != maxShown || top[0].Requests != maxSites-1 {
		t.Errorf("%d sites, %s", len(top), list(top))
	}
}

func TestRefused(t *testing.T) {
	tracker, now := newTracker("support", "sales")
	for _, id := range []string{"sales", "support", "sales"} {
		tracker.Widget(id).Refuse("https://a.example", *now)
	}
	tracker.Widget("sales").Count("https://b.example", *now)
	tracker.Widget("sales").Refuse("https://b.example", *now)
	var got []string
	for _, r := range tracker.Refused() {
		got = append(got, fmt.Sprint(r.Widget, " ", r.Origin, " ", r.Requests))
	}
	if want := []string{"sales https://a.example 2", "support https://a.example 1", "sales https://b.example 1"}; !slices.Equal(got, want) {
		t.Error(got)
	}
	if got := list(tracker.Top("sales")); got != "https://b.example 1" {
		t.Error(got)
	}
}

// A request counts in its hour and the 23 hours after it.
func TestRolling(t *testing.T) {
	tracker, now := newTracker("w")
	w := tracker.Widget("w")
	w.Count("https://a.example", *now)
	w.Refuse("https://r.example", *now)
	for _, step := range []struct {
		pass      time.Duration
		top       string
		refused   int
		countsNow bool
	}{
		{29*time.Minute + 59*time.Second, "https://a.example 1", 1, false}, // 12:59:59
		{time.Second, "https://a.example 1", 1, true},                      // 13:00
		{22*time.Hour + 59*time.Minute, "https://a.example 2", 1, false},   // 11:59
		{time.Minute, "https://a.example 1", 0, true},                      // 12:00
		{time.Hour, "https://a.example 1", 0, false},                       // 13:00
		{-2 * time.Hour, "https://a.example 1", 0, true},                   // the clock is set back, the request counts at 13:00
		{25 * time.Hour, "https://a.example 1", 0, false},                  // 12:00
		{time.Hour, "", 0, true},                                           // 13:00
		{24 * 365 * time.Hour, "", 0, false},
	} {
		*now = now.Add(step.pass)
		if got, refused := list(tracker.Top("w")), len(tracker.Refused()); got != step.top || refused != step.refused {
			t.Errorf("%v: %q, %d refused", now, got, refused)
		}
		if step.countsNow {
			w.Count("https://a.example", *now)
		}
	}
}

// Requests count at once from many goroutines, while widgets and lists change.
func TestParallel(t *testing.T) {
	tracker, now := newTracker("w", "other")
	const goroutines, requests = 8, 500
	var group sync.WaitGroup
	for n := range goroutines {
		w := tracker.Widget("w")
		group.Go(func() {
			for range requests {
				w.Count("https://a.example", *now)
				w.Refuse("https://"+strconv.Itoa(n)+".example", *now)
			}
		})
		group.Go(func() {
			tracker.SetWidgets([]string{"w", strconv.Itoa(n)})
			tracker.Top("w")
			tracker.Refused()
		})
	}
	group.Wait()
	if got := list(tracker.Top("w")); got != "https://a.example 4000" || len(tracker.Refused()) != goroutines {
		t.Errorf("%s, %d refused", got, len(tracker.Refused()))
	}
}

func TestSetWidgets(t *testing.T) {
	tracker, now := newTracker("stays", "goes")
	tracker.Widget("stays").Count("https://a.example", *now)
	gone := tracker.Widget("goes")
	gone.Count("https://a.example", *now)
	gone.Refuse("https://b.example", *now)
	tracker.SetWidgets([]string{"stays", "comes"})
	gone.Count("https://a.example", *now) // a request in flight
	if tracker.Widget("goes") != nil || tracker.Top("goes") != nil || len(tracker.Refused()) > 0 {
		t.Error("a removed widget is remembered")
	}
	if list(tracker.Top("stays")) == "" || tracker.Widget("comes") == nil {
		t.Error("a widget that stays is forgotten, or a new one isn't tracked")
	}
	tracker.SetWidgets([]string{"goes"})
	if len(tracker.Top("goes")) > 0 || tracker.Widget("stays") != nil {
		t.Error("a widget that returns has its old numbers")
	}
}

// An origin is a part of a longer text, such as a referrer with a path, which must not stay in memory.
func TestOriginIsCopied(t *testing.T) {
	tracker, now := newTracker("w")
	referrer := strings.Clone("https://a.example/secret")
	inside := func(text string) bool {
		at, from := uintptr(unsafe.Pointer(unsafe.StringData(text))), uintptr(unsafe.Pointer(unsafe.StringData(referrer)))
		return from <= at && at < from+uintptr(len(referrer))
	}
	origin := referrer[:len("https://a.example")]
	if !inside(origin) {
		t.Fatal("the test is wrong")
	}
	tracker.Widget("w").Count(origin, *now)
	for i := range maxSites {
		tracker.Widget("w").Count("https://"+strconv.Itoa(i)+".example", *now)
	}
	replaced := false
	for range 100 { // one replaces a row
		tracker.Widget("w").Count(origin, *now)
	}
	for _, r := range tracker.widgets["w"].sites.rows {
		replaced = replaced || r.origin == origin
		if inside(r.origin) {
			t.Error("a row holds the referrer")
		}
	}
	if !replaced {
		t.Error("the origin has no row")
	}
}

// In any order of requests: no number is too high, a table of few origins is exact, and an origin loses its row only after
// (k-1)·n requests of others.
func TestBounds(t *testing.T) {
	const limit = 5
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // not a secret
		origins := 3 + random.IntN(30)
		var table table
		made, lost := map[string]int{}, map[string]int{} // requests of each origin, and those that its row doesn't have
		counted := func() map[string]int {
			out := map[string]int{}
			for _, r := range table.rows {
				out[r.origin] = r.total
			}
			return out
		}
		for n := range 3000 {
			origin := strconv.Itoa(int(float64(origins) * random.Float64() * random.Float64()))
			before := counted()
			table.add(origin, start, limit, random.IntN)
			made[origin]++
			after := counted()
			for each, requests := range before {
				if _, ok := after[each]; !ok && n+1-made[each] < (limit-1)*requests {
					t.Fatalf("seed %d: %s with %d requests lost its row after %d of others", seed, each, requests, n+1-made[each])
				}
			}
			for each, requests := range after {
				if requests > made[each] {
					t.Fatalf("seed %d: %s has %d requests, counted %d", seed, each, made[each], requests)
				}
				lost[each] = made[each] - requests
			}
			if len(after) > limit {
				t.Fatalf("%d rows", len(after))
			}
			if !slices.IsSortedFunc(table.rows, func(a, b *row) int { return b.weight() - a.weight() }) {
				t.Fatalf("seed %d: rows aren't sorted", seed)
			}
		}
		if len(made) <= limit {
			for each := range made {
				if lost[each] > 0 {
					t.Errorf("seed %d: %d origins, and %s lacks %d requests", seed, len(made), each, lost[each])
				}
			}
		}
	}
}

func TestFlood(t *testing.T) { resistsFlood(t, 100_000) }

func TestFloodOfAMillion(t *testing.T) {
	testlevel.Full(t)
	resistsFlood(t, 1_000_000)
}

// resistsFlood checks that origins which are each used once push out no site that has 500 requests, and that a site which begins in the
// flood is seen.
func resistsFlood(t *testing.T, flood int) {
	t.Helper()
	tracker, now := newTracker("w")
	w := tracker.Widget("w")
	for i := range 500 {
		for site := range 5 {
			w.Count(fmt.Sprintf("https://before-%d.example", site), now.Add(time.Duration(i)*time.Millisecond))
		}
	}
	*now = now.Add(time.Hour)
	every := flood / 2000
	for i := range flood {
		w.Count("https://"+strconv.FormatUint(uint64(i)*0x9E3779B97F4A7C15, 36)+".example", *now)
		if i%every == 0 {
			w.Count("https://during.example", *now)
		}
	}
	top := tracker.Top("w")
	if len(w.sites.rows) != maxSites || len(top) != maxShown {
		t.Fatalf("%d rows, %d shown", len(w.sites.rows), len(top))
	}
	found := map[string]int{}
	for _, s := range top {
		found[s.Origin] = s.Requests
	}
	for site := range 5 {
		if n := found[fmt.Sprintf("https://before-%d.example", site)]; n != 500 {
			t.Errorf("site %d has %d requests, not 500", site, n)
		}
	}
	// The smallest row reaches about sqrt(2·flood/rows), which is 224 for a million; the new site waits for about as many of its requests.
	if n := found["https://during.example"]; n < 1400 || n > 2000 {
		t.Errorf("the site of the flood has %d requests of 2000", n)
	}
	if top[6].Requests > 1 {
		t.Errorf("an origin of the flood has %d requests", top[6].Requests)
	}
	*now = now.Add(time.Hour) // a new hour forgets the weight of the flood
	w.Count("https://after.example", *now)
	w.Count("https://after.example", *now)
	w.Count("https://after.example", *now)
	w.Count("https://after.example", *now)
	if !strings.Contains(list(tracker.Top("w")), "https://after.example") {
		t.Error("a site after the flood isn't seen")
	}
}

// A flood of origins at a thousand widgets fills the tables and no more.
func TestFloodOfWidgets(t *testing.T) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	tracker, now := newTracker(ids...)
	for i := range 100_000 {
		w := tracker.Widget(ids[i%len(ids)])
		origin := "https://" + strconv.FormatUint(uint64(i)*0x9E3779B97F4A7C15, 36) + ".example"
		w.Count(origin, *now)
		w.Refuse(origin, *now)
	}
	// With the pointer, and with a host name of 128 bytes in memory of 144.
	if size := (maxSites + maxRefused) * (8 + unsafe.Sizeof(row{}) + 144); size > 16_000 {
		t.Errorf("a widget takes %d bytes", size)
	}
	for id, w := range tracker.widgets {
		if len(w.sites.rows) > maxSites || len(w.refused.rows) > maxRefused {
			t.Fatalf("widget %s: %d and %d rows", id, len(w.sites.rows), len(w.refused.rows))
		}
	}
	if n := len(tracker.Refused()); n != maxShown {
		t.Errorf("%d refused", n)
	}
}
