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
		if err := a.SetNotice("support", n, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		w.within("the notice arrives: "+n.Text, func() bool { return there.All()["support"] == n })
	}
}
