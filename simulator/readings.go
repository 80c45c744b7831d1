package simulator

import (
	"slices"
	"time"
)

// The values of the catalog's metrics at c.now.

// Over the whole center.

func callsInQueue(c *center) line {
	n := 0
	for _, q := range c.queues {
		n += len(q.waiting)
	}
	return counted(n)
}

// longestTalk is absent while nobody talks.
func longestTalk(c *center) line {
	longest := time.Duration(-1)
	for _, a := range c.agents {
		if a.call != nil {
			longest = max(longest, c.now.Sub(a.call.answered))
		}
	}
	if longest < 0 {
		return absent()
	}
	return lasting(longest, 1, 0)
}

// talkLessWait counts up with each talking call and down with each waiting one.
func talkLessWait(c *center) line {
	talk, talking := c.talks(func(*call) bool { return true })
	wait, waiting := time.Duration(0), 0
	for _, q := range c.queues {
		wait += c.waits(q)
		waiting += len(q.waiting)
	}
	return lasting(talk-wait, talking, waiting)
}

func notice(c *center) line {
	if slices.ContainsFunc(c.queues, func(q *queue) bool { return answerOverdue(c, q).yes }) {
		return worded(c.mark + hostileText + " Expect to wait")
	}
	return worded(c.mark + hostileText + " Calls are answered soon")
}

// By group.

// currentWait is how long the first in the queue has waited; zero
// while nobody waits.
func currentWait(c *center, q *queue) line {
	if len(q.waiting) == 0 {
		return lasting(0, 0, 0)
	}
	return lasting(c.now.Sub(q.waiting[0].began), 1, 0)
}

func callsWaiting(_ *center, q *queue) line { return counted(len(q.waiting)) }

// averageWait covers the waiting calls; without any, its count is 0.
func averageWait(c *center, q *queue) line {
	return averaging(c.waits(q), len(q.waiting), len(q.waiting))
}

// speedOfAnswer covers the last answered calls, and changes with each answer.
func speedOfAnswer(_ *center, q *queue) line {
	sum := time.Duration(0)
	for _, w := range q.waits {
		sum += w
	}
	return averaging(sum, len(q.waits), 0)
}

// answerTimeLeft counts down to the promised answer time of the first in the
// queue, and stays at zero then; absent while nobody waits.
func answerTimeLeft(c *center, q *queue) line {
	if len(q.waiting) == 0 {
		return absent()
	}
	left := promiseOf(c) - c.now.Sub(q.waiting[0].began)
	if left <= 0 {
		return lasting(0, 0, 0)
	}
	return lasting(left, 0, 1)
}

func answerOverdue(c *center, q *queue) line {
	return stated(len(q.waiting) > 0 && c.now.Sub(q.waiting[0].began) >= promiseOf(c))
}

func agentsReady(c *center, q *queue) line {
	n := 0
	for _, a := range c.agents {
		if a.idle() && slices.Contains(a.queues, q) {
			n++
		}
	}
	return counted(n)
}

// serviceLevel is the share of the last answered calls that were answered as
// promised; absent before the first.
func serviceLevel(c *center, q *queue) line {
	if len(q.waits) == 0 {
		return absent()
	}
	onTime := 0
	for _, w := range q.waits {
		if w < promiseOf(c) {
			onTime++
		}
	}
	return percent(100 * float64(onTime) / float64(len(q.waits)))
}

// By agent. Values of an agent who is not logged in are absent.

func onCall(_ *center, a *agent) line {
	if !a.present {
		return absent()
	}
	return stated(a.call != nil)
}

func agentTalk(c *center, a *agent) line {
	switch {
	case !a.present:
		return absent()
	case a.call == nil:
		return lasting(0, 0, 0)
	}
	return lasting(c.now.Sub(a.call.answered), 1, 0)
}

// currentCaller is absent while the agent does not talk.
func currentCaller(_ *center, a *agent) line {
	if a.call == nil {
		return absent()
	}
	return worded(a.call.caller)
}

// By call direction and by account code, over the calls that are talking.

func totalTalk(c *center, of func(*call) bool) line {
	sum, n := c.talks(of)
	return lasting(sum, n, 0)
}

func averageTalk(c *center, of func(*call) bool) line {
	sum, n := c.talks(of)
	return averaging(sum, n, n)
}

func callsTalking(c *center, of func(*call) bool) line {
	_, n := c.talks(of)
	return counted(n)
}

// promiseOf returns the promised answer time at the center's speed.
func promiseOf(c *center) time.Duration { return c.dice.scale(promise) }

// talks adds up how long the chosen calls have been talking.
func (c *center) talks(of func(*call) bool) (sum time.Duration, n int) {
	for _, a := range c.agents {
		if a.call != nil && of(a.call) {
			sum += c.now.Sub(a.call.answered)
			n++
		}
	}
	return sum, n
}

// waits adds up how long the callers of a queue have been waiting.
func (c *center) waits(q *queue) (sum time.Duration) {
	for _, k := range q.waiting {
		sum += c.now.Sub(k.began)
	}
	return sum
}
