package poller

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/wait"
)

// A teller is an upstream that also tells of changes, to whoever has subscribed.
type teller struct {
	*upstream
	perGroup   int // metric IDs in one subscription
	handshake  func(ids []string) error
	deaf       bool          // it tells nothing
	skew       time.Duration // its clock is ahead
	lines      []*toldLine   // that are open
	handshakes []request
}

type toldLine struct {
	ids    []string
	tell   func(wait.Message)
	broken chan error
}

func tellsOf(n int) *teller {
	u := &teller{upstream: counts(n), perGroup: 100, handshake: func([]string) error { return nil }}
	u.updated = map[string]time.Time{}
	for id := range u.values {
		u.updated[id+"/"] = time.Now()
	}
	return u
}

func (u *teller) Groups(ids []string) (groups [][]string) {
	for group := range slices.Chunk(ids, u.perGroup) {
		groups = append(groups, group)
	}
	return groups
}

func (u *teller) Subscribe(ctx context.Context, ids []string, opened func(), tell func(wait.Message)) error {
	l := &toldLine{ids, tell, make(chan error, 1)}
	u.mu.Lock()
	u.handshakes = append(u.handshakes, request{time.Now(), ids})
	err := u.handshake(ids)
	if err == nil {
		u.lines = append(u.lines, l)
	}
	u.mu.Unlock()
	if err != nil {
		return err
	}
	defer u.change(func() { u.lines = slices.DeleteFunc(u.lines, func(o *toldLine) bool { return o == l }) })
	opened()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-l.broken:
		return err
	}
}

// set changes a value, and tells of it unless the upstream is deaf.
func (u *teller) set(id, category string, r wait.Reading) {
	updated := time.Now().Add(u.skew)
	u.change(func() {
		u.values[id][category], u.updated[id+"/"+category] = r, updated
	})
	if !u.deaf {
		u.say(wait.Message{KeyedReading: wait.KeyedReading{Key: wait.Key{Metric: id, Category: category}, Reading: r, Updated: updated}, At: time.Now()})
	}
}

func (u *teller) say(msg wait.Message) {
	u.mu.Lock()
	lines := slices.Clone(u.lines)
	u.mu.Unlock()
	for _, l := range lines {
		if msg.Key.Metric == "" || slices.Contains(l.ids, msg.Key.Metric) {
			l.tell(msg)
		}
	}
}

// cut breaks all lines.
func (u *teller) cut(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.lines {
		l.broken <- err
	}
}

// attempts counts the handshakes after a time.
func (u *teller) attempts(since time.Time) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, h := range u.handshakes {
		if h.at.After(since) {
			n++
		}
	}
	return n
}

// open lists what the open lines tell of.
func (u *teller) open() (ids []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.lines {
		ids = append(ids, l.ids...)
	}
	slices.Sort(ids)
	return ids
}

// folded is when the board has shown what it was told.
const folded = 100 * time.Millisecond

func runTelling(t *testing.T, u *teller, metrics ...wait.Metric) *rig {
	return runWith(t, u.upstream, Options{Source: u, Subscriber: u}, metrics...)
}

func (r *rig) stale() bool {
	page, _ := r.board.Page("w")
	return page.Snapshot.Stale
}

func (r *rig) polls(since time.Time) int {
	all, lists := r.up.since(since)
	return all - lists
}

// Poll, subscribe, poll: after that changes are shown as they happen, and polls are few.
func TestSubscribes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(3)
		r := runTelling(t, u, ref("M2"), ref("Calls in queue 1"), ref("M1"))
		r.wantTexts(t, "at once", "2", "1", "1")
		if n := r.polls(r.start.Add(-1)); n != 2 {
			t.Errorf("%d polls at first, want one before and one after the handshake", n)
		}
		if diff := cmp.Diff([]string{"M1", "M2"}, u.open()); diff != "" {
			t.Errorf("subscribed (-want +got):\n%s", diff)
		}
		r.pass(time.Second)
		u.set("M1", "", wait.CountOf(7))
		r.pass(folded)
		r.wantTexts(t, "told", "2", "7", "7")
		r.pass(time.Second)
		u.set("M2", "", wait.Reading{})
		r.pass(folded)
		r.wantTexts(t, "told that there is none", na, "7", "7")
		began := time.Now()
		r.pass(10 * time.Minute)
		if n := r.polls(began); n < 25 || n > 29 {
			t.Errorf("%d polls in ten minutes, want one every 22.5 s", n)
		}
		if len(u.handshakes) != 1 {
			t.Errorf("%d handshakes", len(u.handshakes))
		}
		if got := r.Report().Stream; got != (StreamReport{Wanted: true, Tried: true, Sockets: 1}) || got.String() != "subscribed" {
			t.Errorf("reported %+v, %s", got, got)
		}
		r.wantLogged(t, 1, "tells of changes as they happen")
	})
}

// A source may send what there is when it is subscribed to, and all of it again later: that changes nothing, and is no reason
// to poll.
func TestValuesAreToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(2)
		began := time.Now()
		u.values["M1"][""] = wait.Line(time.Minute, 1, began)
		r := runTelling(t, u, ref("M0"), ref("M1"))
		for n := range 600 {
			for id, values := range u.values {
				line := values[""]
				if line.Kind == wait.Duration {
					line.Instant = began.Add(time.Duration(n) * time.Millisecond) // the estimate of their clock moves
				}
				u.say(wait.Message{KeyedReading: wait.KeyedReading{Key: wait.Key{Metric: id}, Reading: line, Updated: u.updated[id+"/"]}, At: time.Now()})
			}
			r.pass(time.Second)
		}
		if n := r.polls(began); n > 29 {
			t.Errorf("%d polls in ten minutes", n)
		}
		r.wantTexts(t, "after ten minutes", "0", "11 min")
	})
}

// A value that does not change stays fresh, without a single message; what changes between the first poll and the
// subscription is not missed.
func TestQuietValuesStayFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(1)
		u.handshake = func([]string) error {
			time.Sleep(500 * time.Millisecond)
			u.values["M0"][""], u.updated["M0/"] = wait.CountOf(5), time.Now()
			time.Sleep(500 * time.Millisecond)
			return nil
		}
		r := runTelling(t, u, ref("M0"))
		r.pass(time.Second)
		r.wantTexts(t, "after the handshake", "5")
		for range 3600 {
			r.pass(time.Second)
			if r.stale() {
				t.Fatalf("stale after %v", time.Since(r.start))
			}
		}
		if len(u.handshakes) != 1 {
			t.Errorf("%d handshakes", len(u.handshakes))
		}
	})
}

// A failed poll between two slow ones makes nothing stale, even one that took its whole time to fail.
func TestOneFailedPollMakesNothingStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(1)
		r := runTelling(t, u, ref("M0"))
		for range 50 {
			r.pass(40 * time.Second)
			failed := r.polls(r.start) + 1
			u.change(func() { u.latency, u.err = 10*time.Second, &wait.Failure{Cause: wait.Timeout} })
			for r.polls(r.start) < failed {
				r.pass(100 * time.Millisecond)
			}
			for range 50 {
				r.pass(time.Second)
				if r.Report().Failure != nil {
					u.change(func() { u.latency, u.err = 0, nil })
				}
				if r.stale() {
					t.Fatalf("stale after %v", time.Since(r.start))
				}
			}
		}
		r.wantLogged(t, 50, "answers again")
	})
}

// While nobody answers polls, values age, though the line is open and messages come: what says so little may be frozen.
func TestOnlyPollsKeepValuesYoung(t *testing.T) {
	for _, messages := range []bool{false, true} {
		t.Run(fmt.Sprint("messages=", messages), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := tellsOf(1)
				r := runTelling(t, u, ref("M0"))
				r.pass(time.Minute)
				u.change(func() { u.latency = 24 * time.Hour }) // until the request's timeout, which is the client's
				frozen := time.Now()
				for range 45 {
					r.pass(time.Second)
					if messages {
						u.set("M0", "", wait.CountOf(float64(time.Now().Second())))
					}
				}
				if !r.stale() {
					t.Errorf("fresh %v after the last answer", time.Since(frozen))
				}
				r.pass(5 * time.Minute)
				r.wantTexts(t, "after five minutes", na)
			})
		})
	}
}

// A source that goes silent about changes is found out by the polls, and subscribed to anew; while it goes on like that,
// it is polled as if it told nothing.
func TestSilentSourceIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(2)
		r := runTelling(t, u, ref("M0"), ref("M1"))
		r.pass(10 * time.Minute)
		u.deaf = true
		u.set("M0", "", wait.CountOf(5))
		r.pass(24 * time.Second)
		r.wantTexts(t, "by the slow poll", "5", "1")
		r.pass(21*time.Second + 5*time.Second)
		if n := len(u.handshakes); n != 2 {
			t.Errorf("%d handshakes, want another one after the silence", n)
		}
		r.pass(time.Minute)
		if n := len(u.handshakes); n != 2 {
			t.Errorf("%d handshakes, though nothing more was missed", n)
		}
		began := time.Now()
		for n := range 360 { // changes all the time, and nothing told
			u.set("M0", "", wait.CountOf(float64(n)))
			r.pass(10 * time.Second)
		}
		if n := r.polls(began); n < 350 {
			t.Errorf("%d polls in an hour of silence, want all of 360, but for the spread", n)
		}
		if n := u.attempts(began); n > 25 {
			t.Errorf("%d handshakes in an hour of silence", n)
		}
		u.deaf = false
		r.pass(10 * time.Minute)
		u.set("M0", "", wait.CountOf(1000))
		r.pass(folded)
		r.wantTexts(t, "told again", "1,000", "1")
		began = time.Now()
		r.pass(10 * time.Minute)
		if n := r.polls(began); n > 30 {
			t.Errorf("%d polls in ten minutes after it told again", n)
		}
	})
}

// A line that breaks is replaced, and what happened meanwhile is polled.
func TestBrokenLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(1)
		r := runTelling(t, u, ref("M0"))
		r.pass(10*time.Minute + time.Second)
		u.cut(&wait.Failure{Cause: wait.Unreachable})
		synctest.Wait()
		u.set("M0", "", wait.CountOf(3))
		r.pass(interval + interval/20)
		r.wantTexts(t, "an interval later", "3")
		if got := u.open(); len(got) != 1 {
			t.Errorf("open: %v", got)
		}

		u.change(func() { u.handshake = func([]string) error { return &wait.Failure{Cause: wait.Unreachable} } })
		u.cut(&wait.Failure{Cause: wait.Timeout})
		began := time.Now()
		r.pass(time.Hour)
		if n := u.attempts(began); n < 10 || n > 30 {
			t.Errorf("%d attempts in an hour", n)
		}
		if n := r.polls(began); n < 350 || n > 370 {
			t.Errorf("%d polls in an hour without a line", n)
		}
		u.change(func() { u.handshake = func([]string) error { return nil } })
		r.pass(8 * time.Minute)
		u.set("M0", "", wait.CountOf(4))
		r.pass(folded)
		r.wantTexts(t, "subscribed again", "4")
	})
}

// Where a subscription can't be had, the source is polled, and asked again later and later.
func TestNoSubscription(t *testing.T) {
	for _, test := range []struct {
		failure     wait.Failure
		least, most int // attempts in an hour
	}{
		{wait.Failure{Cause: wait.BadRequest}, 12, 25},
		{wait.Failure{Cause: wait.Unauthorized}, 12, 25},
		{wait.Failure{Cause: wait.NotFound}, 12, 25},
		{wait.Failure{Cause: wait.Timeout}, 12, 25},
		{wait.Failure{Cause: wait.Forbidden}, 60, 150}, // isolated in vain each time
		{wait.Failure{Cause: wait.RateLimited, RetryAfter: 30 * time.Minute}, 2, 3},
	} {
		for _, insist := range []bool{false, true} {
			t.Run(fmt.Sprint(test.failure.Cause, " insist=", insist), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					u := tellsOf(4)
					u.handshake = func([]string) error { return &test.failure }
					r := runWith(t, u.upstream, Options{Source: u, Subscriber: u, Insist: insist}, ref("M0"), ref("M1"), ref("M2"), ref("M3"))
					r.wantTexts(t, "polled", "0", "1", "2", "3")
					r.pass(time.Hour)
					if n := r.polls(r.start); n < 350 || n > 370 {
						t.Errorf("%d polls in an hour", n)
					}
					if n := u.attempts(r.start.Add(-1)); n < test.least || n > test.most {
						t.Errorf("%d attempts in an hour", n)
					}
					loud := map[bool]int{true: 1}[insist]
					r.wantLogged(t, loud, "THE SOURCE DOES NOT TELL OF CHANGES")
					r.wantLogged(t, 1-loud, "the source does not tell of changes")
					r.wantLogged(t, 1, "cause="+string(test.failure.Cause))
					got := r.Report()
					if got.Failure != nil || got.Stream.Failure.Cause != test.failure.Cause || got.Stream.Polled != 4 || !got.Settled() {
						t.Errorf("reported %+v", got)
					}
				})
			})
		}
	}
}

// A metric that the source gives to polls and not to subscribers is found, and polled; the others are told.
func TestForbiddenMetricsArePolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(16)
		bad := []string{"M3", "M12"}
		u.handshake = func(ids []string) error {
			if slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(bad, id) }) {
				return &wait.Failure{Cause: wait.Forbidden}
			}
			return nil
		}
		var metrics []wait.Metric
		for i := range 16 {
			metrics = append(metrics, ref(fmt.Sprint("M", i)))
		}
		r := runTelling(t, u, metrics...)
		if got := u.open(); len(got) != 14 || slices.Contains(got, "M3") || slices.Contains(got, "M12") {
			t.Errorf("subscribed to %v", got)
		}
		if n := len(u.handshakes); n > 16 {
			t.Errorf("%d handshakes", n)
		}
		r.pass(time.Minute)
		if got := len(u.lines); got > 3 {
			t.Errorf("%d lines stay", got)
		}
		for n := r.polls(r.start); r.polls(r.start) == n; { // none is due then for a while
			r.pass(time.Second)
		}
		u.set("M4", "", wait.CountOf(44))
		u.set("M3", "", wait.CountOf(33))
		r.pass(folded)
		if got := r.texts(); got[4] != "44" || got[3] != "3" {
			t.Errorf("told: %v", got)
		}
		r.pass(interval + interval/20)
		if got := r.texts(); got[3] != "33" {
			t.Errorf("polled: %v", got)
		}
		if got := r.Report().Stream; got.Polled != 2 || got.String() != "subscribed, but for 2 metrics" {
			t.Errorf("reported %+v, %s", got, got)
		}
		r.wantLogged(t, 2, "does not tell of the changes of a metric")
		u.change(func() { bad = nil })
		r.pass(6 * time.Minute)
		if got := u.open(); len(got) != 16 {
			t.Errorf("subscribed to %v once nothing is forbidden", got)
		}
	})
}

// A metric that is gone for polls and subscribers alike takes no other with it.
func TestMetricTurnsBadWhileSubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(3)
		u.handshake = func(ids []string) error {
			if slices.Contains(ids, "M1") && u.bad["M1"] != "" {
				return &wait.Failure{Cause: wait.Forbidden}
			}
			return nil
		}
		r := runTelling(t, u, ref("M0"), ref("M1"), ref("M2"))
		r.pass(time.Minute)
		u.change(func() { u.bad["M1"] = wait.NotFound })
		u.cut(&wait.Failure{Cause: wait.Unreachable})
		for range 600 {
			r.pass(time.Second)
			page, _ := r.board.Page("w")
			for _, i := range []int{0, 2} {
				if m := page.Snapshot.Metrics[i]; m.Stale || m.Text == na {
					t.Fatalf("M%d: %+v", i, m)
				}
			}
		}
		r.wantTexts(t, "after ten minutes", "0", na, "2")
		if diff := cmp.Diff([]string{"M0", "M2"}, u.open()); diff != "" {
			t.Errorf("subscribed (-want +got):\n%s", diff)
		}
		if got := r.Report().Stream; got.Polled != 0 {
			t.Errorf("reported %+v", got)
		}
	})
}

// Many metrics need several lines, of which one may break alone.
func TestSeveralLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(10)
		u.perGroup = 3
		var metrics []wait.Metric
		for i := range 10 {
			metrics = append(metrics, ref(fmt.Sprint("M", i)))
		}
		r := runTelling(t, u, metrics...)
		r.pass(time.Minute)
		if got := r.Report().Stream; got.Sockets != 4 || got.String() != "subscribed through 4 sockets" {
			t.Errorf("reported %+v, %s", got, got)
		}
		u.mu.Lock()
		l := u.lines[1]
		l.broken <- &wait.Failure{Cause: wait.Unreachable}
		u.mu.Unlock()
		r.pass(time.Minute)
		if n := len(u.handshakes); n != 5 {
			t.Errorf("%d handshakes, want one more", n)
		}
		if last := u.handshakes[4].ids; !slices.Equal(last, l.ids) || len(u.open()) != 10 {
			t.Errorf("subscribed to %v, then to %v", l.ids, last)
		}
	})
}

// Changed wants are subscribed to before the old lines end.
func TestSetWantsWhileSubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(4)
		r := runTelling(t, u, ref("M0"), ref("M1"))
		r.pass(time.Minute)
		u.handshake = func(ids []string) error {
			if len(u.lines) == 0 {
				t.Errorf("nothing is open while %v is subscribed to", ids)
			}
			return nil
		}
		want := func(ids ...string) (wants []Want) {
			for _, id := range ids {
				wants = append(wants, Want{Metric: id, StaleAfter: time.Minute})
			}
			return wants
		}
		r.SetWants(want("M0", "M1", "M2"))
		synctest.Wait()
		if diff := cmp.Diff([]string{"M0", "M1", "M2"}, u.open()); diff != "" {
			t.Errorf("one more (-want +got):\n%s", diff)
		}
		r.SetWants(want("M1", "M3"))
		synctest.Wait()
		if diff := cmp.Diff([]string{"M1", "M3"}, u.open()); diff != "" {
			t.Errorf("others (-want +got):\n%s", diff)
		}
		for i := range 20 {
			r.SetWants(want("M0", "M1", "M2", "M3")[i%4:])
			r.pass(time.Second)
		}
		r.pass(time.Minute)
		if got := len(u.lines); got > 2 {
			t.Errorf("%d lines after many changes", got)
		}
		u.handshake = func([]string) error { return &wait.Failure{Cause: wait.ServerError} }
		r.SetWants(want("M0"))
		synctest.Wait()
		before := u.open()
		r.SetWants(want("M1", "M2"))
		synctest.Wait()
		if diff := cmp.Diff(before, u.open()); diff != "" {
			t.Errorf("subscribed while no other line can be had (-before +got):\n%s", diff)
		}
		u.handshake = func([]string) error { return nil }
		r.SetWants(nil)
		synctest.Wait()
		if got := u.open(); len(got) > 0 {
			t.Errorf("subscribed to %v though nothing is wanted", got)
		}
	})
}

// The strictest widget says how slow the polls may be.
func TestPace(t *testing.T) {
	for stale, want := range map[time.Duration]time.Duration{
		time.Second: interval, 15 * time.Second: interval, 30 * time.Second: 15 * time.Second, 45 * time.Second: 22500 * time.Millisecond, time.Hour: time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			u := tellsOf(2)
			r := runTelling(t, u, ref("M0"), ref("M1"))
			r.SetWants([]Want{{Metric: "M0", StaleAfter: 2 * time.Hour}, {Metric: "M1", StaleAfter: stale}})
			synctest.Wait()
			if got := r.pace(); got != want {
				t.Errorf("stale after %v: a poll every %v, want %v", stale, got, want)
			}
		})
	}
}

// A source that is down when it starts, or for an hour, is subscribed to once it answers polls, and not before.
func TestSubscribesOnceTheSourceAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(1)
		u.err = &wait.Failure{Cause: wait.Unreachable}
		r := runTelling(t, u, ref("M0"))
		r.pass(time.Hour)
		if len(u.handshakes) > 0 {
			t.Errorf("%d handshakes with a source that is down", len(u.handshakes))
		}
		for range 2 {
			u.change(func() { u.err = nil })
			r.pass(49 * time.Second)
			if diff := cmp.Diff([]string{"M0"}, u.open()); diff != "" {
				t.Errorf("subscribed (-want +got):\n%s", diff)
			}
			u.change(func() { u.err = &wait.Failure{Cause: wait.Unreachable} })
			r.pass(time.Minute)
			u.cut(&wait.Failure{Cause: wait.Unreachable})
			began := time.Now()
			r.pass(time.Hour)
			if n := u.attempts(began); n > 0 {
				t.Errorf("%d handshakes with a source that is down again", n)
			}
		}
	})
}

// A line that breaks now and then is soon there again, each time.
func TestBreaksNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(1)
		r := runTelling(t, u, ref("M0"))
		for n := range 30 {
			r.pass(10 * time.Minute)
			u.cut(&wait.Failure{Cause: wait.Unreachable})
			r.pass(interval)
			if len(u.open()) != 1 {
				t.Errorf("not there an interval after it broke the %d. time", n+1)
			}
		}
		r.wantLogged(t, 1, "tells of changes")
		r.wantLogged(t, 0, "does not tell of changes")
	})
}

// A source that is slow to answer, and tells something each time while it does, is confirmed by its answers all the same.
func TestToldWhileAnswersAreUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(1)
		u.latency = 3 * time.Second
		r := runWith(t, u.upstream, Options{Source: early{u}, Subscriber: u}, ref("M0"))
		r.pass(10 * time.Second)
		for n := range 600 {
			r.pass(time.Second)
			if u.set("M0", "", wait.CountOf(float64(n))); r.stale() {
				t.Fatalf("stale after %v", time.Since(r.start))
			}
		}
	})
}

// early is a teller whose answers are made before they get under way.
type early struct{ *teller }

func (u early) Values(ctx context.Context, ids []string) []wait.Batch {
	u.mu.Lock()
	b := wait.Batch{IDs: ids, Asked: time.Now()}
	for _, id := range ids {
		b.Readings = append(b.Readings, wait.KeyedReading{Key: wait.Key{Metric: id}, Reading: u.values[id][""], Updated: u.updated[id+"/"]})
	}
	u.mu.Unlock()
	b.Err = u.begin(ctx, ids)
	return []wait.Batch{b}
}

// While polls hunt for bad metrics, longer than one poll may, the lines of the good ones stay.
func TestSuspectsStaySubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := tellsOf(64)
		u.perGroup = 8
		var metrics []wait.Metric
		for i := range 64 {
			metrics = append(metrics, ref(fmt.Sprint("M", i)))
		}
		r := runTelling(t, u, metrics...)
		r.pass(time.Minute)
		u.change(func() {
			for i := 0; i < 64; i += 3 {
				u.bad[fmt.Sprint("M", i)] = wait.NotFound
			}
		})
		hunting := false
		for range 600 {
			r.pass(time.Second)
			hunting = hunting || slices.ContainsFunc(r.Report().Metrics, func(m MetricReport) bool { return m.Untried })
			open := u.open()
			for i := range 64 {
				if id := fmt.Sprint("M", i); i%3 > 0 && !slices.Contains(open, id) {
					t.Fatalf("%s is not told of", id)
				}
			}
		}
		if !hunting {
			t.Error("one poll was enough to find all bad ones")
		}
		if open := u.open(); slices.Contains(open, "M3") {
			t.Error("a bad one is told of in the end")
		}
	})
}
