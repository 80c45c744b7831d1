package notices

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/datadir"
	"waitboard/domain"
)

// A fixture is a store with the notices it has shown and its log.
type fixture struct {
	*Store
	shown map[string]domain.Notice
	log   *strings.Builder
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir *datadir.Dir, now func() time.Time) *fixture {
	t.Helper()
	f := &fixture{shown: map[string]domain.Notice{}, log: &strings.Builder{}}
	var err error
	f.Store, err = Open(Options{
		Dir: dir, Show: func(id string, n domain.Notice) { f.shown[id] = n }, Now: now,
		Log: slog.New(slog.NewTextHandler(f.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func atNoon() time.Time { return noon }

func folder(t *testing.T) *datadir.Dir {
	t.Helper()
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (f *fixture) set(t *testing.T, id string, n domain.Notice) domain.Notice {
	t.Helper()
	stored, err := f.Set(id, n)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestSet(t *testing.T) {
	const down = "Phones are down, use chat"
	tests := []struct {
		name string
		n    domain.Notice
		want string // part of the reason; empty: accepted
	}{
		{"plain", domain.Notice{Text: down}, ""},
		{"closed", domain.Notice{Text: down, Closed: true, Until: noon.Add(time.Hour)}, ""},
		{"longest", domain.Notice{Text: strings.Repeat("ü", MaxLength), Until: noon.Add(MaxTime)}, ""},
		{"markup", domain.Notice{Text: `<b>&"'` + "`"}, ""},
		{"right to left", domain.Notice{Text: "הטלפונים מושבתים\u200f (chat)"}, ""},
		{"emoji", domain.Notice{Text: "👩‍💻 chat"}, ""},
		{"empty", domain.Notice{Closed: true}, "missing or empty"},
		{"spaces", domain.Notice{Text: " \u00a0 "}, "missing or empty"},
		{"nothing visible", domain.Notice{Text: "\u200b\u200f"}, "missing or empty"},
		{"fillers", domain.Notice{Text: "\u3164 \u2800\ufe0f"}, "missing or empty"},
		{"too long", domain.Notice{Text: strings.Repeat("ü", MaxLength+1)}, "has 501 characters"},
		{"lines", domain.Notice{Text: "a\nb"}, "one line"},
		{"escape", domain.Notice{Text: "a\x1b[31mb"}, "one line"},
		{"C1 control", domain.Notice{Text: "a\u0085b"}, "one line"},
		{"line separator", domain.Notice{Text: "a\u2028b"}, "turn its direction"},
		{"override", domain.Notice{Text: "a\u202eb"}, "turn its direction"},
		{"isolate", domain.Notice{Text: "a\u2067b"}, "turn its direction"},
		{"not UTF-8", domain.Notice{Text: "a\xffb"}, "UTF-8"},
		{"from then on", domain.Notice{Text: down, From: noon.Add(MaxTime)}, ""},
		{"starts too late", domain.Notice{Text: down, From: noon.Add(MaxTime + time.Second)}, "start is more than 30 days"},
		{"ends before it starts", domain.Notice{Text: down, From: noon.Add(2 * time.Hour), Until: noon.Add(time.Hour)}, "not after the start"},
		{"now", domain.Notice{Text: down, Until: noon}, "in the past"},
		{"less than a millisecond", domain.Notice{Text: down, Until: noon.Add(999 * time.Microsecond)}, "in the past"},
		{"too far", domain.Notice{Text: down, Until: noon.Add(MaxTime + time.Second)}, "30 days"},
		{"far too far", domain.Notice{Text: down, Until: time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC)}, "30 days"},
	}
	dir := folder(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := open(t, dir, atNoon)
			_, err := f.Set("w "+test.name, test.n)
			var invalid *InvalidError
			if test.want == "" {
				if err != nil || f.shown["w "+test.name] != test.n {
					t.Fatalf("%v, shown %v", err, f.shown)
				}
				again := open(t, dir, atNoon)
				if got, ok := again.Get("w " + test.name); !ok || got != test.n {
					t.Errorf("after a restart: %v %v", got, ok)
				}
			} else if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.want) || f.shown["w "+test.name] != (domain.Notice{}) {
				t.Errorf("%v, shown %v", err, f.shown)
			}
		})
	}
}

// A notice is set, replaced, removed, and ends, each with and without a restart.
func TestLifecycle(t *testing.T) {
	for _, persistent := range []bool{true, false} {
		t.Run(fmt.Sprint("persistent=", persistent), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var dir *datadir.Dir
				if persistent {
					dir = folder(t)
				}
				f := open(t, dir, time.Now)
				if f.Persistent() != persistent {
					t.Error("Persistent")
				}
				hour := f.set(t, "support", domain.Notice{Text: "one hour", Until: time.Now().Add(time.Hour)})
				forever := f.set(t, "sales", domain.Notice{Text: "no end", Closed: true})
				check := func(want map[string]domain.Notice) {
					t.Helper()
					if diff := cmp.Diff(want, f.All()); diff != "" {
						t.Errorf("(-want +got)\n%s", diff)
					}
					if !persistent {
						return
					}
					again := open(t, dir, time.Now)
					if diff := cmp.Diff(want, again.All()); diff != "" {
						t.Errorf("after a restart (-want +got)\n%s", diff)
					}
					if diff := cmp.Diff(want, again.shown); diff != "" {
						t.Errorf("shown after a restart (-want +got)\n%s", diff)
					}
				}
				check(map[string]domain.Notice{"support": hour, "sales": forever})
				time.Sleep(time.Hour - time.Millisecond)
				check(map[string]domain.Notice{"support": hour, "sales": forever})
				time.Sleep(time.Millisecond)
				check(map[string]domain.Notice{"sales": forever})
				if found, err := f.Remove("support"); found || err != nil {
					t.Errorf("remove an ended notice: %v, %v", found, err)
				}
				other := f.set(t, "sales", domain.Notice{Text: "another"})
				check(map[string]domain.Notice{"sales": other})
				if found, err := f.Remove("sales"); !found || err != nil || f.shown["sales"] != (domain.Notice{}) {
					t.Errorf("%v, %v, shown %v", found, err, f.shown)
				}
				check(map[string]domain.Notice{})
			})
		})
	}
}

// An unreadable file is set aside, and the store continues.
func TestDamage(t *testing.T) {
	good := `{"version":1,"notices":{"support":{"text":"Phones are down","until":"2026-11-23T13:00:00Z"}}}`
	tests := []struct{ name, text, want string }{
		{"empty", "", "damaged"},
		{"zeros", strings.Repeat("\x00", 100), "damaged"},
		{"truncated", good[:len(good)-5], "damaged"},
		{"twice", good + good, "damaged"},
		{"garbage after it", good + "x", "damaged"},
		{"null", "null", "version 0"},
		{"list", "[]", "damaged"},
		{"HTML", "<!doctype html>", "damaged"},
		{"foreign version", strings.Replace(good, "1", "3", 1), "version 3"},
		{"no version", strings.Replace(good, `"version":1,`, "", 1), "version 0"},
		{"unknown field", strings.Replace(good, `"text"`, `"colour":"red","text"`, 1), "damaged"},
		{"empty text", strings.Replace(good, "Phones are down", "", 1), "missing or empty"},
		{"bad text", strings.Replace(good, "Phones are down", `a\nb`, 1), "one line"},
		{"bad time", strings.Replace(good, "2026-11-23T13:00:00Z", "tomorrow", 1), "damaged"},
		{"no time", strings.Replace(good, "2026-11-23T13:00:00Z", "0001-01-01T00:00:00Z", 1), "damaged"},
		{"a time that can't be written", strings.Replace(good, "2026-11-23T13:00:00Z", "9999-12-31T23:00:00-23:00", 1), "damaged"},
		{"too large", good + strings.Repeat(" ", maxFile), "too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := folder(t)
			if err := os.WriteFile(dir.Path(fileName), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			f := open(t, dir, atNoon)
			log := f.log.String()
			aside := dir.Path(fileName + ".set-aside-1")
			if len(f.All()) > 0 || !strings.Contains(log, "level=ERROR") || !strings.Contains(log, test.want) || !strings.Contains(log, aside) {
				t.Errorf("%v, log %s", f.All(), log)
			}
			if old, err := os.ReadFile(aside); string(old) != test.text || err != nil {
				t.Errorf("the file was lost: %.100q, %v", old, err)
			}
			n := f.set(t, "support", domain.Notice{Text: "new"})
			if again := open(t, dir, atNoon); again.shown["support"] != n || again.log.Len() == 0 || strings.Contains(again.log.String(), "ERROR") {
				t.Errorf("%v, log %s", again.shown, again.log)
			}
		})
	}
}

// A process killed between writing and renaming leaves the old file.
func TestKilled(t *testing.T) {
	dir := folder(t)
	n := open(t, dir, atNoon).set(t, "support", domain.Notice{Text: "before"})
	for _, half := range []string{"", `{"version":1,"notices":{"support":{"te`, `{"version":1,"notices":{}}`} {
		if err := os.WriteFile(dir.Path(fileName+".tmp"), []byte(half), 0o600); err != nil {
			t.Fatal(err)
		}
		f := open(t, dir, atNoon)
		if f.shown["support"] != n || strings.Contains(f.log.String(), "ERROR") {
			t.Errorf("%q: %v, log %s", half, f.shown, f.log)
		}
	}
}

// A notice that can't be saved is not shown, and one that can't be removed stays.
func TestFailedWrite(t *testing.T) {
	dir := folder(t)
	f := open(t, dir, atNoon)
	before := f.set(t, "support", domain.Notice{Text: "before"})
	if err := os.MkdirAll(dir.Path(fileName+".tmp/in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	var invalid *InvalidError
	if _, err := f.Set("support", domain.Notice{Text: "after"}); err == nil || errors.As(err, &invalid) || !strings.Contains(err.Error(), dir.Path(fileName)) {
		t.Errorf("set: %v", err)
	}
	if found, err := f.Remove("support"); !found || err == nil {
		t.Errorf("removed: %v, %v", found, err)
	}
	if n, _ := f.Get("support"); n != before || f.shown["support"] != before {
		t.Errorf("changed: %v, shown %v", n, f.shown)
	}
	if err := os.RemoveAll(dir.Path(fileName + ".tmp")); err != nil {
		t.Fatal(err)
	}
	f.set(t, "support", domain.Notice{Text: "after"})
}

// After concurrent changes, the shown notices equal the saved ones.
func TestConcurrentChanges(t *testing.T) {
	dir := folder(t)
	f := open(t, dir, atNoon)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 10 {
				if _, err := f.Set("support", domain.Notice{Text: fmt.Sprint(i, n)}); err != nil {
					t.Error(err)
				}
				if _, err := f.Remove(fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
				f.All()
			}
		})
	}
	all.Wait()
	again := open(t, dir, atNoon)
	if f.shown["support"] != again.shown["support"] || again.shown["support"] == (domain.Notice{}) {
		t.Errorf("shown %v, saved %v", f.shown, again.shown)
	}
}

// FuzzFile opens stores with any file: each is accepted, or set aside unchanged, and the store continues.
func FuzzFile(f *testing.F) {
	for _, text := range []string{"", "null", `{"version":1}`, `{"version":1,"notices":{"support":{"text":"Phones are down","closed":true,"until":"2026-11-24T08:00:00+01:00"}}}`,
		`{"version":1,"notices":{"":{"text":"a\u2028"}}}`, `{"version":1e0,"notices":null}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := folder(t)
		if err := os.WriteFile(dir.Path(fileName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, atNoon)
		aside, err := os.ReadFile(dir.Path(fileName + ".set-aside-1"))
		if err == nil && (string(aside) != string(text) || len(s.All()) > 0) {
			t.Errorf("set aside %q of %q, and shown %v", aside, text, s.All())
		}
		s.set(t, "new", domain.Notice{Text: "new"})
		if diff := cmp.Diff(s.All(), open(t, dir, atNoon).All()); diff != "" {
			t.Errorf("after a restart (-before +after)\n%s", diff)
		}
	})
}

// The end of a notice is logged at that instant.
func TestEndIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, nil, time.Now)
		f.set(t, "a", domain.Notice{Text: "A", Until: time.Now().Add(time.Minute)})
		f.set(t, "b", domain.Notice{Text: "B", Until: time.Now().Add(time.Hour)})
		f.set(t, "c", domain.Notice{Text: "C"})
		ended := func(after time.Duration) int {
			time.Sleep(after)
			synctest.Wait()
			f.mu.Lock() // the store logs under its mutex
			defer f.mu.Unlock()
			return strings.Count(f.log.String(), "notice ended")
		}
		if before, then, later := ended(time.Minute-time.Millisecond), ended(time.Millisecond), ended(2*time.Hour); before != 0 || then != 1 || later != 2 {
			t.Errorf("%d, then %d, then %d ends logged: %s", before, then, later, f.log)
		}
		f.set(t, "d", domain.Notice{Text: "D", Until: time.Now().Add(time.Hour)})
		f.Close()
	})
}

func TestShare(t *testing.T) {
	f := open(t, folder(t), atNoon)
	f.set(t, "a", domain.Notice{Text: "A"})
	f.o.Share = func(string, domain.Notice, func(int64) error) error { return ErrReadOnly }
	if _, err := f.Set("a", domain.Notice{Text: "B"}); !errors.Is(err, ErrReadOnly) || f.shown["a"].Text != "A" {
		t.Errorf("%v, and %q is shown", err, f.shown["a"].Text)
	}
	f.o.Share = func(id string, n domain.Notice, apply func(int64) error) error { return apply(3) }
	f.set(t, "b", domain.Notice{Text: "B"})
	f.Replace(map[string]domain.Notice{"b": {Text: "B2"}, "c": {Text: "C"}, "ended": {Text: "E", Until: noon.Add(-time.Hour)}}, 4)
	want := map[string]domain.Notice{"b": {Text: "B2"}, "c": {Text: "C"}}
	if diff := cmp.Diff(want, f.All()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]domain.Notice{"a": {}, "b": {Text: "B2"}, "c": {Text: "C"}}, f.shown); diff != "" {
		t.Errorf("shown (-want +got)\n%s", diff)
	}
	again := open(t, f.o.Dir, atNoon)
	if diff := cmp.Diff(want, again.All()); diff != "" || again.Revision() != 4 {
		t.Errorf("after a restart, revision %d (-want +got)\n%s", again.Revision(), diff)
	}
}
