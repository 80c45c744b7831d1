package cluster

import (
	"testing"
	"time"

	"waitboard/domain"
)

// A notice arrives as it was set.
func TestNoticeArrives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.join("a"), w.join("b")
	there := &testNotices{}
	a.ShareNotices(&testNotices{})
	b.ShareNotices(there)
	now := time.Now().UTC().Truncate(time.Millisecond)
	for _, n := range []domain.Notice{
		{Text: "at once"}, {Text: "closed", Closed: true, Until: now.Add(time.Hour)}, {Text: "later", From: now.Add(time.Hour), Until: now.Add(2 * time.Hour)},
	} {
		if err := a.SetNotice("support", n, func(int64) error { return nil }); err != nil {
			t.Fatal(err)
		}
		w.within("the notice arrives: "+n.Text, func() bool { return there.All()["support"] == n })
	}
}

// What a replica remembers that was away does not replace what the others know, whoever is first at an empty engine.
func TestNoticesOfAReplicaThatWasAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	away := &testNotices{all: map[string]domain.Notice{"support": {Text: "old", Closed: true}}, revision: 5}
	here := &testNotices{revision: 7} // the notice was removed
	a := w.join("a")
	a.ShareNotices(away)
	w.within("the engine has the old one", func() bool {
		return w.client.HGet(t.Context(), "waitboard:notices", "support").Val() != ""
	})
	b := w.join("b")
	b.ShareNotices(here)
	w.within("it is removed", func() bool { return len(away.All()) == 0 && away.Revision() == 7 })
	if len(here.All()) != 0 {
		t.Error("it came back")
	}
}
