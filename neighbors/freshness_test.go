package neighbors

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"waitboard/simulator"
)

const brief = `
sources: {hq: {url: "{source}", key_env: KEY, interval: 500ms}}
widgets:
  support: {stale_after: 6s, hide_after: 1m, metrics: {wait: {metric: Current Wait Time}, waiting: {metric: K0FLAEB6}}}
`

// staleAfter is that of brief.
const staleAfter = 6 * time.Second

// A reader reads the widget through a cache again and again.
type reader struct {
	*testing.T
	client  *http.Client
	arrived map[string]time.Duration // how long each answer took from the service into the cache, at most
}

// look reads once, and fails the test if an answer passes for fresh though its values are older than stale_after. It reports whether one
// passes for fresh.
func (r *reader) look() (fresh bool) {
	r.Helper()
	asked := time.Now()
	got, err := get(r.client, front+"/v1/widgets/support")
	took := time.Since(asked)
	if err != nil {
		r.Fatal(err)
	}
	if got.StatusCode != http.StatusOK {
		return false
	}
	var s struct {
		State      string
		Stale      bool
		ObservedAt time.Time `json:"observed_at"`
	}
	if err := json.Unmarshal([]byte(got.body), &s); err != nil {
		r.Fatalf("%v: %s", err, got.body)
	}
	key := got.Header.Get("Date") + got.Header.Get("Etag")
	if _, ok := r.arrived[key]; !ok {
		r.arrived[key] = took
	}
	if s.Stale || s.State != "open" {
		return false
	}
	// Caches count in whole seconds, from when an answer arrives. The answer was sent after asked, so that it is older by now than age.
	if age := asked.Sub(s.ObservedAt); age > staleAfter+time.Second+r.arrived[key] {
		r.Fatalf("values of %v ago pass for fresh: %v %s", age, got.Header, got.body)
	}
	return true
}

// No answer passes for fresh longer than its values are, whether the phone system or the service fails, and when the service fails last of all.
func TestCachesAndFreshness(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		fail func(t *testing.T, s *service, r *reader)
	}{
		{"the phone system fails", func(t *testing.T, s *service, r *reader) { breakPhones(t, s.sim) }},
		{"the service fails", func(_ *testing.T, s *service, _ *reader) { s.Kill() }},
		{"the service fails after the phone system", func(t *testing.T, s *service, r *reader) {
			breakPhones(t, s.sim)
			failed := time.Now()
			eventually(t, "some time passes", func() bool { return !r.look() || time.Since(failed) > staleAfter*2/3 }) // any moment will do
			s.Kill()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachCache(t, brief, func(t *testing.T, c cache, s *service, client *http.Client) {
				if c.long {
					t.Skip("it serves old answers because it is told to; the element marks them, see TestElementBehindCaches")
				}
				r := &reader{t, client, map[string]time.Duration{}}
				eventually(t, "a fresh answer comes through the cache", r.look)
				test.fail(t, s, r)
				eventually(t, "no answer passes for fresh", func() bool { return !r.look() })
			})
		})
	}
}

func breakPhones(t *testing.T, sim *simulator.Simulator) {
	t.Helper()
	if err := sim.SetFault(simulator.Fault{Mode: simulator.ModeDown}); err != nil {
		t.Fatal(err)
	}
}
