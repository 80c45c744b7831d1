package app_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waitboard/simulator"
)

// After the signal to stop, the service is not ready, and serves on for shutdown_delay.
func TestShutdownDelay(t *testing.T) {
	inFakeTime(t, func(w *world) {
		sim := w.simulate(simulator.Options{Seed: 6})
		cfg := w.read(strings.Replace(leavingYAML, "URL", sim.URL(), 1), map[string]string{"KEY": sim.Key()})
		s := w.serve(cfg)
		s.within(time.Minute, "ready", func() bool { status, _ := s.get(s.url + "/readyz"); return status == 200 })
		began := time.Now()
		s.stop()
		synctest.Wait()
		for time.Since(began) < 5*time.Second {
			if status, _ := s.get(s.url + "/readyz"); status != 503 {
				t.Errorf("after %v: /readyz is %d", time.Since(began), status)
			}
			if status, body := s.get(s.url + "/v1/widgets/support"); status != 200 || !strings.Contains(body, `"state":"open"`) {
				t.Errorf("after %v: %d %s", time.Since(began), status, body)
			}
			time.Sleep(499 * time.Millisecond)
		}
		err := <-s.ended
		close(s.ended)
		if took := time.Since(began); err != nil || took < 5*time.Second || took > 10*time.Second {
			t.Errorf("ended after %v: %v", took, err)
		}
	})
}

const leavingYAML = `
shutdown_delay: 5s
sources: {hq: {url: "URL", key_env: KEY}}
widgets: {support: {metrics: {wait: {metric: Current Wait Time}}}}
`
