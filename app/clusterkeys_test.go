package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"waitboard/internal/testengine"
	"waitboard/simulator"
)

// A replica with a wrong key does not become ready while others have the right one, so that a rolling update stops.
func TestReplicaWithWrongKey(t *testing.T) {
	t.Parallel()
	engine := testengine.Start(t)
	sim := simulate(t, simulator.Options{Seed: 3})
	with := func(key string) *service {
		return serve(t, parse(t, fmt.Sprintf(clusterYAML, sim.URL()), map[string]string{"KEY": key, "ENGINE": engine.URL()}))
	}
	good := with(sim.Key())
	ready := func(s *service) bool { status, _ := s.get(s.url + "/readyz"); return status == http.StatusOK }
	good.within(long, "ready", func() bool { return ready(good) })
	bad := with("0000-wrong-key")
	bad.within(long, "it knows why it is not ready", func() bool {
		_, why := bad.get(bad.admin + "/readyz?verbose")
		return strings.Contains(why, "[-]keys failed: every source rejects the key of this replica")
	})
	if ready(bad) || !ready(good) {
		t.Errorf("ready: %v with a wrong key, %v with the right one", ready(bad), ready(good))
	}
	good.end()
	bad.within(long, "ready when it is the only one", func() bool { return ready(bad) })
}
