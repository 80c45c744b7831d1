package app

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"waitboard/chronicall"
)

// A source that takes its time to stop holds up no other: all are told to before any is waited for.
func TestSourcesStopTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sources []*source
		var untold sync.WaitGroup
		for range 3 {
			client, err := chronicall.New(chronicall.Options{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			s := &source{client: client, stop: stop, ended: make(chan struct{})}
			sources = append(sources, s)
			untold.Add(1)
			go func() {
				defer close(s.ended)
				<-ctx.Done()
				untold.Done()
				untold.Wait()
			}()
		}
		closeAll(append(sources, &source{client: sources[0].client})) // and one that has not begun
	})
}
