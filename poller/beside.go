package poller

import (
	"cmp"
	"context"
	"sync"
	"time"

	"waitboard/wait"
)

// errGivenUp ends a question whose answer nobody waits for any longer, and is what that is counted as.
var errGivenUp = &wait.Failure{Cause: wait.Timeout, Detail: "no answer before the same question had one that was put later"}

// An answer is what the source says to a question, or that it says nothing.
type answer[T any] struct {
	number int // of the question, from 1
	asked  time.Time
	said   T
}

// beside puts a question to the source. Where the source may take longer than an interval to answer, the same is asked again
// beside it after each interval without an answer, which takes another connection: that of the first may have been dead since
// a fault that is over. The first goes on nevertheless, since the source may just be slow; of those beside it only the newest
// does. Whichever is answered first is answered for all.
//
// failed says why an answer is of no use; nil if it is of use. took is how long the last one of use took: a source that is
// known to be slow is given twice that time before anything is asked beside. spend is told of what is.
func beside[T any](ctx context.Context, p *Poller, took *time.Duration, spend func(time.Time), ask func(context.Context) T, failed func(T) *wait.Failure) T {
	var asking sync.WaitGroup
	defer asking.Wait()
	answers, over, number := make(chan answer[T]), make(chan struct{}), 0
	defer close(over)
	put := func() (giveUp context.CancelCauseFunc) {
		number++
		a := answer[T]{number: number, asked: p.now()}
		ctx, giveUp := context.WithCancelCause(ctx)
		asking.Go(func() {
			defer giveUp(nil)
			a.said = ask(ctx)
			select {
			case answers <- a:
			case <-over:
			}
		})
		return giveUp
	}
	patience := max(p.interval, 2*(*took))
	timer := time.NewTimer(patience)
	defer timer.Stop()
	if p.timeout <= patience { // it is given up by then
		timer.Stop()
	}
	first, newest := put(), context.CancelCauseFunc(func(error) {})
	defer func() { first(errGivenUp); newest(errGivenUp) }()
	var failure, alone *T // of the first; the source's wish to be left alone, which it told another
	for waiting := false; failure == nil || waiting; {
		select {
		case a := <-answers:
			f := failed(a.said)
			switch {
			case f == nil:
				*took = p.now().Sub(a.asked)
				return a.said
			case a.number == 1:
				failure = &a.said
			case a.number == number:
				waiting = false
				if leaveAlone(f) {
					alone = &a.said
					timer.Stop() // the first is waited for, but nothing more is asked
				}
				if f.RetryAfter > 0 { // though the first may be answered
					p.schedule.budget.rest(p.now().Add(f.RetryAfter))
				}
			}
		case <-timer.C:
			newest(errGivenUp)
			if waiting = failure == nil; waiting {
				newest = put()
				spend(p.now())
				timer.Reset(patience)
			}
		}
	}
	return *cmp.Or(alone, failure)
}

// leaveAlone tells whether a failure is a reason not to ask again soon.
func leaveAlone(f *wait.Failure) bool {
	return f.RetryAfter > 0 || f.Cause == wait.RateLimited || f.Cause == wait.Unauthorized
}
