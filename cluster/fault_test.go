package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"waitboard/domain"
	"waitboard/internal/testengine"
)

// An engine that can't be used gets one line in the log that says why and what to do, without secrets. The replica polls on its own.
func TestFaultsOfEngines(t *testing.T) {
	t.Parallel()
	const secret = "CANARYsecret"
	withUser := func(rules ...any) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			w.do(t, append([]any{"ACL", "SETUSER", "waits", "on", ">" + secret, "~*", "&*", "+@all"}, rules...)...)
			w.url = strings.Replace(w.engine.URL(), "redis://", "redis://waits:"+secret+"@", 1)
		}
	}
	restarted := func(arguments ...string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			w.engine.Kill()
			w.engine.Restart(arguments...)
		}
	}
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, w *world)
		want    string // what Problem and Inspect say, and the log as cause and fix
	}{
		{"wrong password", func(_ *testing.T, w *world) {
			w.url = strings.Replace(w.engine.URL(), "redis://", "redis://waits:"+secret+"@", 1)
		}, "it rejects the user or the password; correct the URL"},
		{"no password", func(t *testing.T, w *world) { w.do(t, "CONFIG", "SET", "requirepass", secret) }, "it requires a password; add it to the URL"},
		{"a command is not permitted", withUser("-zadd"), "its user lacks a permission; give it those that docs/cluster.md lists, for keys and channels with its prefix"},
		{"scripts are not permitted", withUser("-evalsha", "-eval"), "its user lacks a permission; give it those that docs/cluster.md lists, for keys and channels with its prefix"},
		{"subscriptions are not permitted", withUser("-subscribe"), "its user lacks a permission; give it those that docs/cluster.md lists, for keys and channels with its prefix"},
		{"no key is permitted", withUser("resetkeys"), "its user lacks a permission; give it those that docs/cluster.md lists, for keys and channels with its prefix"},
		{"no such database", func(_ *testing.T, w *world) { w.url = strings.Replace(w.engine.URL(), "/0", "/99", 1) }, "it doesn't have the database of the URL; correct the number after the last slash"},
		{"read-only replica", restarted("--replicaof", "127.0.0.1", "1"), "it is a read-only replica; use the address of its primary, or Sentinel"},
		{"too few replicas", restarted("--min-replicas-to-write", "1"), "it has too few replicas, and rejects writes; start them, or lower min-replicas-to-write"},
		{"memory full", restarted("--maxmemory", "100kb", "--maxmemory-policy", "noeviction"), "its memory is full; raise its maxmemory"},
		{"disk broken", breakDisk, "it can't save to its disk, and rejects writes; see its log"},
		{"loading", loadForever, "it loads its data; wait"},
		{"Sentinel as an engine", func(t *testing.T, w *world) { w.url = testengine.StartSentinel(t, "x", w.engine).URL() }, "it lacks a command; use Valkey 7.2 or Redis 6.2, or later ones; the URL of a Sentinel needs ?master_name="},
		{"web server", func(t *testing.T, w *world) {
			w.url = "redis://waits:" + secret + "@" + web(t, httptest.NewServer)
		}, "what answers is neither Valkey nor Redis; correct the host and port of the URL"},
		{"plain on a TLS port", func(t *testing.T, w *world) {
			w.url = "redis://waits:" + secret + "@" + web(t, httptest.NewTLSServer)
		}, "it closes connections; write rediss:// in the URL if the port is for TLS"},
		{"unknown certificate", func(t *testing.T, w *world) {
			w.url = "rediss://waits:" + secret + "@" + web(t, httptest.NewTLSServer)
		}, "its certificate is from an unknown authority; set ca_file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.prepare(t, w)
			w.within("check says why", func() bool {
				_, err := Inspect(t.Context(), Options{URL: w.url, Now: time.Now})
				return err != nil && err.Error() == test.want
			})
			a := w.join("a")
			w.within("a polls on its own", a.polling)
			w.within("the fault is reported", func() bool {
				return a.Problem() == "The engine of the cluster can't be used: "+test.want+". This replica polls on its own."
			})
			a.observe(1)
			if a.shown() != 1 {
				t.Error("a shows nothing")
			}
			if err := a.SetNotice("support", domain.Notice{Text: "No"}, func(int64) error { return nil }); err == nil {
				t.Error("a notice was set")
			}
			ticks := a.ticked()
			w.within("more ticks pass", func() bool { return a.ticked() > ticks+3 })
			log := ""
			for line := range strings.Lines(a.log.String()) {
				if !strings.Contains(line, "does not answer, polling") && !strings.Contains(line, "level=INFO") { // a busy machine, and leases
					log += line
				}
			}
			cause, fix, _ := strings.Cut(test.want, "; ")
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, "level=ERROR") || !strings.Contains(log, `cause="`+cause+`"`) || !strings.Contains(log, fix) {
				t.Errorf("the log isn't one line of the fault: %s", log)
			}
			if strings.Contains(a.log.String()+a.Problem(), secret) {
				t.Errorf("a secret is in the log: %s", log)
			}
		})
	}
}

// An engine that is down at the start and comes up in cluster mode is reported, and used when it is replaced.
func TestClusterModeLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.engine.Kill()
	a := w.join("a")
	w.within("a polls on its own", a.polling)
	w.engine.Restart("--cluster-enabled", "yes")
	w.within("the mode is reported", func() bool { return strings.Contains(a.Problem(), "Redis Cluster mode") })
	ticks := a.ticked()
	w.within("more ticks pass", func() bool { return a.ticked() > ticks+3 })
	w.engine.Kill()
	w.engine.Restart()
	w.within("a holds the lease", func() bool { return a.member.holds() && a.Problem() == "" })
	log := a.log.String()
	for _, line := range []string{"can't be used, polling", "answers again"} {
		if strings.Count(log, line) != 1 {
			t.Errorf("%q is not in the log once: %s", line, log)
		}
	}
	if !strings.Contains(log, "does not answer, polling") {
		t.Errorf("the log doesn't say that the engine is down: %s", log)
	}
}

func (r *replica) ticked() int { r.Cluster.mu.Lock(); defer r.Cluster.mu.Unlock(); return r.ticks }

// do sends a command to the engine.
func (w *world) do(t *testing.T, command ...any) {
	t.Helper()
	if err := w.client.Do(context.Background(), command...).Err(); err != nil {
		t.Fatal(err)
	}
}

// web returns the address of a web server.
func web(t *testing.T, start func(http.Handler) *httptest.Server) string {
	t.Helper()
	server := start(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// breakDisk makes the engine reject writes because it can't save.
func breakDisk(t *testing.T, w *world) {
	t.Helper()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	w.engine.Kill()
	w.engine.Restart("--dir", dir, "--save", "3600 1000000")
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	w.do(t, "BGSAVE")
	w.within("the engine rejects writes", func() bool {
		return redis.HasErrorPrefix(w.client.Set(context.Background(), "x", "", 0).Err(), "MISCONF")
	})
}

// loadForever makes the engine load data for minutes.
func loadForever(t *testing.T, w *world) {
	t.Helper()
	w.do(t, "CONFIG", "SET", "rdbcompression", "no")
	w.do(t, "EVAL", "for i = 1, 3000 do redis.call('SET', i, string.rep('x', 2000)) end return 1", 0)
	w.do(t, "SAVE")
	w.engine.Kill()
	w.engine.Restart("--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024")
}

// An engine that is silent to TLS may have no TLS on that port.
func TestTLSOnPlainPort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := Inspect(t.Context(), Options{URL: strings.Replace(w.engine.URL(), "redis://", "rediss://", 1), Now: time.Now})
	if err == nil || err.Error() != "it does not answer: timeout; write redis:// in the URL if the port is not for TLS" {
		t.Error(err)
	}
}

// An engine that requires a certificate of its clients says so in an alert.
func TestClientCertificateRequired(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	_, err := Inspect(t.Context(), Options{URL: "rediss://" + server.Listener.Addr().String(), TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, Now: time.Now})
	if err == nil || err.Error() != "it rejects the TLS connection; set client_cert_file and client_key_file if it requires them" {
		t.Error(err)
	}
}
