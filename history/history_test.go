package history

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	_ "time/tzdata"

	"waitboard/domain"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestLevel(t *testing.T) {
	for value := 0.0; value < 700_000; value = value*1.003 + 0.01 {
		got := LevelOf(value).Value()
		if value >= 1 && math.Abs(got-value)/value > 0.0301 {
			t.Fatalf("%v: level stands for %v", value, got)
		}
	}
	for n := range 17 {
		if got := math.Round(LevelOf(float64(n)).Value()); got != float64(n) {
			t.Errorf("count %d: %v", n, got)
		}
	}
	for level := Level(1); level <= LastLevel; level++ {
		if got := LevelOf(level.Low()); got != level {
			t.Errorf("the bound of level %d is in level %d", level, got)
		}
		if got := LevelOf(level.Value()); got != level {
			t.Errorf("what stands for level %d is in level %d", level, got)
		}
	}
	for name, value := range map[string]float64{"negative": -5, "not a number": math.NaN(), "less than a second": 0.99} {
		if got := LevelOf(value); got != 0 {
			t.Errorf("%s: level %d", name, got)
		}
	}
	if got := LevelOf(math.Inf(1)); got != LastLevel {
		t.Errorf("infinity: level %d", got)
	}
}

// Irregular pieces of a value give the same hours as the whole.
func TestRecorderIsIndifferentToPolls(t *testing.T) {
	from := time.Date(2026, 3, 2, 9, 40, 0, 0, time.UTC)
	whole := Piece{From: from, To: from.Add(3 * time.Hour), Value: 12, Rate: 1}
	want := record(time.UTC, whole)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var pieces []Piece
		for at := whole.From; at.Before(whole.To); {
			to := at.Add(time.Duration(rng.IntN(90_000)+1) * time.Millisecond)
			if to.After(whole.To) {
				to = whole.To
			}
			pieces = append(pieces, Piece{at, to, whole.Value + at.Sub(from).Seconds(), 1})
			at = to
		}
		got := record(time.UTC, pieces...)
		if len(got) != len(want) {
			t.Fatalf("%d hours, want %d", len(got), len(want))
		}
		for i := range want {
			if !got[i].Start.Equal(want[i].Start) {
				t.Errorf("hour %d starts at %v", i, got[i].Start)
			}
			for level, d := range want[i].Times {
				if diff := (got[i].Times[level] - d).Abs(); diff > 2*time.Second {
					t.Errorf("hour %d, level %d: off by %v", i, level, diff)
				}
			}
		}
	}
}

func record(z *time.Location, pieces ...Piece) (hours []Hour) {
	r := NewRecorder(z)
	for _, p := range pieces {
		hours = append(hours, r.Add(p)...)
	}
	return r.Flush(hours)
}

func TestRecorder(t *testing.T) {
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		name, zone, from, to string
		rate                 float64
		starts               []string
		total                time.Duration
	}{
		{"within an hour", "UTC", "2026-01-05T09:10:00Z", "2026-01-05T09:50:00Z", 0, []string{"2026-01-05T09:00:00Z"}, 40 * time.Minute},
		{"over midnight", "Europe/Berlin", "2026-01-05T22:30:00Z", "2026-01-05T23:30:00Z", 0, []string{"2026-01-05T22:00:00Z", "2026-01-05T23:00:00Z"}, time.Hour},
		{"half-hour zone", "Asia/Kolkata", "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z", 1, []string{"2026-01-05T08:30:00Z", "2026-01-05T09:30:00Z"}, time.Hour},
		{"spring forward", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", 0, []string{"2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"}, time.Hour},
		{"fall back", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", 0, []string{"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"}, time.Hour},
		{"falling to zero", "UTC", "2026-01-05T09:00:00Z", "2026-01-05T09:30:00Z", -1, []string{"2026-01-05T09:00:00Z"}, 30 * time.Minute},
		{"nothing", "UTC", "2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z", 0, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			hours := record(zone(t, c.zone), Piece{at(c.from), at(c.to), 30, c.rate})
			var starts []string
			total := time.Duration(0)
			for _, h := range hours {
				starts = append(starts, h.Start.Format(time.RFC3339))
				total += h.Total()
			}
			if !slices.Equal(starts, c.starts) || total != c.total {
				t.Errorf("%v, %v; want %v, %v", starts, total, c.starts, c.total)
			}
		})
	}
}

// Eight weeks with daily and weekly patterns give the percentiles of what really was, within 5 %.
func TestWeekAgainstExactPercentiles(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	begin := time.Date(2026, 9, 7, 0, 0, 0, 0, berlin) // summer time ends in between
	now := begin.AddDate(0, 0, 56)
	rng := rand.New(rand.NewPCG(3, 4))
	type sample struct{ value, weight float64 }
	exact := map[int][]sample{}
	var a Archive
	r := NewRecorder(berlin)
	for at := begin; at.Before(now); {
		to := at.Add(time.Duration(5+rng.IntN(50)) * time.Second)
		if start, end := HourOf(at, berlin); to.After(end) && start.Before(end) {
			to = end
		}
		local := at.In(berlin)
		busy := 60 + 400*math.Pow(math.Sin(math.Pi*float64(local.Hour())/24), 2)*(1+0.5*float64(local.Weekday()%3))
		value := busy * (0.4 + rng.Float64())
		a.Add(r.Add(Piece{From: at, To: to, Value: value})...)
		start, _ := HourOf(at, berlin)
		weight := to.Sub(at).Seconds() * math.Exp2(-now.Sub(start).Hours()/halfLife.Hours())
		exact[domain.HourOfWeek(local)] = append(exact[domain.HourOfWeek(local)], sample{value, weight})
		at = to
	}
	a.Add(r.Flush(nil)...)
	week := a.Week(now, berlin, 0.25, 0.8)
	of := func(slot int, part float64) float64 {
		all := exact[slot]
		slices.SortFunc(all, func(x, y sample) int { return int(math.Copysign(1, x.value-y.value)) })
		total, sum := 0.0, 0.0
		for _, s := range all {
			total += s.weight
		}
		for _, s := range all {
			if sum += s.weight; sum >= total*part {
				return s.value
			}
		}
		return 0
	}
	for slot, got := range week.Hours {
		if got.Weeks != 8 {
			t.Errorf("hour %d: %d weeks", slot, got.Weeks)
		}
		for _, c := range []struct{ part, got float64 }{{0.25, got.Low}, {0.8, got.High}} {
			if want := of(slot, c.part); math.Abs(c.got-want)/want > 0.05 { // 3 % of the level, and the sample beside the quantile
				t.Errorf("hour %d, P%v: %v, want %v", slot, c.part*100, c.got, want)
			}
		}
	}
}

func TestOldWeeksFade(t *testing.T) {
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC) // a Monday
	var a Archive
	for week := 1; week <= 8; week++ {
		value := 100.0
		if week > 4 {
			value = 1000
		}
		start := now.AddDate(0, 0, -7*week)
		a.Add(Hour{start, map[Level]time.Duration{LevelOf(value): time.Hour}})
	}
	got := a.Week(now, time.UTC, 0.25, 0.7).Hours[domain.HourOfWeek(now)]
	if got.Weeks != 8 || LevelOf(got.Low) != LevelOf(100) || LevelOf(got.High) != LevelOf(1000) {
		t.Errorf("%+v", got)
	}
	if got := a.Week(now, time.UTC, 0.25, 0.6).Hours[domain.HourOfWeek(now)]; LevelOf(got.High) != LevelOf(100) {
		t.Errorf("the last four weeks weigh two thirds: %+v", got)
	}
	a.DropBefore(now.AddDate(0, 0, -28))
	if got := a.Week(now, time.UTC, 0.25, 0.99).Hours[domain.HourOfWeek(now)]; got.Weeks != 4 || LevelOf(got.High) != LevelOf(100) {
		t.Errorf("after the old weeks were dropped: %+v", got)
	}
}

func TestArchiveAdd(t *testing.T) {
	start := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	long, short := map[Level]time.Duration{3: time.Hour}, map[Level]time.Duration{5: time.Minute}
	for _, c := range []struct {
		name  string
		hours []Hour
		want  []time.Duration
	}{
		{"in order", []Hour{{start, short}, {start.Add(time.Hour), long}}, []time.Duration{time.Minute, time.Hour}},
		{"out of order", []Hour{{start.Add(time.Hour), long}, {start, short}}, []time.Duration{time.Minute, time.Hour}},
		{"the same twice", []Hour{{start, long}, {start, long}}, []time.Duration{time.Hour}},
		{"known for longer", []Hour{{start, short}, {start, long}, {start, short}}, []time.Duration{time.Hour}},
		{"empty", []Hour{{start, nil}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a Archive
			a.Add(c.hours...)
			var got []time.Duration
			for _, h := range a.Hours() {
				got = append(got, h.Total())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestFile(t *testing.T) {
	a := Archive{Kind: domain.Count}
	for i := range 200 {
		start := time.Date(2026, 6, 1, i, 0, 0, 0, time.UTC)
		a.Add(Hour{start, map[Level]time.Duration{0: time.Minute, Level(i % 230): time.Duration(i+1) * time.Second, LastLevel: time.Millisecond}})
	}
	file := a.Encode()
	got, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Encode()) != string(file) || !got.Last().Equal(a.Last()) || got.Kind != domain.Count {
		t.Error("not the same after decoding")
	}
	if none, err := Decode((&Archive{}).Encode()); err != nil || !none.Last().IsZero() {
		t.Errorf("empty: %v, %v", none.Last(), err)
	}
	future := slices.Clone(file)
	future[len(magic)]++
	if _, err := Decode(future); !errors.Is(err, ErrVersion) {
		t.Errorf("future version: %v", err)
	}
	for i := range file {
		if i == len(magic) {
			continue
		}
		damaged := slices.Clone(file)
		damaged[i] ^= 1
		if _, err := Decode(damaged); !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit of byte %d: %v", i, err)
		}
	}
	for n := range file {
		if _, err := Decode(file[:n]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var a Archive
	a.Add(Hour{time.Unix(3600, 0), map[Level]time.Duration{7: time.Minute}})
	f.Add(a.Encode())
	f.Fuzz(func(_ *testing.T, file []byte) {
		if a, err := Decode(file); err == nil {
			a.Week(time.Unix(1e9, 0), time.UTC, 0.25, 0.8)
		}
	})
}
