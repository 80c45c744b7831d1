package domain

import (
	"math/rand/v2"
	"testing"
	"time"

	"waitboard/internal/testlevel"
)

func TestParseCombine(t *testing.T) {
	for word, want := range map[string]Combine{"max": Max, "min": Min, "sum": Sum, "mean": Mean, "count": Number} {
		if got, err := ParseCombine(word); got != want || err != nil {
			t.Errorf("%s: got %v, %v", word, got, err)
		}
	}
	if _, err := ParseCombine("median"); err == nil {
		t.Error("median: want an error")
	}
}

func TestJoin(t *testing.T) {
	up, flat, down := Line(10*time.Second, 1, noon), Line(15*time.Second, 0, noon), Line(4*time.Second, -1, noon)
	sec := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	at := func(s float64) time.Time { return noon.Add(sec(s)) }
	yes, no, none := BooleanOf(true), BooleanOf(false), Reading{}
	tests := []struct {
		name     string
		combine  Combine
		readings []Reading
		want     Reading
		bends    time.Time
	}{
		{"nothing", Max, nil, none, time.Time{}},
		{"nothing to count", Number, nil, none, time.Time{}},
		{"only values that are absent", Sum, []Reading{none, none}, none, time.Time{}},
		{"only absent values to count", Number, []Reading{none}, none, time.Time{}},
		{"the longest with an unclear value", Max, []Reading{flat, {Unclear: true}}, none, time.Time{}},
		{"a sum with an unclear value", Sum, []Reading{{Unclear: true}, CountOf(2)}, none, time.Time{}},
		{"a count with an unclear value", Number, []Reading{yes, {Unclear: true}}, none, time.Time{}},
		{"kinds that differ", Max, []Reading{up, CountOf(1)}, none, time.Time{}},

		{"one line stays itself", Max, []Reading{up}, Line(10*time.Second, 1, noon), time.Time{}},
		{"max is overtaken", Max, []Reading{up, flat, none}, Line(15*time.Second, 0, noon), at(5)},
		{"max of equals is the one that will lead", Max, []Reading{flat, Line(15*time.Second, 1, noon)}, Line(15*time.Second, 1, noon), time.Time{}},
		{"min is undercut, then flat", Min, []Reading{flat, up}, Line(10*time.Second, 1, noon), at(5)},
		{"min falls to zero", Min, []Reading{up, down}, Line(4*time.Second, -1, noon), at(4)},
		{"sum is a line", Sum, []Reading{up, flat, down}, Line(29*time.Second, 0, noon), at(4)},
		{"mean is a line", Mean, []Reading{up, flat, none}, Line(12500*time.Millisecond, 0.5, noon), time.Time{}},
		{"a line at zero adds nothing", Sum, []Reading{up, Line(0, -1, noon)}, Line(10*time.Second, 1, noon), time.Time{}},
		{"a line below zero adds nothing until it rises", Sum, []Reading{flat, Line(-2*time.Second, 1, noon)}, Line(15*time.Second, 0, noon), at(2)},
		{"number of lines", Number, []Reading{up, none, down}, CountOf(2), time.Time{}},

		{"max count", Max, []Reading{CountOf(2), CountOf(5), CountOf(0)}, CountOf(5), time.Time{}},
		{"min count", Min, []Reading{CountOf(2), CountOf(5)}, CountOf(2), time.Time{}},
		{"sum of counts", Sum, []Reading{CountOf(2), none, CountOf(5)}, CountOf(7), time.Time{}},
		{"mean of counts", Mean, []Reading{CountOf(2), CountOf(5)}, CountOf(3.5), time.Time{}},
		{"number of counts, zero included", Number, []Reading{CountOf(0), CountOf(5)}, CountOf(2), time.Time{}},

		{"any", Max, []Reading{no, yes}, yes, time.Time{}},
		{"none of them", Max, []Reading{no, no}, no, time.Time{}},
		{"all", Min, []Reading{yes, yes, none}, yes, time.Time{}},
		{"not all", Min, []Reading{yes, no}, no, time.Time{}},
		{"true ones", Number, []Reading{yes, no, yes, none}, CountOf(2), time.Time{}},
		{"zero true ones", Number, []Reading{no}, CountOf(0), time.Time{}},
		{"sum of booleans", Sum, []Reading{yes, yes}, none, time.Time{}},

		{"one text", Max, []Reading{TextOf("a")}, TextOf("a"), time.Time{}},
		{"the same text twice", Max, []Reading{TextOf("a"), none, TextOf("a")}, TextOf("a"), time.Time{}},
		{"different texts", Max, []Reading{TextOf("a"), TextOf("b")}, none, time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, bends := test.combine.Join(test.readings, noon)
			if got != test.want || !bends.Equal(test.bends) {
				t.Errorf("got %+v until %v; want %+v until %v", got, bends, test.want, test.bends)
			}
		})
	}
}

// Until it bends, the joined line equals the joined values of every instant.
func TestJoinedLineIsTrueUntilItBends(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range testlevel.Pick(1_000, 5_000, 100_000) {
		readings := make([]Reading, 1+random.IntN(5))
		for i := range readings {
			readings[i] = Line(time.Duration(random.IntN(60_000)-5_000)*time.Millisecond,
				float64(random.IntN(9)-4)/float64(1+random.IntN(3)), noon.Add(-time.Duration(random.IntN(10_000))*time.Millisecond))
		}
		combine := Combine(random.IntN(int(Number)))
		joined, bends := combine.Join(readings, noon)
		later := noon.Add(time.Duration(random.IntN(20_000)) * time.Millisecond)
		if !bends.IsZero() && !later.Before(bends) {
			if later = bends.Add(-time.Millisecond); !bends.After(noon) {
				t.Fatalf("%v of %+v bends in the past", combine, readings)
			}
		}
		got, _ := joined.At(later)
		if want := joinValues(combine, readings, later); (got.Duration - want).Abs() > 2*time.Millisecond {
			t.Fatalf("%v of %+v: %v later the line is %v, the joined values %v (line %+v until %v)",
				combine, readings, later.Sub(noon), got.Duration, want, joined, bends)
		}
	}
}

// joinValues takes every value at t, then joins the numbers.
func joinValues(combine Combine, readings []Reading, t time.Time) time.Duration {
	var values []time.Duration
	var sum time.Duration
	for _, r := range readings {
		v, _ := r.At(t)
		values = append(values, v.Duration)
		sum += v.Duration
	}
	result := values[0]
	for _, v := range values {
		switch combine {
		case Max:
			result = max(result, v)
		case Min:
			result = min(result, v)
		}
	}
	switch combine {
	case Sum:
		return sum
	case Mean:
		return sum / time.Duration(len(values))
	}
	return result
}

// Order and absent values never matter.
func TestJoinIgnoresOrderAndAbsence(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pool := []Reading{CountOf(0), CountOf(1), CountOf(7), BooleanOf(true), BooleanOf(false), TextOf("a"), TextOf("b"),
		Line(time.Second, 1, noon), Line(5*time.Second, -1, noon), Line(5*time.Second, 0, noon)}
	for range testlevel.Pick(500, 2_000, 50_000) {
		readings := make([]Reading, 1+random.IntN(4))
		for i := range readings {
			readings[i] = pool[random.IntN(len(pool))]
		}
		shuffled := append([]Reading{{}}, readings...)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for combine := Max; combine <= Number; combine++ {
			a, aBends := combine.Join(readings, noon)
			b, bBends := combine.Join(shuffled, noon)
			if a != b || !aBends.Equal(bBends) {
				t.Fatalf("%v of %+v is %+v, of %+v is %+v", combine, readings, a, shuffled, b)
			}
		}
	}
}
