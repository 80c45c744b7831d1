package main

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// askEvery is how often a request of each kind is sent, whether the ones before were answered or not.
const askEvery = 10 * time.Millisecond

// kinds are the requests whose latency is measured.
var kinds = []struct {
	name    string
	service int // 1: with history
	path    string
}{
	{"snapshot, without `history`", 0, "/v1/widgets/w%d"},
	{"snapshot, with `history`", 1, "/v1/widgets/w%d"},
	{"`/typical`", 1, "/v1/widgets/w%d/typical"},
}

// A round is how long requests took in a round, in milliseconds, for each kind.
type round [][]float64

// latencies are all rounds: in mid-hour, and while an hour begins.
type latencies struct{ calm, turn []round }

// add adds a round to one of them.
func (l *latencies) add(to *[]round) round {
	*to = append(*to, make(round, len(kinds)))
	return (*to)[len(*to)-1]
}

// ask sends requests for random widgets until end is called, which returns the first failure.
func (s *stage) ask(both []*aged, into round) (end func() error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, Timeout: time.Minute}
	var mu sync.Mutex // guards failure and into
	var failure error
	var running sync.WaitGroup
	stop := make(chan struct{})
	one := func(i int) {
		began := time.Now()
		err := request(client, both[kinds[i].service].url+fmt.Sprintf(kinds[i].path, rand.IntN(historyMetrics)))
		took := float64(time.Since(began).Microseconds()) / 1e3
		mu.Lock()
		defer mu.Unlock()
		failure = cmp.Or(failure, err)
		into[i] = append(into[i], took)
	}
	running.Go(func() {
		tick := time.NewTicker(askEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				for i := range kinds {
					running.Go(func() { one(i) })
				}
			}
		}
	})
	return func() error { close(stop); running.Wait(); client.CloseIdleConnections(); return failure }
}

func request(client *http.Client, url string) error {
	response, err := client.Get(url) //nolint:noctx // it has a timeout
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // for reading
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// print prints a table of the latencies while an hour begins, next to those in mid-hour.
func (l *latencies) print() {
	fmt.Println("\n| request | mid-hour: p50, p99, max | while an hour begins | p50, next to mid-hour | p99, next to mid-hour |\n| --- | --- | --- | --- | --- |")
	for i, kind := range kinds {
		of := func(rounds []round, share float64) (values []float64) {
			for _, r := range rounds {
				sorted := slices.Sorted(slices.Values(r[i]))
				values = append(values, sorted[int(share*float64(len(sorted)-1))])
			}
			return values
		}
		text := func(rounds []round) string {
			return fmt.Sprintf("%.2f, %.1f, %.0f ms", spreadOf(of(rounds, 0.5)).median, spreadOf(of(rounds, 0.99)).median, slices.Max(of(rounds, 1)))
		}
		ratio := func(share float64) string { return spreadOf(paired(of(l.turn, share), of(l.calm, share))).ratio() }
		fmt.Printf("| %s | %s | %s | %s | %s |\n", kind.name, text(l.calm), text(l.turn), ratio(0.5), ratio(0.99))
	}
}
