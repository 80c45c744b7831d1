package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"waitboard/simulator"
)

// /readyz?verbose of the admin listener says why not. The public one has the same status and no reason.
func TestReadiness(t *testing.T) {
	inFakeTime(t, func(w *world) {
		hangs, fails := w.simulate(simulator.Options{Seed: 1}), w.simulate(simulator.Options{Seed: 2})
		w.fail(hangs, simulator.Fault{Mode: simulator.ModeHang})
		w.fail(fails, simulator.Fault{Mode: simulator.ModeStatus, Status: http.StatusUnauthorized})
		s := w.serveReloading(w.read(fmt.Sprintf(`
shutdown_delay: 5s
sources: {hangs: {url: %q, key_env: A}, fails: {url: %q, key_env: B}}
widgets: {a: {metrics: {m: {source: hangs, metric: K0FLAEB6}}}, b: {metrics: {m: {source: fails, metric: K0FLAEB6}}}}
`, hangs.URL(), fails.URL()), map[string]string{"A": hangs.Key(), "B": fails.Key()}))
		check := func(when string, status int, public, verbose string) {
			t.Helper()
			if got, body := s.get(s.admin + "/readyz?verbose"); got != status || body != verbose {
				t.Errorf("%s: %d\n%s\nwant\n%s", when, got, body, verbose)
			}
			if got, body := s.get(s.admin + "/readyz"); got != status || body != verbose[len(verbose)-len("readyz check passed\n"):] {
				t.Errorf("%s, not verbose: %d %s", when, got, body)
			}
			if got, body := s.get(s.url + "/readyz?verbose"); got != status || body != public {
				t.Errorf("%s, public: %d %s", when, got, body)
			}
		}
		const no = `{"type":"about:blank","title":"Service Unavailable","status":503,"code":"not_ready","detail":"The service is starting or stopping."}` + "\n"
		const yes = `{"status":"ready"}` + "\n"
		const key = "[+]source fails ok, but its last poll failed: unauthorized: the key is rejected. Check the key and its service user\n"
		w.pass(time.Second)
		check("at first", 503, no, "[+]serving ok\n[+]configuration ok\n[-]source hangs failed: no poll has ended yet; the first one ends within its timeout of 10s\n"+key+"readyz check failed\n")
		w.pass(time.Minute)
		check("after the timeout", 200, yes, "[+]serving ok\n[+]configuration ok\n[+]source hangs ok, but its last poll failed: timeout: no answer in time. "+
			"Check that the server is not overloaded, and that this machine reaches it\n"+key+"readyz check passed\n")
		w.fail(hangs, simulator.Fault{})
		w.fail(fails, simulator.Fault{})
		w.pass(2 * time.Minute)
		check("in health", 200, yes, "[+]serving ok\n[+]configuration ok\n[+]source hangs ok\n[+]source fails ok\nreadyz check passed\n")
		s.reload(nil)
		check("with a broken file", 200, yes, "[+]serving ok\n[+]configuration ok, but waitboard rejected the last version of the file: it has mistakes; see the log or the dashboard\n"+
			"[+]source hangs ok\n[+]source fails ok\nreadyz check passed\n")
		s.stop()
		w.pass(time.Second)
		check("stopping", 503, no, "[-]serving failed: the service received the signal to stop\n[+]configuration ok, but waitboard rejected the last version of the file: it has mistakes; see the log or the dashboard\n"+
			"[+]source hangs ok\n[+]source fails ok\nreadyz check failed\n")
		w.pass(10 * time.Second)
	})
}
