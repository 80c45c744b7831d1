package poller

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// A rejecter is a source that rejects requests with a bad metric, or all requests.
type rejecter struct {
	bad      []string
	down     bool
	requests int // of the current poll, besides the batch
}

func (r *rejecter) rejects(ids []string) bool {
	return r.down || slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(r.bad, id) })
}

// poll requests a batch and bisects, as a poll does. It returns the bad metrics that it found.
func (r *rejecter) poll(b *bisection, batch []string) (found []string, gaveUp bool) {
	b.accepted, r.requests = false, 0
	if len(batch) > 0 && r.rejects(batch) {
		b.add(batch)
	} else if len(batch) > 0 {
		b.accept()
	}
	if len(b.groups) == 0 {
		b.rejectedPolls = 0
		return nil, false
	}
	b.begin(func(n int) int { return n - 1 })
	for group := b.next(); group != nil; group = b.next() {
		r.requests++
		if !r.rejects(group) {
			b.accept()
		} else {
			b.reject(group, domain.NotFound)
		}
	}
	bad, ok := b.end()
	for _, m := range bad {
		found = append(found, m.id)
	}
	slices.Sort(found)
	return found, !ok
}

func metricIDs(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("M%02d", i))
	}
	return ids
}

// In each case, polls request the same batch until nothing is left to search.
func TestBisect(t *testing.T) {
	type poll struct {
		found    []string
		requests int
		gaveUp   bool
	}
	all := metricIDs(40)
	for name, test := range map[string]struct {
		batch []string
		bad   []string
		want  []poll
	}{
		"one_bad_of_one":         {all[:1], all[:1], []poll{{nil, 1, true}}},
		"one_bad_of_two":         {all[:2], all[:1], []poll{{all[:1], 2, false}}},
		"one_bad_of_forty":       {all, all[7:8], []poll{{all[7:8], 10, false}}},
		"two_bad_of_forty":       {all, []string{"M07", "M31"}, []poll{{[]string{"M07", "M31"}, 18, false}}},
		"two_neighbors_of_forty": {all, all[10:12], []poll{{all[10:12], 10, false}}},
		"all_bad_of_forty":       {all, all, []poll{{nil, 8, true}}},
		"every_fourth_of_forty": {all, every(all, 4), []poll{
			{[]string{"M20", "M24", "M28", "M32", "M36"}, 32, false},
			{[]string{"M00", "M04", "M08", "M12", "M16"}, 26, false},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var b bisection
			source := rejecter{bad: test.bad}
			batch := test.batch
			for i, want := range test.want {
				found, gaveUp := source.poll(&b, batch)
				if diff := cmp.Diff(want.found, found); diff != "" || source.requests != want.requests || gaveUp != want.gaveUp {
					t.Errorf("poll %d: %d requests, gave up: %v; found (-want +got):\n%s", i, source.requests, gaveUp, diff)
				}
				if source.requests > bisectBudget {
					t.Errorf("poll %d: %d requests exceed the budget", i, source.requests)
				}
				batch = nil // its metrics are suspects until the search is over
			}
			if len(b.groups) > 0 {
				t.Errorf("left to search: %v", b.groups)
			}
		})
	}
}

func every(ids []string, n int) (some []string) {
	for i := 0; i < len(ids); i += n {
		some = append(some, ids[i])
	}
	return some
}

// A request that fails in the middle of a search is repeated by the next poll.
func TestBisectInterrupted(t *testing.T) {
	var b bisection
	source := rejecter{bad: []string{"M01", "M03"}}
	b.add(metricIDs(4))
	b.begin(nil)
	b.reject(b.next(), domain.NotFound) // M02, M03
	b.reject(b.next(), domain.NotFound) // M03
	b.interrupt(b.next())
	if len(b.bad) > 0 {
		t.Errorf("found in an interrupted search: %v", b.bad)
	}
	if found, _ := source.poll(&b, nil); !slices.Equal(found, source.bad) {
		t.Errorf("found %v in the next poll", found)
	}
}

// A source that rejects everything, as while it restarts, gets one request in every fourth poll, until it accepts it.
func TestBisectWhileSourceRejectsEverything(t *testing.T) {
	var b bisection
	source := rejecter{bad: []string{"M07"}, down: true}
	all := metricIDs(40)
	var requests []int
	for range 9 {
		if found, gaveUp := source.poll(&b, all); found != nil || !gaveUp {
			t.Errorf("found %v, gave up: %v", found, gaveUp)
		}
		requests = append(requests, source.requests)
	}
	if diff := cmp.Diff([]int{8, 0, 0, 0, 1, 0, 0, 0, 1}, requests); diff != "" {
		t.Errorf("requests of each poll (-want +got):\n%s", diff)
	}
	source.down = false
	for range thoroughEvery {
		if found, _ := source.poll(&b, all); slices.Equal(found, source.bad) && source.requests <= bisectBudget {
			return
		}
	}
	t.Errorf("the bad metric is not found within %d polls", thoroughEvery)
}
