package typical

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/domain"
	"waitboard/history"
)

// reported returns rows of a value every half hour.
func reported(from time.Time, n int, value float64) (rows []history.Row) {
	for i := range n {
		rows = append(rows, history.Row{Time: from.Add(time.Duration(i) * 30 * time.Minute), Value: &value})
	}
	return rows
}

func TestImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.widget.Hours = &domain.Hours{Zone: time.UTC}
		for day := range w.widget.Hours.Weekly {
			w.widget.Hours.Weekly[day] = []domain.Span{{From: 8 * 60, To: 18 * 60}}
		}
		w.start()
		defer func() { w.stop() }()
		time.Sleep(9*time.Hour + 30*time.Minute)
		weeks := reported(time.Now().AddDate(0, 0, -21).Truncate(time.Hour), 48*21, 300)
		if _, err := w.Import(placement, weeks); !errors.Is(err, ErrNoKind) {
			t.Errorf("before the first value: %v", err)
		}
		w.poll(5*time.Minute, always(60))
		if _, err := w.Import(domain.Placement{Widget: "other", Metric: "wait"}, weeks); !errors.Is(err, history.ErrNone) {
			t.Errorf("another metric: %v", err)
		}
		if _, err := w.Import(placement, reported(time.Now(), 2, 5)); err == nil {
			t.Error("the future was imported")
		}
		hours, err := w.Import(placement, weeks)
		if err != nil || hours != 21*10 {
			t.Errorf("%d hours, %v; want those in which it is open", hours, err)
		}
		time.Sleep(time.Second)
		for hour, want := range map[int]int{8: 3, 17: 3, 18: 0, 7: 0} {
			if got := w.hour(24 + hour); got.Weeks != want || want > 0 && !near(got.Low, 300_000) {
				t.Errorf("hour %d of Monday: %+v, want %d weeks", hour, got, want)
			}
		}
		rows, err := w.Export(placement)
		if err != nil || len(rows) != 210+21+1+2 || !near(*rows[0].Value, 300) { // its hours, an end for each evening and for today, and the present
			t.Errorf("%d rows, %v", len(rows), err)
		}
		if again, err := w.Import(placement, rows); err != nil || again == 0 {
			t.Errorf("its own export: %d hours, %v", again, err)
		}
	})
}
