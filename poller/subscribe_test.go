package poller

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// Poll, subscribe, poll: then changes are shown as they happen, and polls are few.
func TestSubscribes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(3)
		r := runPushing(t, u, ref("M2"), ref("Calls in queue 1"), ref("M1"))
		r.wantTexts(t, "at once", "2", "1", "1")
		if n := r.polls(r.start.Add(-1)); n != 2 {
			t.Errorf("%d polls at first, want one before and one after the handshake", n)
		}
		if diff := cmp.Diff([]string{"M1", "M2"}, u.open()); diff != "" {
			t.Errorf("subscribed (-want +got):\n%s", diff)
		}
		r.pass(time.Second)
		u.set("M1", "", domain.CountOf(7))
		r.pass(pushShown)
		r.wantTexts(t, "pushed", "2", "7", "7")
		r.pass(time.Second)
		u.set("M2", "", domain.Reading{})
		r.pass(pushShown)
		r.wantTexts(t, "pushed: no value", na, "7", "7")
		began := time.Now()
		r.pass(10 * time.Minute)
		if n := r.polls(began); n < 25 || n > 29 {
			t.Errorf("%d polls in ten minutes, want one every 22.5 s", n)
		}
		if len(u.handshakes) != 1 {
			t.Errorf("%d handshakes", len(u.handshakes))
		}
		if got := r.Report().Subscription; got != (SubscriptionReport{Wanted: true, Tried: true, Sockets: 1, Since: got.Since}) || got.Since.IsZero() || got.String() != "subscribed" {
			t.Errorf("reported %+v, %s", got, got)
		}
		r.wantLogged(t, 1, "subscription active")
	})
}

// A source may push unchanged values, on connecting and later. They are no reason to poll.
func TestUnchangedValuesArePushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(2)
		began := time.Now()
		u.values["M1"][""] = domain.Line(time.Minute, 1, began)
		r := runPushing(t, u, ref("M0"), ref("M1"))
		for n := range 600 {
			for id, values := range u.values {
				line := values[""]
				if line.Kind == domain.Duration {
					line.Instant = began.Add(time.Duration(n) * time.Millisecond) // the estimate of the source's clock moves
				}
				u.push(domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: id}, Reading: line, Updated: u.updated[id+"/"]}, At: time.Now()})
			}
			r.pass(time.Second)
		}
		if n := r.polls(began); n > 29 {
			t.Errorf("%d polls in ten minutes", n)
		}
		r.wantTexts(t, "after ten minutes", "0", "11 min")
	})
}

// A value that does not change stays fresh without a push. A change between the first poll and the subscription is not missed.
func TestQuietValuesStayFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		u.handshake = func([]string) error {
			time.Sleep(500 * time.Millisecond)
			u.change(func() { u.values["M0"][""], u.updated["M0/"] = domain.CountOf(5), time.Now() })
			time.Sleep(500 * time.Millisecond)
			return nil
		}
		r := runPushing(t, u, ref("M0"))
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

// A failed poll between two slow ones makes nothing stale, even one that fails by a timeout.
func TestOneFailedPollMakesNothingStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		r := runPushing(t, u, ref("M0"))
		for range 50 {
			r.pass(40 * time.Second)
			failed := r.polls(r.start) + 1
			u.change(func() { u.latency, u.err = 10*time.Second, &domain.Failure{Cause: domain.Timeout} })
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
		r.wantLogged(t, 50, "poll succeeded again")
	})
}

// While polls fail, values age, even if the socket is open and messages come.
func TestOnlyPollsKeepValuesYoung(t *testing.T) {
	for _, messages := range []bool{false, true} {
		t.Run(fmt.Sprint("messages=", messages), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := pusherOf(1)
				r := runPushing(t, u, ref("M0"))
				r.pass(time.Minute)
				u.change(func() { u.latency = 24 * time.Hour }) // until the request's timeout, which is the client's
				frozen := time.Now()
				for range 45 {
					r.pass(time.Second)
					if messages {
						u.set("M0", "", domain.CountOf(float64(time.Now().Second())))
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

// Polls detect a source that stops pushing. The poller subscribes again, and polls every interval until the next push.
func TestMissedPush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(2)
		r := runPushing(t, u, ref("M0"), ref("M1"))
		r.pass(10 * time.Minute)
		u.silent = true
		u.set("M0", "", domain.CountOf(5))
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
		for n := range 360 { // changes all the time, without a push
			u.set("M0", "", domain.CountOf(float64(n)))
			r.pass(10 * time.Second)
		}
		if n := r.polls(began); n < 350 {
			t.Errorf("%d polls in an hour of silence, want all of 360, except for jitter", n)
		}
		if n := u.attempts(began); n > 25 {
			t.Errorf("%d handshakes in an hour of silence", n)
		}
		u.silent = false
		r.pass(10 * time.Minute)
		u.set("M0", "", domain.CountOf(1000))
		r.pass(pushShown)
		r.wantTexts(t, "pushed again", "1,000", "1")
		began = time.Now()
		r.pass(10 * time.Minute)
		if n := r.polls(began); n > 30 {
			t.Errorf("%d polls in ten minutes after the next push", n)
		}
	})
}

// The shortest stale_after sets the pace of slow polls.
func TestPace(t *testing.T) {
	for stale, want := range map[time.Duration]time.Duration{
		time.Second: interval, 15 * time.Second: interval, 30 * time.Second: 15 * time.Second, 45 * time.Second: 22500 * time.Millisecond, time.Hour: time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			u := pusherOf(2)
			r := runPushing(t, u, ref("M0"), ref("M1"))
			r.SetWants([]Want{{Metric: "M0", StaleAfter: 2 * time.Hour}, {Metric: "M1", StaleAfter: stale}})
			synctest.Wait()
			if got, _, _ := r.state.pace(); got != want {
				t.Errorf("stale after %v: a poll every %v, want %v", stale, got, want)
			}
		})
	}
}

// Slow answers confirm a value that is pushed while each of them is under way.
func TestPushedDuringSlowAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		u.latency = 3 * time.Second
		r := runWith(t, u.upstream, Options{Source: early{u}, Subscriber: u}, ref("M0"))
		r.pass(10 * time.Second)
		for n := range 600 {
			r.pass(time.Second)
			if u.set("M0", "", domain.CountOf(float64(n))); r.stale() {
				t.Fatalf("stale after %v", time.Since(r.start))
			}
		}
	})
}

// early is a pusher that makes its answers before their latency.
type early struct{ *pusher }

func (u early) Values(ctx context.Context, ids []string) []domain.Batch {
	u.mu.Lock()
	b := domain.Batch{IDs: ids, Asked: time.Now()}
	for _, id := range ids {
		b.Readings = append(b.Readings, domain.KeyedReading{Key: domain.Key{Metric: id}, Reading: u.values[id][""], Updated: u.updated[id+"/"]})
	}
	u.mu.Unlock()
	b.Err = u.begin(ctx, ids)
	return []domain.Batch{b}
}
