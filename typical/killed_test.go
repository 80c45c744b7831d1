package typical

import (
	"bufio"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/internal/testlevel"
	"waitboard/locale"
	"waitboard/readings"
)

// childVariable makes the test binary collect in a folder from a time on, until it is killed. It prints each time that it has collected.
const childVariable = "WAITBOARD_TYPICAL_CHILD"

// collect collects as fast as it can: each step is half a minute of a wait of 60 seconds.
func collect(folder string, now time.Time) error {
	dir, err := datadir.Open(folder)
	if err != nil {
		return err
	}
	w := &world{store: readings.New(func() time.Time { return now })}
	c := New(Options{
		Dir: dir, Readings: w.store, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Notice:  func(string) domain.Notice { return domain.Notice{} },
		Publish: func(domain.Placement, *domain.TypicalWeek) {},
	})
	changes := w.store.Subscribe()
	c.Replace([]domain.Widget{{
		ID: testID, Locale: locale.English(), StaleAfter: 2 * time.Minute, HideAfter: 5 * time.Minute,
		Metrics: []domain.WidgetMetric{{ID: "wait", Ref: ref, History: domain.History{Keep: 52 * 7 * 24 * time.Hour, MinWeeks: 1, Low: 0.25, High: 0.8}}},
	}})
	for step := 1; ; step++ {
		w.observeAt(now, 60)
		c.take(changes.Take())
		c.advance()
		for c.addOne() {
		}
		if step%10 == 0 { // five minutes
			c.save()
			fmt.Println(now.Unix())
		}
		now = now.Add(30 * time.Second)
	}
}

// Killed at any moment, a collector loses five minutes at most, and no file is damaged.
func TestKilledAtAnyMoment(t *testing.T) {
	testlevel.Short(t)
	folder := filepath.Join(t.TempDir(), "data")
	begin := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	now := begin
	const down = 10 * time.Minute // between two lives; longer than what a life may have collected after its last line
	lives := testlevel.Pick(10, 10, 100)
	for range lives {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^$") //nolint:gosec // this program
		child.Env = append(os.Environ(), childVariable+"="+folder+"="+strconv.FormatInt(now.Unix(), 10))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 1 + rand.IntN(30) {
			if !lines.Scan() {
				t.Fatal("the collector has ended")
			}
		}
		time.AfterFunc(time.Duration(rand.IntN(3_000))*time.Microsecond, func() { _ = child.Process.Kill() })
		last := lines.Text()
		for lines.Scan() { // until it is killed
			last = lines.Text()
		}
		_ = child.Wait()
		seconds, err := strconv.ParseInt(last, 10, 64)
		if err != nil {
			t.Fatalf("the last line is %q", last)
		}
		now = time.Unix(seconds, 0).Add(down)
	}
	dir, err := datadir.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	f := files{dir, slog.New(slog.DiscardHandler)}
	archive := f.read(placement)
	archive.Add(f.current()[placement]...)
	total := time.Duration(0)
	for _, hour := range archive.Hours() {
		if hour.Total() > time.Hour {
			t.Errorf("%v of the hour at %v", hour.Total(), hour.Start)
		}
		total += hour.Total()
	}
	if lost := now.Sub(begin) - total; lost > time.Duration(lives)*(down+5*time.Minute) {
		t.Errorf("%v of %v are lost in %d lives", lost, now.Sub(begin), lives)
	}
	t.Logf("%v collected in %d lives; %v between them and lost", total, lives, now.Sub(begin)-total)
	if aside, err := filepath.Glob(filepath.Join(folder, "*.set-aside-*")); err != nil || len(aside) > 0 {
		t.Errorf("a file was damaged: %v, %v", aside, err)
	}
}
