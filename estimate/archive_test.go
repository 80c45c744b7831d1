package estimate

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
	"waitboard/history"
	"waitboard/internal/checked"
)

const low, high = 0.1, 0.8

// samples returns waits of callers who arrive each minute: about a minute, and one more for each caller ahead.
func samples(random *rand.Rand, from time.Time, n int) (all []Sample) {
	for i := range n {
		ahead := min(int(random.ExpFloat64()*3), 12)
		wait := time.Duration((0.5 + random.Float64()) * float64(ahead+1) * float64(time.Minute))
		s := Sample{Arrived: from.Add(time.Duration(i) * time.Minute), Wait: wait, Ahead: ahead}
		if random.IntN(2) == 0 {
			s.Said = domain.Range{Min: 60_000, HasMin: true, Max: 240_000, HasMax: true}
		}
		all = append(all, s)
	}
	return all
}

func archiveOf(s ...Sample) *Archive {
	a := &Archive{}
	a.Add(s...)
	return a
}

func TestExpectation(t *testing.T) {
	now := start.AddDate(0, 0, 40)
	waits := func(day, n int, wait time.Duration) (all []Sample) {
		for i := range n {
			all = append(all, Sample{Arrived: start.AddDate(0, 0, day).Add(time.Duration(i) * time.Second), Wait: wait})
		}
		return all
	}
	const minute = time.Minute
	for _, c := range []struct {
		name    string
		samples []Sample
		want    time.Duration // the upper end; 0: nothing is announced
	}{
		{"nothing", nil, 0},
		{"199 samples", waits(39, 199, minute), 0},
		{"200 samples", waits(39, 200, minute), minute},
		{"200 samples, one of them too old", slices.Concat(waits(11, 1, minute), waits(39, 199, minute)), 0},
		{"199 samples, and one from the future", slices.Concat(waits(39, 199, minute), waits(41, 1, minute)), 0},
		{"from the future", waits(41, 300, minute), 0},
		{"the newest waits are as expected", slices.Concat(waits(20, 900, minute), waits(38, 150, minute), waits(39, 50, 3*minute)), minute},
		{"the world has changed", slices.Concat(waits(20, 3000, minute), waits(38, 100, minute), waits(39, 100, 3*minute)), 0},
		{"the change was learned", slices.Concat(waits(20, 400, minute), waits(38, 400, 3*minute)), 3 * minute},
		{"old waits fade", slices.Concat(waits(0, 1000, minute), waits(39, 200, 3*minute)), 3 * minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, ok := archiveOf(c.samples...).Expectation(now, low, high).Expect(0, 0, -1)
			if ok != (c.want > 0) || history.LevelOf(r.High.Seconds()) != history.LevelOf(c.want.Seconds()) {
				t.Errorf("up to %v, %v; want %v", r.High, ok, c.want)
			}
		})
	}
}

// A narrow range notices as well that the world has changed, and a wide one is not more careful.
func TestExpectationChangedWithAnyRange(t *testing.T) {
	random, later := rand.New(rand.NewPCG(1, 1)), start.AddDate(0, 0, 3)
	before, after := samples(random, start, 2*24*60), samples(random, later, 150)
	for _, times := range []time.Duration{1, 3} {
		for i := range after {
			after[i].Wait *= times
		}
		a := archiveOf(slices.Concat(before, after)...)
		for _, r := range [][2]float64{{low, high}, {0.75, 0.8}, {0, 1}} {
			if known := len(a.Expectation(last(a), r[0], r[1]).Waits) > 0; known != (times == 1) {
				t.Errorf("range %v, waits %d times as long as before: announced: %v", r, times, known)
			}
		}
	}
}

func TestExpectationByAhead(t *testing.T) {
	type group struct{ ahead, n, minutes int }
	for _, c := range []struct {
		name   string
		groups []group
		want   []int // the upper ends, in minutes
	}{
		{"each has enough", []group{{0, 100, 1}, {1, 100, 2}, {2, 100, 4}}, []int{1, 2, 4}},
		{"more callers never mean a shorter wait", []group{{0, 100, 3}, {1, 100, 2}, {2, 100, 4}}, []int{3, 3, 4}},
		{"few are pooled with their neighbors", []group{{0, 100, 1}, {1, 10, 9}, {2, 200, 2}}, []int{1, 2, 2}},
		{"none is pooled, too", []group{{0, 100, 1}, {2, 200, 2}}, []int{1, 2, 2}},
		{"thin ends are one", []group{{0, 200, 1}, {1, 30, 2}, {2, 20, 2}, {900, 20, 2}}, []int{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &Archive{}
			for _, g := range c.groups {
				for i := range g.n {
					a.Add(Sample{Arrived: start.Add(time.Duration(i) * time.Minute), Wait: time.Duration(g.minutes) * time.Minute, Ahead: g.ahead})
				}
			}
			var got []int
			for _, r := range a.Expectation(start, low, high).Waits {
				got = append(got, int(r.High.Round(time.Minute)/time.Minute))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

func TestExpectationProperties(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		all := samples(random, start, 1500)
		now := all[len(all)-1].Arrived
		want := archiveOf(all...).Expectation(now, low, high)
		if len(want.Waits) < 5 {
			t.Fatalf("only %d lengths of the queue are known", len(want.Waits))
		}
		for n := range want.Waits {
			if r := want.Waits[n]; r.Low > r.High || n > 0 && (r.Low < want.Waits[n-1].Low || r.High < want.Waits[n-1].High) {
				t.Errorf("%d ahead: %v after %v", n, r, want.Waits[max(n-1, 0)])
			}
		}
		shuffled := slices.Clone(all)
		random.Shuffle(len(all), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := archiveOf(shuffled...).Expectation(now, low, high); !cmp.Equal(got, want) {
			t.Errorf("in another order: %s", cmp.Diff(want, got))
		}
		merged := archiveOf(all[:random.IntN(len(all))]...)
		for range 2 {
			merged.Merge(archiveOf(all...))
			merged.Merge(archiveOf(all[:random.IntN(len(all))]...))
		}
		if got := merged.Expectation(now, low, high); !cmp.Equal(got, want) {
			t.Errorf("merged: %s", cmp.Diff(want, got))
		}
	}
}

// Replicas merge each other's archives in any order, and know the same then.
func TestMergeInAnyOrder(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		var files [3][]byte // of some of the same days; two have the same number of samples
		for i, n := range []int{3000, 3000, 2000} {
			files[i] = archiveOf(samples(random, start, n)...).Encode()
		}
		merge := func(order ...int) string {
			a := &Archive{}
			for _, i := range order {
				other, err := Decode(files[i])
				if err != nil {
					t.Fatal(err)
				}
				a.Merge(other)
			}
			return string(a.Encode())
		}
		want := merge(0, 1, 2)
		for _, order := range [][]int{{2, 1, 0}, {1, 0, 2}, {0, 2, 1, 0, 2}} {
			if merge(order...) != want {
				t.Fatalf("merging in the order %d gives another archive", order)
			}
		}
	}
}

func TestScore(t *testing.T) {
	said := domain.Range{Min: 60_000, HasMin: true, Max: 120_000, HasMax: true}
	for _, c := range []struct {
		name string
		wait time.Duration
		said domain.Range
		want domain.Score
	}{
		{"nothing was announced", time.Minute, domain.Range{}, domain.Score{}},
		{"shorter", 59 * time.Second, said, domain.Score{Samples: 1}},
		{"the lower end", time.Minute, said, domain.Score{Samples: 1, Covered: 1}},
		{"the upper end", 2 * time.Minute, said, domain.Score{Samples: 1, Covered: 1}},
		{"longer by a minute", 3 * time.Minute, said, domain.Score{Samples: 1}},
		{"longer by over a minute", 181 * time.Second, said, domain.Score{Samples: 1, Longer: 1}},
		{"at once, and it was a minute", time.Minute, domain.Range{HasMax: true}, domain.Score{Samples: 1}},
		{"no upper end", time.Hour, domain.Range{Min: 60_000, HasMin: true}, domain.Score{Samples: 1, Covered: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := archiveOf(Sample{start, c.wait, 3, c.said}).Expectation(start, low, high).Score
			got.Ahead = nil
			if !cmp.Equal(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestScoreOfFourWeeks(t *testing.T) {
	all := samples(rand.New(rand.NewPCG(1, 1)), start, 2*24*60)
	a := archiveOf(all...)
	s := a.Expectation(start.AddDate(0, 0, 1), low, high).Score
	sum := domain.Score{Ahead: s.Ahead}
	for n, one := range s.Ahead {
		sum.Samples, sum.Covered, sum.Longer = sum.Samples+one.Samples, sum.Covered+one.Covered, sum.Longer+one.Longer
		if want := time.Duration(n+1) * time.Minute; n < 5 && (one.Median < want*8/10 || one.Median > want*12/10) {
			t.Errorf("%d ahead: the median is %v, not about %v", n, one.Median, want)
		}
	}
	if !cmp.Equal(s, sum) || s.Samples < 100 || s.Covered == 0 || s.Longer == 0 {
		t.Errorf("%+v is not the sum %+v", s, sum)
	}
	if late := a.Expectation(start.AddDate(0, 0, 31), low, high).Score; late.Samples != 0 {
		t.Errorf("after four weeks: %+v", late)
	}
}

func TestDropBefore(t *testing.T) {
	a := archiveOf(samples(rand.New(rand.NewPCG(1, 1)), start, 3*24*60)...)
	newest := last(a)
	a.DropBefore(newest.Add(-24 * time.Hour))
	if len(a.days) != 1 || last(a) != newest {
		t.Errorf("%d days, the last sample is of %v, want 1 and %v", len(a.days), last(a), newest)
	}
	a.DropBefore(newest.Add(48 * time.Hour))
	if !cmp.Equal(a.Encode(), (&Archive{}).Encode()) || !last(a).IsZero() {
		t.Error("something is left")
	}
}

func TestFile(t *testing.T) {
	a := archiveOf(samples(rand.New(rand.NewPCG(1, 1)), start, 400)...)
	a.Add(Sample{Arrived: start, Wait: 1000 * time.Hour, Ahead: 100_000})
	file := a.Encode()
	got, err := Decode(file)
	if err != nil || string(got.Encode()) != string(file) || last(got) != last(a) {
		t.Fatalf("not the same after decoding: %v", err)
	}
	if !cmp.Equal(got.Expectation(last(a), low, high), a.Expectation(last(a), low, high)) {
		t.Error("another expectation after decoding")
	}
	if none, err := Decode((&Archive{}).Encode()); err != nil || !last(none).IsZero() {
		t.Errorf("empty: %v, %v", none, err)
	}
	future := slices.Clone(file)
	future[len(magic)]++
	if _, err := Decode(future); !errors.Is(err, ErrVersion) {
		t.Errorf("future version: %v", err)
	}
	for i := range file {
		damaged := slices.Clone(file)
		damaged[i] ^= 1
		if _, err := Decode(damaged); i != len(magic) && !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit of byte %d: %v", i, err)
		}
		if _, err := Decode(file[:i]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
}

// last returns when the newest caller arrived, to the second; zero: there is none.
func last(a *Archive) time.Time {
	if len(a.newest) == 0 {
		return time.Time{}
	}
	return a.newest[len(a.newest)-1].arrived
}

func FuzzDecode(f *testing.F) {
	file := archiveOf(samples(rand.New(rand.NewPCG(1, 1)), start, 10)...).Encode()
	f.Add(file[len(magic)+1 : len(file)-4])
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := Decode(checked.Seal(append(checked.Begin(magic, version), content...)))
		if err != nil {
			return
		}
		a.Expectation(start, low, high)
		if again, err := Decode(a.Encode()); err != nil || string(again.Encode()) != string(a.Encode()) {
			t.Errorf("not the same after decoding: %v", err)
		}
	})
}
