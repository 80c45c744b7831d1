package checkpoint

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/internal/testlevel"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 250_000_001, time.UTC)

func open(t *testing.T, folder string) (*Store, *bytes.Buffer) {
	t.Helper()
	dir, err := datadir.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dir.Close)
	log := &bytes.Buffer{}
	s := Open(dir, slog.New(slog.NewTextHandler(log, nil)))
	dir.Close() // the next call is a restart
	return s, log
}

// of returns a metric of one server.
func of(metric string) ServerRef {
	return ServerRef{Ref: domain.Ref{Source: "headquarters", Metric: metric}, URL: "https://phones.example.com/rest"}
}

// observed returns a complete observation, confirmed at that time.
func observed(at time.Time, readings map[string]domain.Reading) domain.Observation {
	o := domain.Observation{Confirmed: at, Complete: at, Samples: map[string]domain.Sample{}}
	for category, r := range readings {
		o.Kind = r.Kind
		o.Samples[category] = domain.Sample{Reading: r, Confirmed: at}
	}
	return o
}

func one(at time.Time, r domain.Reading) domain.Observation {
	return observed(at, map[string]domain.Reading{"": r})
}

func save(t *testing.T, s *Store, known map[ServerRef]domain.Observation) {
	t.Helper()
	if err := s.Save(known); err != nil {
		t.Fatal(err)
	}
}

var plain = cmpopts.IgnoreFields(domain.Observation{}, "Alias")

// Restore returns every kind of value unchanged, without the times that order pushes.
func TestRestoreValues(t *testing.T) {
	folder := t.TempDir()
	warming := observed(noon, map[string]domain.Reading{"": domain.CountOf(2)})
	warming.Samples["b"] = domain.Sample{}
	warming.Complete = time.Time{}
	known := map[ServerRef]domain.Observation{
		of("line"):    one(noon, domain.Line(4*time.Minute, 1.5, noon.Add(-time.Hour))),
		of("count"):   one(noon, domain.CountOf(-2.25)),
		of("true"):    one(noon, domain.BooleanOf(true)),
		of("text"):    one(noon, domain.TextOf(strings.Repeat("<é> ", 100))),
		of("nothing"): one(noon, domain.Reading{}),
		of("unclear"): observed(noon, map[string]domain.Reading{"": {Unclear: true}}),
		of("warming"): warming,
		of("never"):   {},
	}
	pushed := one(noon, domain.CountOf(7))
	pushed.Samples[""] = domain.Sample{Reading: domain.CountOf(7), Confirmed: noon, Updated: noon.Add(time.Hour), PushedAt: noon}
	known[of("pushed")] = pushed
	known[of("new")] = domain.Observation{Confirmed: noon, Samples: map[string]domain.Sample{"a": {}}}

	s, _ := open(t, folder)
	save(t, s, known)
	s, log := open(t, folder)
	hideAfter := map[ServerRef]time.Duration{}
	for m := range known {
		hideAfter[m] = time.Minute
	}
	got := s.Restore(hideAfter, noon.Add(time.Second))
	delete(known, of("never"))
	delete(known, of("new"))
	warming.Samples[s.Alias("b")] = warming.Samples["b"]
	delete(warming.Samples, "b")
	pushed.Samples[""] = domain.Sample{Reading: domain.CountOf(7), Confirmed: noon}
	if len(got) != len(known) || log.Len() > 0 {
		t.Errorf("%d of %d restored, log %s", len(got), len(known), log)
	}
	for m, want := range known {
		if diff := cmp.Diff(want, got[m.Ref], plain); diff != "" {
			t.Errorf("%s: %s", m.Metric, diff)
		}
	}
}

func TestRestoreByAge(t *testing.T) {
	const limit = 5 * time.Minute
	tests := []struct {
		name string
		now  time.Time
		want bool
	}{
		{"at once", noon, true},
		{"just before it is hidden", noon.Add(limit - 1), true},
		{"when it is hidden", noon.Add(limit), false},
		{"a day later", noon.AddDate(0, 0, 1), false},
		{"the clock was set back a little", noon.Add(-time.Second), true},
		{"the clock was set back", noon.Add(-time.Second - 1), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			s, _ := open(t, folder)
			save(t, s, map[ServerRef]domain.Observation{of("m"): one(noon, domain.CountOf(3))})
			s, _ = open(t, folder)
			o, ok := s.Restore(map[ServerRef]time.Duration{of("m"): limit}, test.now)[of("m").Ref]
			if ok != test.want {
				t.Errorf("restored: %v", ok)
			}
			if o.Confirmed.After(test.now) || o.Complete.After(test.now) || o.Samples[""].Confirmed.After(test.now) {
				t.Errorf("confirmed in the future: %+v", o)
			}
		})
	}
	// One value from the future is enough.
	folder := t.TempDir()
	s, _ := open(t, folder)
	odd := observed(noon, map[string]domain.Reading{"a": domain.CountOf(1), "b": domain.CountOf(2)})
	odd.Samples["b"] = domain.Sample{Reading: domain.CountOf(2), Confirmed: noon.Add(time.Hour)}
	save(t, s, map[ServerRef]domain.Observation{of("m"): odd})
	s, _ = open(t, folder)
	if got := s.Restore(map[ServerRef]time.Duration{of("m"): limit}, noon.Add(time.Second)); len(got) > 0 {
		t.Errorf("restored %+v", got)
	}
}

// Last values belong to one server, source and metric.
func TestRestoreSameMetricOnly(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder)
	save(t, s, map[ServerRef]domain.Observation{of("m"): one(noon, domain.CountOf(3))})
	s, _ = open(t, folder)
	otherURL, otherSource := of("m"), of("m")
	otherURL.URL = "https://phones.example.com/rest2"
	otherSource.Source = "hq2"
	if got := s.Restore(map[ServerRef]time.Duration{otherURL: time.Hour, otherSource: time.Hour, of("M"): time.Hour}, noon); len(got) > 0 {
		t.Errorf("restored %+v", got)
	}
}

// The file holds no names, and Sample finds category values after one restart and after two.
func TestFileWithoutNames(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder)
	known := map[ServerRef]domain.Observation{of("Calls of agents"): observed(noon, map[string]domain.Reading{"Ada Lovelace(12)": domain.CountOf(3), "Alan Turing": domain.CountOf(4)})}
	save(t, s, known)
	for restarts := range 2 {
		data, err := os.ReadFile(filepath.Join(folder, fileName))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Lovelace", "Turing", "Calls", "headquarters", "phones.example.com"} {
			if strings.Contains(string(data), name) {
				t.Errorf("after %d restarts the file holds %q: %s", restarts, name, data)
			}
		}
		s, _ = open(t, folder)
		ref := of("Calls of agents").Ref
		o := s.Restore(map[ServerRef]time.Duration{of("Calls of agents"): time.Hour}, noon)[ref]
		if ada, ok := o.Sample("Ada Lovelace(12)"); !ok || ada.Reading != domain.CountOf(3) || len(o.Samples) != 2 || !o.Restored() {
			t.Errorf("after %d restarts: %+v", restarts+1, o)
		}
		if _, ok := o.Sample("Grace"); ok {
			t.Error("Sample found an unknown name")
		}
		save(t, s, map[ServerRef]domain.Observation{of("Calls of agents"): o})
	}
	other, _ := open(t, t.TempDir())
	if other.Alias("Alan") == s.Alias("Alan") {
		t.Error("the key is the same in every file")
	}
}

// An unreadable file is set aside, and the next one is good.
func TestDamagedFiles(t *testing.T) {
	folder := t.TempDir()
	s, _ := open(t, folder)
	save(t, s, map[ServerRef]domain.Observation{of("m"): one(noon, domain.TextOf("a value"))})
	good, err := os.ReadFile(filepath.Join(folder, fileName))
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Replace(good, []byte(`"version":1`), []byte(`"version":2`), 1)
	tests := map[string]struct {
		data []byte
		why  string
	}{
		"empty":         {nil, "damaged"},
		"half":          {good[:len(good)/2], "damaged"},
		"all but a bit": {good[:len(good)-1], "damaged"},
		"more":          {append(bytes.Clone(good), '\n'), "damaged"},
		"zeros":         {make([]byte, len(good)), "damaged"},
		"another value": {bytes.Replace(good, []byte("a value"), []byte("A value"), 1), "damaged"},
		"another's":     {[]byte(`{"version":1,"notices":{}}`), "damaged"},
		"newer":         {newer, "version 2"},
		"too large":     {make([]byte, maxFile+1), "too large"},
		"no key":        {sealed(`{"key":"","metrics":{}}`), "damaged"},
		"unknown field": {sealed(`{"key":"","metrics":{},"more":1}`), "damaged"},
		"no such kind":  {sealed(fmt.Sprintf(`{"key":%q,"metrics":{"m":{"confirmed":"2026-11-23T12:00:00Z","kind":"mood"}}}`, key43)), "damaged"},
		"no time":       {sealed(fmt.Sprintf(`{"key":%q,"metrics":{"m":{}}}`, key43)), "damaged"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, fileName)
			if err := os.WriteFile(path, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, log := open(t, folder)
			if got := s.Restore(map[ServerRef]time.Duration{of("m"): time.Hour}, noon); len(got) > 0 {
				t.Errorf("restored %+v", got)
			}
			if aside, err := os.ReadFile(path + ".set-aside-1"); err != nil || !bytes.Equal(aside, test.data) {
				t.Errorf("set aside: %d bytes, %v", len(aside), err)
			}
			if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, test.why) || strings.Contains(text, "value\"") {
				t.Errorf("log %q", text)
			}
			save(t, s, map[ServerRef]domain.Observation{of("m"): one(noon, domain.CountOf(3))})
			s, log = open(t, folder)
			if got := s.Restore(map[ServerRef]time.Duration{of("m"): time.Hour}, noon); len(got) != 1 || log.Len() > 0 {
				t.Errorf("then restored %+v, log %s", got, log)
			}
		})
	}
}

// A file with one flipped bit is damaged, or has the same content.
func TestFlippedBits(t *testing.T) {
	known := map[string]domain.Observation{"m": one(noon, domain.CountOf(3))}
	good, err := format(make([]byte, 32), known)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for bit := range 8 {
			data := bytes.Clone(good)
			data[i] ^= 1 << bit
			if _, got, err := parse(data); err == nil {
				if diff := cmp.Diff(known, got); diff != "" {
					t.Fatalf("%q: %s", data, diff)
				}
			}
		}
	}
}

// Too many values are an error, and the old checkpoint remains.
func TestTooManyValues(t *testing.T) {
	testlevel.Short(t)
	folder := t.TempDir()
	s, _ := open(t, folder)
	save(t, s, map[ServerRef]domain.Observation{of("m"): one(noon, domain.CountOf(3))})
	many := map[ServerRef]domain.Observation{}
	for i := range 14_000 {
		many[of(fmt.Sprint(i))] = one(noon, domain.TextOf(strings.Repeat("<", 200))) // which JSON escapes
	}
	if err := s.Save(many); err == nil || !strings.Contains(err.Error(), "too many values") {
		t.Errorf("got %v", err)
	}
	s, _ = open(t, folder)
	if got := s.Restore(map[ServerRef]time.Duration{of("m"): time.Hour}, noon); len(got) != 1 {
		t.Errorf("then restored %+v", got)
	}
}
