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
