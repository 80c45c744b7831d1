package publish

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
	"waitboard/internal/testlevel"
	"waitboard/readings"
)

// Publishers with the same readings publish the same bytes with the same ETags. One of them joins late, and receives its readings
// a moment later.
func TestPublishersOfTheSameReadingsAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 32))
	for trial := range testlevel.Pick(10, 30, 300) {
		t.Run(fmt.Sprint(trial), func(t *testing.T) {
			atNoon(t, func(t *testing.T) { agree(t, random) })
		})
	}
}

func agree(t *testing.T, random *rand.Rand) {
	w := agreeing()
	stores := []*readings.Store{readings.New(time.Now), readings.New(time.Now)}
	publishers := []*Publisher{New(Options{Widgets: []domain.Widget{w}, Readings: stores[0], Now: time.Now})}
	t.Cleanup(func() {
		for _, p := range publishers {
			p.Close()
		}
	})
	const joins = 20
	for step := range 40 {
		if step == joins { // the late store starts with the readings of the first
			stores[1].Set(stores[0].All())
			publishers = append(publishers, New(Options{Widgets: []domain.Widget{w}, Readings: stores[1], Now: time.Now}))
		}
		stores[0].Apply("hq", someReadings(random))
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // in transit
		if step >= joins {
			stores[1].Set(stores[0].All())
			if step%10 == 5 {
				notice := domain.Notice{Text: "Busy", Until: time.Now().Add(time.Duration(1+random.IntN(20)) * time.Second)}
				for _, p := range publishers {
					p.SetNotice("w", notice)
				}
			}
		}
		for range 5 {
			synctest.Wait()
			compare(t, publishers)
			time.Sleep(time.Duration(random.IntN(5_000)) * time.Millisecond)
		}
	}
}

// agreeing is a widget with everything that depends on time.
func agreeing() domain.Widget {
	w := widget("w", metric("raw"), metric("rounded"), metric("buckets"), metric("count"))
	w.HideAfter = time.Hour
	for i := range w.Metrics {
		m := &w.Metrics[i]
		m.Levels = domain.Levels{Kind: domain.Duration, Moderate: 120_000, High: 300_000}
		m.Ref.Metric = "wait"
	}
	w.Metrics[1].Display = domain.Display{Kind: domain.Duration, Round: 30_000, Hold: domain.Hold{Share: .2, Least: 15 * time.Second}}
	w.Metrics[2].Display = domain.Display{Kind: domain.Duration, Buckets: []float64{60_000, 180_000}}
	w.Metrics[3].Ref.Metric = "calls"
	w.Metrics[3].Display = domain.Display{Kind: domain.Count, Round: 5, Hold: domain.Hold{Least: 40 * time.Second}}
	return w
}

func someReadings(random *rand.Rand) map[string]domain.Observation {
	line := domain.Line(time.Duration(random.IntN(400))*time.Second, float64(random.IntN(3)), time.Now().Add(-time.Duration(random.IntN(2_000))*time.Millisecond))
	out := map[string]domain.Observation{"wait": confirmed(line)}
	if random.IntN(3) > 0 {
		out["calls"] = confirmed(domain.CountOf(float64(random.IntN(20))))
	}
	return out
}

func compare(t *testing.T, publishers []*Publisher) {
	t.Helper()
	first, _ := publishers[0].Page("w")
	for _, p := range publishers[1:] {
		page, _ := p.Page("w")
		if diff := cmp.Diff(string(first.Plain.Body), string(page.Plain.Body)); diff != "" || first.Plain.ETag[0] != page.Plain.ETag[0] {
			t.Fatalf("ETags %s and %s (-first +late):\n%s", first.Plain.ETag, page.Plain.ETag, diff)
		}
	}
}
