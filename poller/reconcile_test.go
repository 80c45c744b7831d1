package poller

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/locale"
	"waitboard/publish"
)

// An event happens to the poller at a time after the start.
type event struct {
	at     time.Duration
	happen func()
}

// A timeline is what a source does: its value is 0, from changes[0] on 1, and from changes[1] on 2.
type timeline struct {
	changes [2]time.Duration
	pushed  [2]time.Duration // when the push of each arrives; 0: never
	asked, computed, answered,
	resolution time.Duration // of the source's dates
}

func (l timeline) String() string {
	return fmt.Sprintf("changes %v, pushed %v, poll %v–%v–%v, to %v", l.changes, l.pushed, l.asked, l.computed, l.answered, l.resolution)
}

// value is the true one at a time.
func (l timeline) value(at time.Duration) (n int) {
	for n < 2 && l.changes[n] <= at {
		n++
	}
	return n
}

// timelines yields every order of a poll that takes two seconds, two changes and their pushes.
func timelines(yield func(timeline) bool) {
	moments := []time.Duration{1000, 2500, 3500, 4500, 5500}
	delays := []time.Duration{-1, 0, 700, 1400, 2100, 2800} // -1: lost
	for _, resolution := range []time.Duration{time.Millisecond, time.Second, time.Minute} {
		for i, first := range moments {
			for _, second := range moments[i:] {
				for _, d0 := range delays {
					for _, d1 := range delays {
						l := timeline{resolution: resolution, asked: 3 * time.Second, computed: 4 * time.Second, answered: 5 * time.Second}
						l.changes = [2]time.Duration{first * time.Millisecond, (second + 200) * time.Millisecond}
						for k, d := range []time.Duration{d0, d1} {
							if d >= 0 {
								l.pushed[k] = l.changes[k] + d*time.Millisecond
							}
						}
						if l.pushed[1] > 0 && l.pushed[0] > l.pushed[1] { // a socket keeps the order
							continue
						}
						if !yield(l) {
							return
						}
					}
				}
			}
		}
	}
}

// In any order of changes, pushes and polls, the value never goes back. It is right once the last push or answer has come. It is never
// confirmed at a time when it was no longer true.
func TestEveryInterleaving(t *testing.T) {
	n := 0
	for l := range timelines {
		n++
		synctest.Test(t, func(t *testing.T) { checkTimeline(t, l) })
		if t.Failed() {
			return
		}
	}
	if n < 1000 {
		t.Errorf("%d timelines only", n)
	}
}

func checkTimeline(t *testing.T, l timeline) {
	start := time.Now().Truncate(time.Minute).Add(time.Minute)
	time.Sleep(time.Until(start))
	b := publish.New(publish.Options{Now: time.Now, Widgets: []domain.Widget{{ID: "w", Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour,
		Metrics: []domain.WidgetMetric{{ID: "m", Ref: domain.Ref{Source: "hq", Metric: "M0"}}}}}})
	defer b.Close()
	u := pusherOf(1)
	p := New(Options{Name: "hq", Source: u, Subscriber: u, Wants: []Want{{Metric: "M0"}}, Interval: interval, Store: b.Readings(), Now: time.Now,
		Metrics: NewPrometheusMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler)})
	if err := p.list(t.Context()); err != nil {
		t.Fatal(err)
	}
	key := domain.Key{Metric: "M0"}
	reading := func(n int) domain.KeyedReading {
		var updated time.Duration
		if n > 0 {
			updated = l.changes[n-1]
		}
		return domain.KeyedReading{Key: key, Reading: domain.CountOf(float64(n)), Updated: start.Add(updated.Truncate(l.resolution))}
	}
	poll := func(asked, computed time.Duration) func() {
		return func() {
			p.state.apply(&domain.Batch{IDs: []string{"M0"}, Asked: start.Add(asked), Readings: []domain.KeyedReading{reading(l.value(computed))}})
		}
	}
	events := []event{{0, poll(0, 0)}, {l.answered, poll(l.asked, l.computed)}}
	last := l.answered // when the last push or answer comes
	whole := true      // every change is pushed
	for i, at := range l.pushed {
		if whole = whole && at > 0; at > 0 {
			events = append(events, event{at, func() { p.state.receive(domain.Push{KeyedReading: reading(i + 1), At: start.Add(l.changes[i])}) }})
			last = max(last, at)
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return int(a.at - b.at) })
	shown := func() (int, domain.Sample) {
		s := p.state.metrics["M0"].observation.Samples[""]
		return int(s.Reading.Base), s
	}
	highest := 0
	for _, e := range events {
		time.Sleep(time.Until(start.Add(e.at)))
		e.happen()
		value, sample := shown()
		if sameStamp := l.resolution > time.Millisecond && reading(value).Updated.Equal(reading(highest).Updated); value < highest && !sameStamp {
			t.Errorf("%v: %d is shown after %d", l, value, highest)
		}
		highest = max(highest, value)
		if value < 2 && sample.Confirmed.After(start.Add(l.changes[value])) {
			t.Errorf("%v: %d is confirmed after it was true, at %v", l, value, sample.Confirmed.Sub(start))
		}
	}
	if value, _ := shown(); whole && value != 2 && l.resolution == time.Millisecond {
		t.Errorf("%v: %d is shown after all pushes", l, value)
	}
	if value, _ := shown(); value != 2 && l.value(l.computed) == 2 && l.resolution == time.Millisecond {
		t.Errorf("%v: %d is shown though a poll had the last value", l, value)
	}
	// The next poll brings the newest value even if it was never pushed.
	next := last + interval
	time.Sleep(time.Until(start.Add(next)))
	poll(next, next)()
	time.Sleep(time.Second)
	synctest.Wait()
	if page, _ := b.Page("w"); page.Snapshot.Metrics[0].Text != "2" {
		t.Errorf("%v: %s is shown in the end", l, page.Snapshot.Metrics[0].Text)
	}
}

// The cells of reconcile's decision table.
func TestReconcile(t *testing.T) {
	pushed := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	last := domain.Sample{Reading: domain.CountOf(5), Confirmed: pushed.Add(-time.Minute), Updated: pushed, PushedAt: pushed}
	const before, after = time.Second, -time.Second // when the push came: the poll was sent so much later
	type outcome string
	const answerWins, pushConfirmed, pushDisputed outcome = "answer", "push, confirmed", "push, disputed"
	undated := time.Time{}
	for name, test := range map[string]struct {
		sent    time.Duration // since the push
		updated time.Time
		value   float64
		want    outcome
	}{
		"newer_push_before_poll":              {before, pushed.Add(1), 6, answerWins},
		"newer_push_after_poll":               {after, pushed.Add(1), 6, answerWins},
		"equal_push_before_poll":              {before, pushed, 5, answerWins},
		"equal_push_before_poll_other_value":  {before, pushed, 4, answerWins},
		"equal_push_after_poll":               {after, pushed, 5, pushConfirmed},
		"equal_push_after_poll_other_value":   {after, pushed, 4, pushDisputed},
		"older_push_before_poll":              {before, pushed.Add(-1), 4, pushDisputed},
		"older_push_before_poll_and_patience": {interval, pushed.Add(-1), 4, answerWins},
		"older_push_after_poll":               {after, pushed.Add(-1), 4, pushConfirmed},
		"undated_push_before_poll":            {before, undated, 4, answerWins},
		"undated_push_after_poll":             {after, undated, 4, pushDisputed},
	} {
		t.Run(name, func(t *testing.T) {
			sent := pushed.Add(test.sent)
			want := map[outcome]domain.Sample{
				answerWins:    {Reading: domain.CountOf(test.value), Confirmed: sent, Updated: test.updated},
				pushConfirmed: {Reading: last.Reading, Confirmed: sent, Updated: pushed, PushedAt: pushed},
				pushDisputed:  last,
			}[test.want]
			got, disputed := reconcile(last, domain.KeyedReading{Reading: domain.CountOf(test.value), Updated: test.updated}, sent, interval)
			if got != want || disputed != (test.want == pushDisputed) {
				t.Errorf("got %+v, disputed %v; want %s", got, disputed, test.want)
			}
		})
	}
	t.Run("no_push", func(t *testing.T) {
		polled := last
		polled.PushedAt = time.Time{}
		for _, updated := range []time.Time{pushed.Add(-1), pushed, undated} {
			if got, disputed := reconcile(polled, domain.KeyedReading{Reading: domain.CountOf(4), Updated: updated}, pushed.Add(1), interval); got.Reading != domain.CountOf(4) || disputed {
				t.Errorf("updated %v: got %+v, disputed %v", updated, got, disputed)
			}
		}
	})
}

// The source dates a running wait by its clock at the beginning. If the clock is set, the new estimate does not fit that date.
func TestClockSetDuringAWait(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	line := func(base time.Duration, moved time.Duration) domain.Reading {
		return domain.Line(base, 1, noon.Add(moved))
	}
	last := domain.Sample{Reading: line(0, 0), Confirmed: noon.Add(20 * time.Second), Updated: noon, Dated: noon.Add(10 * time.Second)}
	fresh := last
	fresh.Confirmed = last.Dated
	for _, test := range []struct {
		name      string
		answer    domain.Reading
		updated   time.Duration // after the last one
		want      domain.Reading
		confirmed bool
	}{
		{"the clock was set forward", line(0, -5*time.Minute), 0, last.Reading, true},
		{"and back", line(0, time.Hour), 0, last.Reading, true},
		{"the estimate improves", line(0, -time.Second), 0, line(0, -time.Second), true},
		{"the source dates it again", line(0, time.Second), 5 * time.Minute, line(0, time.Second), true},
		{"another wait of that date", line(time.Minute, -5*time.Minute), 0, line(time.Minute, -5*time.Minute), true},
		{"it is over", domain.Line(0, 0, time.Time{}), 0, domain.Line(0, 0, time.Time{}), true},
		{"doubtful clock", domain.Reading{Unclear: true}, 0, last.Reading, false},
		{"doubtful clock, another date", domain.Reading{Unclear: true}, time.Second, domain.Reading{Unclear: true}, true},
	} {
		asked := noon.Add(time.Minute)
		got, unsure := reconcile(last, domain.KeyedReading{Reading: test.answer, Updated: noon.Add(test.updated)}, asked, interval)
		if got.Reading != test.want || got.Confirmed.Equal(asked) != test.confirmed || unsure == test.confirmed {
			t.Errorf("%s: got %+v, %v", test.name, got, unsure)
		}
	}
	// A single answer may have been made while the clock was set.
	moved := domain.KeyedReading{Reading: line(0, -5*time.Minute), Updated: noon}
	if got, _ := reconcile(fresh, moved, noon.Add(time.Minute), interval); got.Reading != moved.Reading || !got.Dated.Equal(noon.Add(time.Minute)) {
		t.Errorf("the line of a single answer stays: %+v", got)
	}
	if got, _ := reconcile(fresh, domain.KeyedReading{Reading: line(0, time.Second), Updated: noon}, noon.Add(time.Minute), interval); !settled(&got) {
		t.Errorf("the line of two answers is not settled: %+v", got)
	}
	synctest.Test(t, func(t *testing.T) { // the same for a push
		u := pusherOf(1)
		began := time.Now()
		u.values["M0"][""] = domain.Line(0, 1, began)
		r := runPushing(t, u, ref("M0"))
		r.pass(30 * time.Second) // for two polls
		u.push(domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: "M0"}, Reading: domain.Line(0, 1, began.Add(-5*time.Minute)), Updated: u.updated["M0/"]}, At: began})
		r.pass(pushShown)
		r.wantTexts(t, "pushed again", "1 min")
	})
}

// The source's clock is set back: pushes and answers are dated before the last values. The true value is shown within two intervals, and
// the next push at once.
func TestClockSetBack(t *testing.T) {
	for _, back := range []time.Duration{2 * time.Second, time.Minute, 24 * time.Hour} {
		for _, pushed := range []bool{false, true} { // whether the last value was pushed
			t.Run(fmt.Sprint(back, " pushed=", pushed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(48 * time.Hour)
					u := pusherOf(1)
					r := runPushing(t, u, ref("M0"))
					r.pass(time.Minute)
					u.set("M0", "", domain.CountOf(1))
					r.pass(time.Second)
					if !pushed {
						r.pass(25 * time.Second) // for a poll
					}
					u.skew = -back
					u.set("M0", "", domain.CountOf(2))
					for range 2 {
						r.pass(interval + interval/20)
					}
					r.wantTexts(t, "two intervals after", "2")
					if r.stale() {
						t.Error("stale")
					}
					u.set("M0", "", domain.CountOf(3))
					r.pass(pushShown)
					r.wantTexts(t, "pushed", "3")
					r.pass(5 * time.Minute)
					if len(u.handshakes) != 1 {
						t.Errorf("%d handshakes", len(u.handshakes))
					}
				})
			})
		}
	}
}

// A cached answer, from before a push, does not replace the pushed value.
func TestAnswerFromACache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		r := runPushing(t, u, ref("M0"))
		r.pass(10 * time.Second)
		cached := u.updated["M0/"]
		u.set("M0", "", domain.CountOf(5))
		truth := u.updated["M0/"]
		u.change(func() { u.values["M0"][""], u.updated["M0/"] = domain.CountOf(0), cached })
		r.state.mu.Lock()
		r.state.urgency = soon // a poll follows
		r.state.mu.Unlock()
		wake(r.state.loop)
		for range 8 {
			r.pass(time.Second)
			r.wantTexts(t, "while answers are old", "5")
		}
		u.change(func() { u.values["M0"][""], u.updated["M0/"] = domain.CountOf(5), truth })
		r.pass(time.Minute)
		r.wantTexts(t, "after that", "5")
	})
}

// A message that can't be used is a reason to poll, but no more often than without a subscription.
func TestUnusablePushes(t *testing.T) {
	dated := func(id, category string, updated time.Time) domain.Push {
		return domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: id, Category: category}, Reading: domain.CountOf(99), Updated: updated}, At: time.Now()}
	}
	for name, test := range map[string]struct {
		message func() domain.Push
		polled  bool
	}{
		"unreadable":           {func() domain.Push { return domain.Push{} }, true},
		"undated":              {func() domain.Push { return dated("M0", "", time.Time{}) }, true},
		"old":                  {func() domain.Push { return dated("M0", "", time.Now().Add(-time.Hour)) }, true},
		"of an unknown metric": {func() domain.Push { return dated("NOSUCH", "", time.Now()) }, false},
		"of a category, of a metric that has none":  {func() domain.Push { return dated("M0", "Support", time.Now()) }, true},
		"of an unknown category":                    {func() domain.Push { return dated("M1", "Sales", time.Now()) }, true},
		"of no category, of a metric that has some": {func() domain.Push { return dated("M1", "", time.Now()) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := pusherOf(2)
				u.values["M1"] = map[string]domain.Reading{"Support": domain.CountOf(1)}
				r := runPushing(t, u, ref("M0"), ref("M1"))
				r.pass(time.Minute)
				began := time.Now()
				message := test.message()
				for range 600 {
					for _, l := range u.sockets {
						l.receive(message)
					}
					r.pass(time.Second)
					r.wantTexts(t, "all the time", "0", "1")
				}
				if n := r.polls(began); n > 63 || test.polled != (n > 55) {
					t.Errorf("%d polls in ten minutes", n)
				}
				if len(u.handshakes) != 1 {
					t.Errorf("%d handshakes", len(u.handshakes))
				}
			})
		})
	}
}

// Initializing values are shown as soon as they are pushed. A sum or a maximum needs all its parts.
func TestInitializingWhileSubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(3)
		u.values["M1"] = map[string]domain.Reading{"Sales": domain.CountOf(4), "Support": domain.CountOf(6)}
		u.values["M2"] = map[string]domain.Reading{"Sales": domain.CountOf(4), "Support": domain.CountOf(6)}
		u.initializing["M0"], u.initializing["M1/Support"], u.initializing["M2"] = true, true, true
		r := runPushing(t, u, ref("M0"), ref("M1"), ref("M2"))
		r.wantTexts(t, "at first", na, na, na)
		u.set("M0", "", domain.CountOf(3))
		u.set("M1", "Sales", domain.CountOf(5))
		u.set("M2", "Sales", domain.CountOf(5)) // of a metric whose categories are unknown
		r.pass(pushShown)
		r.wantTexts(t, "pushed some", "3", na, na)
		u.set("M1", "Support", domain.CountOf(7))
		r.pass(pushShown)
		r.wantTexts(t, "pushed all", "3", "7", na)
		for range 120 {
			r.pass(time.Second)
			u.set("M0", "", domain.CountOf(3))
			u.set("M1", "Support", domain.CountOf(7))
		}
		page, _ := r.publisher.Page("w")
		if m := page.Snapshot.Metrics; m[0].Stale || m[1].Stale {
			t.Errorf("stale though pushed all the time: %+v", m)
		}
		// A late push is as old as its date.
		late := domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: "M0"}, Reading: domain.CountOf(8), Updated: time.Now()}, At: time.Now()}
		r.pass(40 * time.Second)
		u.push(late)
		r.pass(time.Second)
		r.wantTexts(t, "late", "8", "7", na)
		if page, _ := r.publisher.Page("w"); page.Snapshot.Metrics[0].Stale {
			t.Error("stale too early")
		}
		r.pass(5 * time.Second)
		if page, _ := r.publisher.Page("w"); !page.Snapshot.Metrics[0].Stale {
			t.Error("a late push counts as new")
		}
		u.change(func() { u.initializing = map[string]bool{} })
		r.pass(2 * interval)
		r.wantTexts(t, "ready", "3", "7", "6")
	})
}

// A value that is pushed on connecting was true then, however old its date.
func TestPushOfAnOldChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		u.initializing["M0"] = true
		began := time.Now()
		r := runPushing(t, u, ref("M0"))
		at := began.Add(-time.Hour)
		u.push(domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: "M0"}, Reading: domain.CountOf(8), Updated: at}, At: at})
		r.pass(time.Second)
		page, _ := r.publisher.Page("w")
		if s := page.Snapshot; s.Stale || s.ObservedAt.Before(began) || !s.ObservedAt.Before(time.Now()) || s.Metrics[0].Text != "8" {
			t.Errorf("%v after the start: %+v", s.ObservedAt.Sub(began), s)
		}
		r.pass(46 * time.Second) // and nothing confirms it
		if page, _ := r.publisher.Page("w"); !page.Snapshot.Stale {
			t.Errorf("not stale: %+v", page.Snapshot)
		}
	})
}

// A category value that is pushed while an answer without it is under way stays until the next answer.
func TestCategoryPushedDuringAnAnswer(t *testing.T) {
	asked := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	pushed := domain.Sample{Reading: domain.CountOf(2), Confirmed: asked.Add(-time.Minute), Updated: asked, PushedAt: asked.Add(time.Second)}
	old := domain.Observation{Confirmed: pushed.Confirmed, Samples: map[string]domain.Sample{"Sales": pushed, "Support": {Reading: domain.CountOf(1), Confirmed: pushed.Confirmed}}}
	answer := answer{readings: []domain.KeyedReading{{Key: domain.Key{Category: "Billing"}, Reading: domain.CountOf(3)}}}
	for wait, want := range map[time.Duration]int{0: 2, 2 * time.Second: 1} {
		if joined, _ := answer.merge(old, asked.Add(wait), interval); len(joined.Samples) != want {
			t.Errorf("asked %v later: %+v", wait, joined.Samples)
		}
	}
}

// Pushes don't move observed_at, which would reveal changes of a hidden value.
func TestMessagesDontMoveObservedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := pusherOf(1)
		hidden := ref("M0")
		hidden.Display = domain.Display{Kind: domain.Count, Above: 20}
		r := runPushing(t, u, hidden)
		r.pass(time.Second)
		u.set("M0", "", domain.CountOf(30))
		r.pass(time.Second)
		before, _ := r.publisher.Page("w")
		for n := range 5 {
			u.set("M0", "", domain.CountOf(float64(31+n)))
			r.pass(time.Second)
		}
		if after, _ := r.publisher.Page("w"); string(after.Plain.Body) != string(before.Plain.Body) || after.Snapshot.Metrics[0].Text != "20+" {
			t.Errorf("hidden changes show: %s, then %s", before.Plain.Body, after.Plain.Body)
		}
	})
}

// The source's clock is set back to a time after the last change. A push of a new wait is newer then, but begins long ago. The last answer
// would have had it, so it is ignored, and a poll follows within an interval. A late push, and one that does not run, is taken.
func TestClockSetBackAfterALongQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(48 * time.Hour)
		u := pusherOf(2)
		quiet := time.Now().Add(-3 * time.Hour)
		u.values["M0"][""], u.updated["M0/"], u.updated["M1/"] = domain.Line(0, 0, time.Time{}), quiet, quiet
		r := runPushing(t, u, ref("M0"), ref("M1"))
		r.pass(25 * time.Second)
		say := func(id string, reading domain.Reading, at time.Time) {
			u.push(domain.Push{KeyedReading: domain.KeyedReading{Key: domain.Key{Metric: id}, Reading: reading, Updated: at}, At: at})
			r.pass(pushShown)
		}
		before := time.Now()
		say("M0", domain.Line(0, 1, before.Add(-time.Hour)), before.Add(-time.Hour))
		say("M1", domain.CountOf(7), before.Add(-time.Hour))
		r.wantTexts(t, "dated an hour ago", "0 min", "7")
		r.pass(interval + interval/20)
		if r.polls(before) == 0 {
			t.Error("no poll followed")
		}
		now := time.Now()
		r.pass(2 * time.Minute)
		say("M0", domain.Line(0, 1, now.Add(2*time.Minute)), now.Add(2*time.Minute))
		r.wantTexts(t, "dated now", "1 min", "1") // and M1 as the polls say
	})
}

// An answer of a doubtful date is compared by that date: another node of a cluster agrees with the running wait, a cached answer is behind it,
// and a clock that was set is off.
func TestRunningWaitInAnUnclearAnswer(t *testing.T) {
	asked := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	last := domain.Sample{Reading: domain.Line(time.Minute, 1, asked.Add(-time.Minute)), Confirmed: asked.Add(-10 * time.Second), Updated: asked.Add(-time.Minute)}
	tests := map[string]struct {
		own     domain.Reading
		runs    bool
		updated time.Time
	}{
		"the same wait by another clock":    {domain.Line(time.Minute, 1, asked.Add(-time.Minute-700*time.Millisecond)), true, asked.Add(-68 * time.Second)},
		"a cached answer":                   {domain.Line(time.Minute, 1, asked.Add(-50*time.Second)), false, asked.Add(-70 * time.Second)},
		"a clock that was set":              {domain.Line(time.Minute, 1, asked.Add(-11*time.Minute)), false, asked.Add(-time.Minute + time.Second)},
		"another caller":                    {domain.Line(0, 1, asked.Add(-5*time.Second)), false, asked.Add(-13 * time.Second)},
		"nobody waits":                      {domain.Line(0, 0, asked), false, asked.Add(-13 * time.Second)},
		"two callers":                       {domain.Line(time.Minute, 2, asked.Add(-30*time.Second)), false, asked.Add(-38 * time.Second)},
		"an answer without a readable date": {domain.Reading{}, false, asked.Add(-68 * time.Second)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, contradicts := reconcile(last, domain.KeyedReading{Reading: domain.Reading{Unclear: true}, ByOwnDate: test.own, Updated: test.updated}, asked, interval)
			if contradicts || (s.Reading == last.Reading && s.Confirmed.Equal(asked)) != test.runs {
				t.Errorf("got %+v, %v", s, contradicts)
			}
		})
	}
}
