package datadir_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"waitboard/datadir"
)

// A journal has the records before a crash, at whichever byte the crash cuts the file.
func TestJournalAfterACrash(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	open := func() (*datadir.Journal, [][]byte) {
		t.Helper()
		j, records, err := dir.Journal("j", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		return j, records
	}
	j, records := open()
	if len(records) > 0 {
		t.Fatal("it is not empty")
	}
	for i := range 3 {
		if err := j.Add(fmt.Appendf(nil, `{"n":%d}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	_ = j.Close()
	whole, err := os.ReadFile(dir.Path("j"))
	if err != nil {
		t.Fatal(err)
	}
	line := len(whole) / 3
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(dir.Path("j"), append(whole[:cut:cut], make([]byte, cut%2*5)...), 0o600); err != nil {
			t.Fatal(err)
		}
		j, records := open()
		if len(records) != cut/line {
			t.Fatalf("cut at %d: %d records, want %d", cut, len(records), cut/line)
		}
		if err := j.Add([]byte("next")); err != nil {
			t.Fatal(err)
		}
		_ = j.Close()
		j, records = open()
		if len(records) != cut/line+1 || !bytes.Equal(records[cut/line], []byte("next")) {
			t.Fatalf("cut at %d: %q", cut, records)
		}
		_ = j.Close()
	}
}

func TestJournal(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	j, _, err := dir.Journal("j", 100)
	if err != nil {
		t.Fatal(err)
	}
	add := func(text string) {
		t.Helper()
		if err := j.Add([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	add("one")
	if err := j.Replace([][]byte{[]byte("two"), []byte("three")}); err != nil {
		t.Fatal(err)
	}
	add("four")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j, records, err := dir.Journal("j", 100)
	if got := fmt.Sprintf("%s", records); err != nil || got != "[two three four]" || j.Size() != 3*10+int64(len("twothreefour")) {
		t.Errorf("%s, %d bytes, %v", got, j.Size(), err)
	}
	_ = j.Close()
	data, err := os.ReadFile(dir.Path("j"))
	if err != nil {
		t.Fatal(err)
	}
	data[10]++
	if err := os.WriteFile(dir.Path("j"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := dir.Journal("j", 100); !errors.Is(err, datadir.ErrDamaged) {
		t.Errorf("damage in the middle: %v", err)
	}
	if _, _, err := dir.Journal("j", 5); !errors.Is(err, datadir.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// Salvage stores the intact records again, whichever byte of the others is damaged, and the damaged file as it was.
func TestSalvage(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	j, _, err := dir.Journal("j", 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Replace([][]byte{[]byte("one"), []byte("two"), []byte("three"), []byte("four")}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(dir.Path("j"))
	if err != nil {
		t.Fatal(err)
	}
	line := len(whole[:bytes.IndexByte(whole, '\n')]) + 1
	for at := range 2 * line {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1
		if err := os.WriteFile(dir.Path("j"), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := dir.Journal("j", 100); !errors.Is(err, datadir.ErrDamaged) {
			t.Fatalf("byte %d: %v", at, err)
		}
		aside, lost, err := dir.Salvage("j", 100)
		if err != nil || lost != 1 {
			t.Fatalf("byte %d: %d lost, %v", at, lost, err)
		}
		if as, err := os.ReadFile(aside); err != nil || !bytes.Equal(as, damaged) {
			t.Errorf("byte %d: set aside as %q, %v", at, as, err)
		}
		j, records, err := dir.Journal("j", 100)
		if err != nil {
			t.Fatal(err)
		}
		_ = j.Close()
		want := map[int]string{0: "[two three four]", 1: "[one three four]"}[at/line]
		if at == line-1 || at == 2*line-1 { // a damaged line break costs two records
			want = map[int]string{0: "[three four]", 1: "[one four]"}[at/line]
		}
		if got := fmt.Sprintf("%s", records); got != want {
			t.Errorf("byte %d: %s, want %s", at, got, want)
		}
	}
	if _, _, err := dir.Salvage("none", 100); err == nil {
		t.Error("no file was salvaged")
	}
}
