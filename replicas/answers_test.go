package replicas

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

// Readers behind a load balancer see as much as those of a single replica, and nothing goes back. Entity tags match as often.
func TestAnswersOfThree(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	w := newWorld(t, options{interval: 500 * time.Millisecond, speed: 60})
	w.startThree()
	w.file = w.write("")
	single := w.start("")
	w.all = w.without(single)
	w.eventually("the single one is ready", single.ready)

	const readers, rounds, pause = 80, 125, 200 * time.Millisecond
	three, one := crowd(t, readers), crowd(t, readers)
	var reading sync.WaitGroup
	for i := range readers {
		reading.Go(func() {
			pass(rand.N(pause))
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for round := range rounds {
				three[i].read(w.all[(i+round)%3].URL)
				one[i].read(single.URL)
				<-tick.C
			}
		})
	}
	reading.Wait()
	a, b := total(three), total(one)
	t.Logf("three replicas: %v, %d differ", a, a.differ)
	t.Logf("a single one: %v, %d differ", b, b.differ)
	if a.failed > 0 || a.back > b.back || a.differ > 0 || a.answers != readers*rounds {
		t.Errorf("%v, %d differ", a, a.differ)
	}
	if share := float64(a.unchanged) / float64(b.unchanged); share < 0.8 {
		t.Errorf("%.2f of the matches of a single replica", share)
	} else {
		t.Logf("%.2f of the matches of a single replica", share)
	}
}

// crowd returns readers of several addresses who share a book. Every other one accepts gzip.
func crowd(t *testing.T, n int) (all []*reader) {
	b := &book{}
	for i := range n {
		c := newReader(t, []string{"/v1/widgets/support", "/v1/widgets/sales", "/v1/widgets?id=support&id=sales"}[i%3], true)
		c.book, c.zipped = b, i%2 > 0
		all = append(all, c)
	}
	return all
}

// total adds up what readers have counted.
func total(all []*reader) *reader {
	sum := &reader{t: all[0].t, path: fmt.Sprintf("%d readers", len(all)), revalidates: true}
	for _, c := range all {
		sum.answers += c.answers
		sum.unchanged += c.unchanged
		sum.back += c.back
		sum.differ += c.differ
		sum.failed += c.failed
		sum.furthest = max(sum.furthest, c.furthest)
	}
	return sum
}

// Readers without a pause: those who revalidate never see anything go back. The others may, by the time that a message takes.
func TestAnswersWithoutPause(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	w := newWorld(t, options{interval: 100 * time.Millisecond, mode: "poll", speed: 100})
	w.startThree()
	const requests = 10_000
	all := []*reader{
		newReader(t, "/v1/widgets/support", true),
		newReader(t, "/v1/widgets/support", false),
		newReader(t, "/v1/widgets?id=support&id=sales", true),
		newReader(t, "/v1/widgets?id=support&id=sales", false),
	}
	var reading sync.WaitGroup
	began := time.Now()
	for _, c := range all {
		reading.Go(func() {
			for i := range requests {
				c.read(w.all[i%3].URL)
			}
		})
	}
	reading.Wait()
	t.Logf("%d requests each in %v", requests, time.Since(began).Round(time.Second))
	for _, c := range all {
		if c.revalidates {
			c.check()
			continue
		}
		t.Log(c)
		if c.failed > 0 || c.differ > 0 {
			t.Errorf("%v, %d differ", c, c.differ)
		}
	}
}
