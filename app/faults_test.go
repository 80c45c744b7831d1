package app_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"testing"
	"time"

	"waitboard/config"
	"waitboard/domain"
	"waitboard/internal/memnet"
	"waitboard/simulator"
)

// A networkFault is one fault of the network to the phone system.
type networkFault struct {
	name  string
	fault memnet.Fault
	cause domain.Cause // why polls fail; empty: some succeed, or all do late
}

var networkFaults = []networkFault{
	{"latency", memnet.Fault{Up: memnet.Direction{Latency: 2 * time.Second}, Down: memnet.Direction{Latency: 2 * time.Second}}, ""},
	{"jitter", memnet.Fault{Down: memnet.Direction{Jitter: 4 * time.Second}}, ""},
	{"slow close", memnet.Fault{Down: memnet.Direction{LateClose: time.Minute}}, ""},
	{"reset of some", memnet.Fault{Reset: true, ResetEvery: 2, ResetAfter: time.Second, Down: memnet.Direction{Latency: time.Second / 2}}, ""},
	{"reset", memnet.Fault{Reset: true}, domain.Unreachable},
	{"cut mid-body", memnet.Fault{Down: memnet.Direction{Limit: 600}}, domain.Malformed},
	{"50 B/s", memnet.Fault{Down: memnet.Direction{Rate: 50}}, domain.Timeout},
	{"half-open, answers lost", memnet.Fault{Down: memnet.Direction{Lost: true}}, domain.Timeout},
	// The phone system ends idle connections.
	{"half-open, requests lost", memnet.Fault{Up: memnet.Direction{Lost: true}}, domain.Unreachable},
}

// In every network fault, with polls and with a subscription, unmarked values are right and the phone system receives no more
// requests than its budget. Everything is fresh soon after the fault ends, and no connection is left.
func TestNetworkFaults(t *testing.T) {
	t.Parallel()
	for i, f := range networkFaults {
		for _, mode := range []config.Mode{config.ModePoll, config.ModeSubscribe} {
			t.Run(f.name+", "+string(mode), func(t *testing.T) {
				t.Parallel()
				inFakeTime(t, func(w *world) { f.try(w, mode, uint64(100+i)) })
			})
		}
	}
}

const (
	faultLook      = 4 * time.Second // between two looks at the service
	faultHideAfter = 2 * time.Minute
	// freshAgain is the limit until everything is fresh after a fault: the poll in progress times out, and the next one follows within
	// an interval.
	freshAgain = lifeTimeout + lifePoll + faultLook
)

func (f networkFault) try(w *world, mode config.Mode, seed uint64) {
	t := w.t
	sim := w.simulate(simulator.Options{Seed: seed, LookEvery: time.Second})
	yaml, keys := everything(sim, 2)
	cfg := w.read(yaml, map[string]string{"KEY": sim.Key()})
	cfg.Sources[0].Mode, cfg.Widgets[0].HideAfter = mode, faultHideAfter
	s := &watched{service: w.serve(cfg), sim: sim, keys: keys}
	s.service.look = faultLook
	ready := func() bool { return s.fresh() && (mode == config.ModePoll || s.subscribed("hq")()) }
	s.within(lifeInterval, "fresh", ready)

	before, polled, began := sim.Requests(), s.outcomes(), time.Now()
	w.fault(sim, f.fault)
	if f.cause != "" {
		last := s.look().ObservedAt
		s.within(lifeStaleAfter+time.Minute, "marked", func() bool { got := s.look(); return got.Stale })
		s.within(faultHideAfter, "not shown", func() bool { return s.look().State == "unavailable" })
		if hidden := time.Since(last); hidden < faultHideAfter {
			t.Errorf("hidden %v after the last poll that succeeded", hidden)
		}
		if n := s.outcomes()[f.cause]; n < 3 {
			t.Errorf("%d polls failed for that reason: %v", n, s.outcomes())
		}
	} else {
		for range 5 {
			last := s.look().ObservedAt
			s.within(time.Minute, "polled again", func() bool { return s.look().ObservedAt.After(last) })
		}
	}
	f.budget(t, total(s.outcomes())-total(polled), sim.Requests(), before, time.Since(began))

	w.fault(sim, memnet.Fault{})
	failed, healed := failures(s.outcomes()), time.Now()
	var got snapshot
	s.within(freshAgain, "fresh again", func() bool { got = s.look(); return got.State == "open" && !got.Stale && got.ObservedAt.After(healed) })
	if more := failures(s.outcomes()) - failed; more > 2 { // one was in progress, and another may use its dead connection
		t.Errorf("%d polls failed after the fault", more)
	}
	t.Logf("fresh %.2f intervals after the fault, %d snapshots seen", intervals(got.ObservedAt.Sub(healed)), s.looks)
	s.within(10*time.Minute, "as before", ready)
	for range 3 {
		last := s.look().ObservedAt
		s.within(time.Minute, "polled as before", func() bool { return s.look().ObservedAt.After(last) })
	}
}

func intervals(d time.Duration) float64 { return float64(d) / float64(lifeInterval) }

// budget checks the requests during a fault: a poll for each interval and three more (package poller proves it). Some polls
// request the list too, and net/http retries a request after a broken idle connection.
func (f networkFault) budget(t *testing.T, polls int, after, before simulator.Requests, d time.Duration) {
	t.Helper()
	intervals := intervals(d)
	polls = max(polls, int(after.Values+after.List-before.Values-before.List)) // some are lost in transit
	if most := 6 + intervals; float64(polls) > most {
		t.Errorf("%d polls in %.1f intervals, at most %.1f are due", polls, intervals, most)
	}
	// The delay before a retry of a subscription grows, unless the subscription lasted six intervals.
	attempts := float64(after.Subscriptions - before.Subscriptions)
	if most := 4 + math.Log2(1+intervals) + intervals/6; attempts > most {
		t.Errorf("%.0f subscriptions in %.1f intervals, at most %.1f are due", attempts, intervals, most)
	}
	t.Logf("%d polls and %.0f subscriptions in %.1f intervals", polls, attempts, intervals)
}

// A watched service shows every value of a phone system, and checks each snapshot that it reads.
type watched struct {
	*service
	sim   *simulator.Simulator
	keys  []key
	looks int
}

// look reads the widget, and fails the test for a wrong value.
func (s *watched) look() snapshot {
	s.t.Helper()
	got := s.snapshot("all")
	s.looks++
	for _, lie := range lies(got, time.Now(), s.sim, s.keys) {
		s.t.Error(lie)
	}
	return got
}

func (s *watched) fresh() bool { got := s.look(); return got.State == "open" && !got.Stale }

var outcomeFigure = regexp.MustCompile(`waitboard_upstream_requests_total\{outcome="([a-z_]+)",source="hq"\} (\d+)`)

// outcomes counts the requests to the phone system by outcome: ok, or why they failed.
func (s *watched) outcomes() map[domain.Cause]int {
	_, metrics := s.get(s.admin + "/metrics")
	all := map[domain.Cause]int{}
	for _, line := range outcomeFigure.FindAllStringSubmatch(metrics, -1) {
		all[domain.Cause(line[1])], _ = strconv.Atoi(line[2])
	}
	return all
}

func total(outcomes map[domain.Cause]int) (n int) {
	for _, count := range outcomes {
		n += count
	}
	return n
}

func failures(outcomes map[domain.Cause]int) int { return total(outcomes) - outcomes["ok"] }

// lies lists the unmarked values of a snapshot that were right at no time between observed_at and the time when it was read.
func lies(got snapshot, read time.Time, sim *simulator.Simulator, keys []key) (all []string) {
	for i, m := range got.Metrics {
		switch {
		case m.Value == nil, m.Stale:
		case got.State != "open":
			all = append(all, fmt.Sprintf("shown while %s: %+v", got.State, m))
		case read.Sub(got.ObservedAt) > 2*long: // the simulator has no older state
			all = append(all, fmt.Sprintf("observed at %v, which is too old to be unmarked: %+v", got.ObservedAt, m))
		default:
			if lie := wasNeverSo(m, keys[i], got.ObservedAt, read, sim); lie != "" {
				all = append(all, lie)
			}
		}
	}
	return all
}

// wasNeverSo compares a shown metric with the state of the phone system at each millisecond of a period. It returns the shown value
// and the state at its start, or "" if the value was right at some time.
func wasNeverSo(m metric, k key, from, to time.Time, sim *simulator.Simulator) (lie string) {
	for at := to; !at.Before(from); at = at.Add(-100 * time.Millisecond) { // usually the value is still right, or was a moment ago
		if notSo(m, k, at, to, sim) == "" {
			return ""
		}
	}
	for at := from; !at.After(to); at = at.Add(time.Millisecond) {
		mistake := notSo(m, k, at, to, sim)
		if mistake == "" {
			return ""
		}
		if lie == "" {
			lie = fmt.Sprintf("%+v, observed at %v, read at %v: %s", k, from, to, mistake)
		}
	}
	return lie
}

// notSo returns how a shown metric, read at one time, differs from the state at another, or "".
func notSo(m metric, k key, at, read time.Time, sim *simulator.Simulator) string {
	then := m
	if seconds, ok := m.Value.(float64); ok && m.Rate != 0 {
		then.Value = seconds + m.Rate*at.Sub(m.AsOf).Seconds()
	}
	mistake := differs(then, sim, k.metric, k.category, at, false)
	if mistake != "" && m.Value == 0.0 && hadEnded(k, at, read, sim) {
		return ""
	}
	return mistake
}

// hadEnded reports whether a value that counts down at one time reaches zero by another.
func hadEnded(k key, at, by time.Time, sim *simulator.Simulator) bool {
	then, _ := sim.Truth(k.metric, k.category, at)
	soon, _ := sim.Truth(k.metric, k.category, at.Add(time.Millisecond))
	return soon.Duration < then.Duration && soon.Duration-(then.Duration-soon.Duration)*(by.Sub(at)/time.Millisecond) <= 0
}
