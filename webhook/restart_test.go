package webhook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"waitboard/datadir"
)

// A restart neither repeats nor loses anything, whatever the receiver does meanwhile.
func TestRestart(t *testing.T) {
	for _, saved := range []bool{true, false} {
		t.Run(fmt.Sprintf("saved %v", saved), func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				if saved {
					dir, err := datadir.Open(t.TempDir())
					if err != nil {
						t.Fatal(err)
					}
					defer dir.Close()
					w.close()
					w.dir = dir
					w.open()
				}
				r := w.receiver()
				h := r.hook()
				w.replace(h)
				expect := func(want string) {
					t.Helper()
					w.pass(time.Minute)
					if got := r.conditions(); got != want {
						t.Fatalf("received %s, want %s\n%s", got, want, w.logged())
					}
				}
				w.set("support", 20)
				expect("high")
				w.restart(h)
				w.set("support", 20)
				expect("high")
				r.answers(status(500))
				w.set("support", 1)
				w.pass(time.Second)
				id := r.all()[1].id
				r.answers(nil)
				w.restart(h)
				expect("high low low")
				if again := r.all()[2].id; again != id {
					t.Errorf("sent again as %s, not %s", again, id)
				}
				w.close()
				w.set("support", 20) // and back, while nobody looks
				w.set("support", 10)
				w.open()
				w.replace(h)
				expect("high low low moderate")
			})
		})
	}
}

// Until the sources were polled after a start, values of the checkpoint alarm nobody.
func TestNotReady(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.ready = false
		r := w.receiver()
		w.replace(r.hook(func(h *Hook) { h.When = []Kind{Level, State, Stale, Source} }))
		w.setSources(map[string]SourceState{canary + "support": {Condition: "failing"}})
		w.set("support", 20)
		w.pass(10 * time.Second)
		if len(r.all()) > 0 {
			t.Errorf("received %v", r.all())
		}
	})
}

// Of a damaged file, the intact records stay in use: the queue loses one message.
func TestDamagedJournal(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	inFakeTime(t, func(w *world) {
		w.close()
		w.dir = dir
		w.open()
		r := w.receiver()
		r.answers(status(500))
		h := r.hook()
		w.replace(h)
		for _, value := range []float64{20, 1, 10} {
			w.set("support", value)
			w.pass(time.Second)
		}
		w.close()
		path := dir.Path(journalName)
		journal, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(journal), "\n")
		damaged := 0
		for i, line := range lines {
			if lines[i] = strings.Replace(line, `\"to\":\"low\"`, `\"to\":\"lxw\"`, 1); lines[i] != line {
				damaged++
			}
		}
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil || damaged != 1 {
			t.Fatalf("%d damaged in %q, %v", damaged, journal, err)
		}
		w.set("support", 10)
		r.answers(nil)
		r.forget()
		w.open()
		w.replace(h)
		w.pass(time.Hour)
		if got := r.conditions(); got != "high moderate" || !strings.Contains(w.logged(), "file of webhook queues damaged") || !strings.Contains(w.logged(), " lost=1 ") {
			t.Errorf("received %s\n%s", got, w.logged())
		}
		if aside, err := os.ReadFile(path + ".set-aside-1"); err != nil || string(aside) != strings.Join(lines, "") {
			t.Errorf("set aside: %q, %v", aside, err)
		}
	})
}

// The journal does not grow forever, and forgets the hooks that are gone.
func TestCompaction(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	log := discard()
	s := OpenStore(dir, log)
	text := strings.Repeat("x", 50_000)
	for i := range 100 {
		field := fmt.Sprintf("%s%016d", messagePrefix, i)
		for _, r := range []record{{"chat", map[string]string{field: text, "r/a": fmt.Sprint(i)}, nil}, {"chat", nil, []string{field}}, {"other", map[string]string{"r/b": "1"}, nil}} {
			if err := s.update(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s.journal.Size() > compactAt+2*s.settled {
		t.Errorf("%d bytes", s.journal.Size())
	}
	s.Close()
	s = OpenStore(dir, log)
	if got := fmt.Sprint(s.hooks); got != "map[chat:map[r/a:99] other:map[r/b:1]]" {
		t.Errorf("read again: %s", got)
	}
	s.Retain([]string{"other"})
	s.Close()
	s = OpenStore(dir, log)
	defer s.Close()
	if got := fmt.Sprint(s.hooks); got != "map[other:map[r/b:1]]" {
		t.Errorf("without chat: %s", got)
	}
}

// While nothing can be stored, no new message leaves: a crash would make it again under another ID.
func TestBrokenDisk(t *testing.T) {
	for _, applies := range []bool{false, true} {
		t.Run(fmt.Sprintf("updates take effect %v", applies), func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				r := w.receiver()
				h := r.hook()
				w.replace(h)
				w.pass(time.Minute)
				w.breaks(true, applies)
				w.set("support", 20)
				w.pass(time.Minute)
				if got := r.conditions(); got != "" || strings.Count(w.logged(), "webhook queue not saved") != 1 {
					t.Errorf("received %s\n%s", got, w.logged())
				}
				if got, want := w.hooks.Status()[0].Unsaved, "its queue can't be stored, so new messages wait: no space left on device"; got != want {
					t.Errorf("status: %q, want %q", got, want)
				}
				if applies {
					w.restart(h)
				}
				w.breaks(false, false)
				w.set("support", 20)
				w.pass(time.Minute)
				if got := w.hooks.Status()[0].Unsaved; got != "" {
					t.Errorf("status after the repair: %q", got)
				}
				w.restart(h)
				w.pass(time.Minute)
				if got := r.conditions(); got != "high" {
					t.Errorf("received %s\n%s", got, w.logged())
				}
			})
		})
	}
}

// While nothing can be stored, a queue holds no dropped message.
func TestFullQueueInMemory(t *testing.T) {
	q := newQueue(nil)
	for i := range 3 * maxQueued {
		q.report(change{subject: subject{kind: State, name: "support"}, to: "open"}, &message{ID: fmt.Sprint(i)})
	}
	if len(q.messages) != maxQueued || len(q.fresh) != maxQueued || len(q.set) != maxQueued+1 || len(q.del) != 2*maxQueued {
		t.Errorf("%d messages, %d fresh, %d set, %d removed", len(q.messages), len(q.fresh), len(q.set), len(q.del))
	}
	q.saved()
	if m := q.messages[0]; !m.stored || m.ID != fmt.Sprint(2*maxQueued) || q.dirty() {
		t.Errorf("after saving: %+v", m)
	}
}

// Why messages wait is said in words. An address of an engine stays in the log.
func TestUnsaved(t *testing.T) {
	for want, err := range map[string]error{
		"": nil,
		"its queue can't be stored, so new messages wait: no space left on device": fmt.Errorf("can't write /a: %w", syscall.ENOSPC),
		"its queue can't be stored, so new messages wait: read-only file system":   &fs.PathError{Op: "write", Path: "/a", Err: syscall.EROFS},
		"its queue can't be stored, so new messages wait; the log has the reason":  errors.New("redis://canary"),
	} {
		if got := unsaved(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

// A service that starts without webhooks drops their queues.
func TestDiscard(t *testing.T) {
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	Discard(dir, discard())
	s := OpenStore(dir, discard())
	if err := s.update(record{"chat", map[string]string{"r/a": "1"}, nil}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	Discard(dir, discard())
	if _, err := os.Stat(dir.Path(journalName)); err == nil {
		t.Error("the journal is still there")
	}
}
