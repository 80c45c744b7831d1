package app

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"waitboard/chronicall"
)

// The feed stops all sources before it waits for any, so a slow source delays no other.
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
