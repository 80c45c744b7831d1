package cli

import (
	"net"
	"strings"
	"testing"
	"time"
)

// The demo shows a company's widgets in three languages: one with a notice, one with a link, and one that is closed today.
func TestDemoCompany(t *testing.T) {
	cfg, err := (&demoCommand{}).config("key", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	languages := map[string]bool{}
	var notices, links, closed int
	for _, w := range cfg.Widgets {
		languages[w.Locale] = true
		if w.Notice != "" {
			notices++
		}
		if w.Hours != nil {
			closed++
		}
		for _, m := range w.Metrics {
			if m.Link != nil {
				links++
				break
			}
		}
	}
	if len(languages) != 3 || notices != 1 || links != 2 || closed != 1 {
		t.Errorf("%d languages, %d notices, %d links, %d with hours", len(languages), notices, links, closed)
	}
}

func TestCloseToday(t *testing.T) {
	for day := range 7 {
		now := time.Date(2026, 11, 22+day, 20, 0, 0, 0, time.UTC) // the same day in Denver
		cfg, err := (&demoCommand{}).config("key", now)
		if err != nil {
			t.Fatal(err)
		}
		for weekday, spans := range cfg.Widgets[len(cfg.Widgets)-1].Hours.Weekly {
			if closed := spans == nil; closed != (time.Weekday(weekday) == now.Weekday()) {
				t.Errorf("on %s: closed %v on %s", now.Weekday(), closed, time.Weekday(weekday))
			}
		}
	}
}

// The fixtures have the widgets that tests know.
func TestDemoFixtures(t *testing.T) {
	cfg, err := (&demoCommand{Fixtures: true}).config("key", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, w := range cfg.Widgets {
		ids[w.ID] = true
	}
	for _, id := range []string{"support", "all-queues", "careful", "arabic", "partner", "night"} {
		if !ids[id] {
			t.Errorf("no widget %s", id)
		}
	}
}

func TestDemoReplicasRejected(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	t.Setenv("PATH", t.TempDir()) // without an engine
	for _, test := range []struct {
		args string
		code int
		says string
	}{
		{"--replicas 0", exitUsage, "--replicas: must be 1 to 8"},
		{"--replicas=-1", exitUsage, "--replicas: must be 1 to 8"},
		{"--replicas 9", exitUsage, "--replicas: must be 1 to 8"},
		{"--replicas many", exitUsage, "--replicas: expected"},
		{"--replicas 2 --admin=", exitUsage, "--admin: can't be empty"},
		{"--replicas 2 --listen :0", exitUsage, "--listen: must be a loopback address"},
		{"--replicas 2 --listen " + taken.Addr().String(), exitFailed, "choose other ports"},
		{"--replicas 2 --listen 127.0.0.1:0", exitFailed, "apt-get install redis-server"},
		{"--engine redis://127.0.0.1:6379", exitUsage, "--engine: needs --replicas"},
		{"--replicas 2 --engine valkey", exitUsage, "--engine: must be a URL such as redis://"},
		{"--replicas 2 --engine http://user:secret@127.0.0.1", exitUsage, "--engine: must be a URL such as redis://"},
		{"--replicas 2 --listen 127.0.0.1:0 --engine redis://user:secret@127.0.0.1:1", exitFailed, "--engine: The engine can't be used"},
		{"--replicas 2 --listen 127.0.0.1:0 --engine redis://user:secret@127.0.0.1:1/none", exitFailed, "must be of the form redis://"},
	} {
		t.Run(test.args, func(t *testing.T) {
			code, stdout, stderr := run(t, nil, append([]string{"demo"}, strings.Fields(test.args)...)...)
			if code != test.code || !strings.Contains(stderr, test.says) || stdout != "" || strings.Contains(stderr, "secret") {
				t.Errorf("exit code %d, want %d; stdout %q, stderr %q", code, test.code, stdout, stderr)
			}
		})
	}
}
