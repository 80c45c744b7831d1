package poller

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// A broken socket is replaced, and a poll finds what changed meanwhile.
func TestBrokenSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		r := runPushing(t, u, ref("M0"))
		r.pass(10*time.Minute + time.Second)
		u.cut(&domain.Failure{Cause: domain.Unreachable})
		synctest.Wait()
		u.set("M0", "", domain.CountOf(3))
		r.pass(interval + interval/20)
		r.wantTexts(t, "an interval later", "3")
		if got := u.open(); len(got) != 1 {
			t.Errorf("open: %v", got)
		}

		u.change(func() { u.handshake = func([]string) error { return &domain.Failure{Cause: domain.Unreachable} } })
		u.cut(&domain.Failure{Cause: domain.Timeout})
		began := time.Now()
		r.pass(time.Hour)
		if n := u.attempts(began); n < 60 || n > 75 {
			t.Errorf("%d attempts in an hour", n)
		}
		if n := r.polls(began); n < 350 || n > 370 {
			t.Errorf("%d polls in an hour without a socket", n)
		}
		u.change(func() { u.handshake = func([]string) error { return nil } })
		r.pass(8 * time.Minute)
		u.set("M0", "", domain.CountOf(4))
		r.pass(pushShown)
		r.wantTexts(t, "subscribed again", "4")
	})
}

// Sockets are renewed without a gap, because the source's name may lead elsewhere by now.
func TestRenewedSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(2)
		u.perGroup = 1
		r := runPushing(t, u, ref("M0"), ref("M1"))
		r.pass(time.Second)
		r.pass(socketLife - 2*time.Second)
		if n := u.renewed(); n != 0 {
			t.Errorf("%d renewals in the first minutes", n)
		}
		r.pass(2 * time.Second)
		if n, open := u.renewed(), u.open(); n != 2 || len(open) != 2 {
			t.Errorf("%d renewals when they are due, open: %v", n, open)
		}
		u.set("M1", "", domain.CountOf(3))
		r.pass(pushShown)
		r.wantTexts(t, "through the new socket", "0", "3")

		u.change(func() { u.handshake = func([]string) error { return &domain.Failure{Cause: domain.Forbidden} } })
		began := time.Now()
		r.pass(time.Hour)
		if n, open := u.renewed()-2, u.open(); n < 22 || n > 24 || len(open) != 2 {
			t.Errorf("%d renewals in an hour that fail, open: %v", n, open)
		}
		u.set("M0", "", domain.CountOf(4))
		r.pass(pushShown)
		r.wantTexts(t, "through the old socket", "4", "3")
		if n := r.polls(began); n > 165 { // half of stale_after apart, as with healthy sockets
			t.Errorf("%d polls in an hour", n)
		}
	})
}

// Without a subscription the source is polled, and attempts become rare.
func TestNoSubscription(t *testing.T) {
	for _, test := range []struct {
		failure     domain.Failure
		least, most int // attempts in an hour
	}{
		{domain.Failure{Cause: domain.BadRequest}, 12, 25},
		{domain.Failure{Cause: domain.Unauthorized}, 12, 25},
		{domain.Failure{Cause: domain.NotFound}, 12, 25},
		{domain.Failure{Cause: domain.Timeout}, 60, 75},
		{domain.Failure{Cause: domain.Forbidden}, 60, 75},
		{domain.Failure{Cause: domain.RateLimited, RetryAfter: 30 * time.Minute}, 2, 3},
	} {
		for _, insist := range []bool{false, true} {
			t.Run(fmt.Sprint(test.failure.Cause, " insist=", insist), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					u := pusherOf(4)
					u.handshake = func([]string) error { return &test.failure }
					r := runWith(t, u.upstream, Options{Source: u, Subscriber: u, SubscriptionRequired: insist}, ref("M0"), ref("M1"), ref("M2"), ref("M3"))
					r.wantTexts(t, "polled", "0", "1", "2", "3")
					r.pass(time.Hour)
					if n := r.polls(r.start); n < 350 || n > 370 {
						t.Errorf("%d polls in an hour", n)
					}
					if n := u.attempts(r.start.Add(-1)); n < test.least || n > test.most {
						t.Errorf("%d attempts in an hour", n)
					}
					loud := map[bool]int{true: 1}[insist]
					r.wantLogged(t, loud, "level=ERROR msg=\"subscription unavailable")
					r.wantLogged(t, 1-loud, "level=INFO msg=\"subscription unavailable")
					r.wantLogged(t, 1, "cause="+string(test.failure.Cause))
					got := r.Report()
					if got.Failure != nil || got.Subscription.Failure.Cause != test.failure.Cause || got.Subscription.Polled != 4 || !got.Settled() {
						t.Errorf("reported %+v", got)
					}
				})
			})
		}
	}
}

// A metric that polls and handshakes reject does not affect the others.
func TestMetricTurnsBadWhileSubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(3)
		u.handshake = func(ids []string) error {
			if slices.Contains(ids, "M1") && u.bad["M1"] != "" {
				return &domain.Failure{Cause: domain.Forbidden}
			}
			return nil
		}
		r := runPushing(t, u, ref("M0"), ref("M1"), ref("M2"))
		r.pass(time.Minute)
		u.change(func() { u.bad["M1"] = domain.NotFound })
		u.cut(&domain.Failure{Cause: domain.Unreachable})
		for range 600 {
			r.pass(time.Second)
			page, _ := r.publisher.Page("w")
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
		if got := r.Report().Subscription; got.Polled != 0 {
			t.Errorf("reported %+v", got)
		}
	})
}

// A metric that polls may no longer request may still be pushed, until its socket is replaced. It ages from the last poll, though the value
// is that of the last push.
func TestPushedWhileForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(2)
		u.handshake = func(ids []string) error {
			if slices.Contains(ids, "M1") && u.bad["M1"] != "" {
				return &domain.Failure{Cause: domain.Forbidden}
			}
			return nil
		}
		r := runPushing(t, u, ref("M0"), ref("M1"))
		r.pass(time.Minute)
		u.change(func() { u.bad["M1"] = domain.Forbidden })
		u.set("M1", "", domain.CountOf(7))
		r.pass(time.Second)
		r.wantTexts(t, "pushed", "0", "7")
		page, _ := r.publisher.Page("w")
		confirmed := page.Snapshot.ObservedAt
		r.pass(25 * time.Second)
		if diff := cmp.Diff([]string{"M0"}, u.open()); diff != "" {
			t.Errorf("subscribed (-want +got):\n%s", diff)
		}
		u.set("M1", "", domain.CountOf(8))
		for _, test := range []struct {
			age   time.Duration
			stale bool
			text  string
		}{{44 * time.Second, false, "7"}, {46 * time.Second, true, "7"}, {299 * time.Second, true, "7"}, {301 * time.Second, false, na}} {
			r.pass(time.Until(confirmed.Add(test.age)))
			page, _ := r.publisher.Page("w")
			if m := page.Snapshot.Metrics[1]; m.Text != test.text || m.Stale != test.stale || test.text != na && !page.Snapshot.ObservedAt.Equal(confirmed) {
				t.Errorf("%v after it was confirmed, which it is said to be %v ago: %+v", test.age, time.Since(page.Snapshot.ObservedAt), m)
			}
		}
	})
}

// Many metrics need several sockets, of which one may break alone.
func TestSeveralSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(10)
		u.perGroup = 3
		var metrics []domain.WidgetMetric
		for i := range 10 {
			metrics = append(metrics, ref(fmt.Sprint("M", i)))
		}
		r := runPushing(t, u, metrics...)
		r.pass(time.Minute)
		if got := r.Report().Subscription; got.Sockets != 4 || got.String() != "subscribed" {
			t.Errorf("reported %+v, %s", got, got)
		}
		u.mu.Lock()
		l := u.sockets[1]
		l.broken <- &domain.Failure{Cause: domain.Unreachable}
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

// Changed wants are subscribed to before the old sockets are closed.
func TestSetWantsWhileSubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(4)
		r := runPushing(t, u, ref("M0"), ref("M1"))
		r.pass(time.Minute)
		u.handshake = func(ids []string) error {
			if len(u.sockets) == 0 {
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
		if got := len(u.sockets); got > 2 {
			t.Errorf("%d sockets after many changes", got)
		}
		u.handshake = func([]string) error { return &domain.Failure{Cause: domain.ServerError} }
		r.SetWants(want("M0"))
		synctest.Wait()
		before := u.open()
		r.SetWants(want("M1", "M2"))
		synctest.Wait()
		if diff := cmp.Diff(before, u.open()); diff != "" {
			t.Errorf("subscribed while handshakes fail (-before +got):\n%s", diff)
		}
		u.handshake = func([]string) error { return nil }
		r.SetWants(nil)
		synctest.Wait()
		if got := u.open(); len(got) > 0 {
			t.Errorf("subscribed to %v though nothing is wanted", got)
		}
	})
}

// The subscription begins once polls succeed, at the start and after an outage.
func TestSubscribesOncePollsSucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		u.err = &domain.Failure{Cause: domain.Unreachable}
		r := runPushing(t, u, ref("M0"))
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
			u.change(func() { u.err = &domain.Failure{Cause: domain.Unreachable} })
			r.pass(time.Minute)
			u.cut(&domain.Failure{Cause: domain.Unreachable})
			began := time.Now()
			r.pass(time.Hour)
			if n := u.attempts(began); n > 0 {
				t.Errorf("%d handshakes with a source that is down again", n)
			}
		}
	})
}

// A socket that breaks now and then is replaced within an interval each time.
func TestBreaksNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		r := runPushing(t, u, ref("M0"))
		for n := range 30 {
			r.pass(10 * time.Minute)
			u.cut(&domain.Failure{Cause: domain.Unreachable})
			r.pass(interval)
			if len(u.open()) != 1 {
				t.Errorf("not replaced an interval after break %d", n+1)
			}
		}
		r.wantLogged(t, 1, "subscription active")
		r.wantLogged(t, 0, "subscription unavailable")
	})
}

// Sockets that break as soon as they are opened, as behind some proxies, are logged once, and so is the recovery.
func TestBreaksAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		began := time.Now()
		r := runPushing(t, u, ref("M0"))
		for range 3600 {
			r.pass(time.Second)
			u.cut(&domain.Failure{Cause: domain.Unreachable})
		}
		if n := u.attempts(began); n < 30 {
			t.Errorf("only %d handshakes", n)
		}
		r.pass(10 * time.Minute)
		r.wantLogged(t, 2, "subscription active")
		r.wantLogged(t, 1, "subscription unavailable")
	})
}

// While several polls bisect, the good metrics stay subscribed.
func TestSuspectsStaySubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(64)
		u.perGroup = 8
		var metrics []domain.WidgetMetric
		for i := range 64 {
			metrics = append(metrics, ref(fmt.Sprint("M", i)))
		}
		r := runPushing(t, u, metrics...)
		r.pass(time.Minute)
		u.change(func() {
			for i := 0; i < 64; i += 3 {
				u.bad[fmt.Sprint("M", i)] = domain.NotFound
			}
		})
		bisecting := false
		for range 600 {
			r.pass(time.Second)
			bisecting = bisecting || slices.ContainsFunc(r.Report().Metrics, func(m MetricReport) bool { return m.Untried })
			open := u.open()
			for i := range 64 {
				if id := fmt.Sprint("M", i); i%3 > 0 && !slices.Contains(open, id) {
					t.Fatalf("%s is not subscribed to", id)
				}
			}
		}
		if !bisecting {
			t.Error("one poll found all bad metrics")
		}
		if open := u.open(); slices.Contains(open, "M3") {
			t.Error("a bad metric is subscribed to in the end")
		}
	})
}
