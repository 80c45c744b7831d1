// Package estimate measures estimates of waits in simulated call centers, whose callers' true waits are known: of those who give up, too.
package estimate

import (
	"errors"
	"fmt"
	"io"
	"math"
)

const seed = 1

// Run prints how each world's callers fared with each way to announce a wait. It returns an error that names the bars that were missed.
func Run(out io.Writer) error {
	_, _ = fmt.Fprintln(out, "\nEight weeks are learned, two are measured. Shares are of the callers who met busy agents. In parentheses: the truth next to what the product reports about itself.")
	var missed error
	for _, w := range worlds() {
		r := w.measure(seed, view{spacing: 10}, view{spacing: 5}, view{spacing: 1}, view{spacing: pushes}, view{spacing: 10, minutes: true})
		r.print(out)
		missed = errors.Join(missed, r.missed())
	}
	return missed
}

func (r *result) print(out io.Writer) {
	printf := func(format string, a ...any) { _, _ = fmt.Fprintf(out, format, a...) }
	printf("\n%s: %d callers\n\n", r.world.name, r.head.callers)
	printf("| shown | wait was longer by over a minute | mean error | covered | announced to | reports longer | reports covered |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	number := func(name string, t tally) {
		printf("| %s | %.1f %% | %.0f s | | | | |\n", name, 100*t.misled(), t.errors/float64(t.announced))
	}
	number("the head-of-line number", r.head)
	number("exponential average of answered waits", r.average)
	printf("| P10–P80 by hour of the week | %.1f %% | %.0f s | %.2f | | | |\n", 100*r.byHour.misled(), r.byHour.errors/float64(r.byHour.announced), r.byHour.coverage())
	for _, e := range r.byQueue {
		printf("| **P10–P80 by queue length**, %s | %.1f %% | %.0f s | %.2f | %.0f %% | %.1f %% (%.1f %%) | %.2f (%.2f) |\n", e.view,
			100*e.misled(), e.errors/float64(max(e.announced, 1)), e.coverage(), 100*share(e.announced, e.callers),
			100*share(e.score.Longer, e.score.Samples), 100*share(e.longer, e.announced), share(e.score.Covered, e.score.Samples), e.coverage())
	}
}

// missed names the bars that a result missed.
func (r *result) missed() (err error) {
	least := 3. // how many times as many callers the head-of-line number misleads
	if r.world.changes {
		least = 1
	}
	first := r.byQueue[0]
	for _, e := range r.byQueue {
		fails := func(bar string, holds bool) {
			if !holds {
				err = errors.Join(err, fmt.Errorf("%s, %s: %s", r.world.name, e.view, bar))
			}
		}
		fails(fmt.Sprintf("%.1f %% waited longer, at most %.0f %% may", 100*e.misled(), 100*r.world.bar), e.misled() <= r.world.bar)
		fails(fmt.Sprintf("the head-of-line number misleads %.1f %%, not %.0f times as many", 100*r.head.misled(), least), r.head.misled() > least*e.misled())
		fails("it reports a wrong share of longer waits", near(share(e.score.Longer, e.score.Samples), share(e.longer, e.announced), r.world.off))
		fails("it reports a wrong coverage", near(share(e.score.Covered, e.score.Samples), e.coverage(), r.world.off))
		if e.minutes { // rounding makes ranges wider
			continue
		}
		fails(fmt.Sprintf("the coverage is %.2f, not 0.60 to 0.80", e.coverage()), r.world.changes || 0.6 <= e.coverage() && e.coverage() <= 0.8)
		fails("the share of longer waits is not within 2 points of other polls", near(e.misled(), first.misled(), 0.02))
		fails("the coverage is not within 2 points of other polls", r.world.changes || near(e.coverage(), first.coverage(), 0.02))
	}
	return err
}

func near(a, b, distance float64) bool { return math.Abs(a-b) <= distance }
