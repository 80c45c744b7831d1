package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"waitboard/config"
	"waitboard/internal/listening"
	"waitboard/simulator"
)

// maxReplicas keeps what the demo prints within 20 lines.
const maxReplicas = 8

// replicaVariable is the environment variable that makes a demo one replica of the demo that starts it. Its value is a [part].
const replicaVariable = "WAITBOARD_DEMO_REPLICA"

// A part is what all replicas of a demo have in common.
type part struct {
	Front       string    // the address of the service
	Source, Key string    // of the phone system
	Engine      string    // may hold a password
	Prefix      string    // of the keys on the engine
	Began       time.Time // decides which day it is
	Folder      string    // for the data of all replicas
}

// A replica is one process of the service.
type replica struct {
	number        int
	public, admin string // addresses
	pid           int
	ended         chan struct{} // closed when the process has ended
	reported      bool          // that it has ended
}

// endTime is how long a replica may take to end before it is killed.
const endTime = 5 * time.Second

// runReplica runs one replica until the demo that has started it ends, however it ends.
func (c *demoCommand) runReplica(i *invocation, text string) error {
	var p part
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return fmt.Errorf("%s: %w", replicaVariable, err)
	}
	cfg, err := c.config(p.Key, p.Began)
	if err != nil {
		return err
	}
	cfg.PublicURL, cfg.Sources[0].URL = p.Front, p.Source
	if err := c.remember(cfg, filepath.Join(p.Folder, strconv.Itoa(os.Getpid())), p.Began); err != nil {
		return err
	}
	cfg.Cluster = config.Cluster{URL: config.NewSecret(p.Engine), Prefix: p.Prefix}
	service, err := c.service(cfg, logFlags{c.LogLevel, c.LogFormat}.logger(i.stderr).With("pid", os.Getpid()))
	if err != nil {
		return err
	}
	fmt.Fprintln(i.stdout, service.URL(), service.AdminURL())
	ctx, stop := context.WithCancel(i.ctx)
	defer stop()
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }() // nobody joins it: reading can't be canceled
	return service.Run(ctx)
}

// runReplicas runs an engine, several replicas, and a front.
func (c *demoCommand) runReplicas(i *invocation, sim *simulator.Simulator) error {
	listener, err := listening.TCP(c.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), errOtherPorts)
	}
	defer listener.Close()
	shared, err := c.openEngine(i.ctx)
	if err != nil {
		return err
	}
	defer shared.end()
	folder, err := os.MkdirTemp("", "waitboard-demo-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system cleans its temporary folder
	p := part{
		Folder: folder,
		Front:  "http://" + listener.Addr().String(), Source: sim.URL(), Key: sim.Key(), Began: time.Now(),
		Engine: shared.url, Prefix: "waitboard:demo-" + rand.Text()[:8], // the rules in docs/cluster.md allow it, and a real service has no such keys
	}
	running, stop := context.WithCancel(i.ctx)
	var all []*replica
	defer func() {
		stop()
		for _, r := range all {
			<-r.ended
		}
	}()
	var hosts []string
	for n := 1; n <= c.Replicas; n++ {
		r, err := c.startReplica(running, i, p, n)
		if err != nil {
			return err
		}
		all, hosts = append(all, r), append(hosts, strings.TrimPrefix(r.public, "http://"))
	}
	defer openFront(listener, hosts).close()
	c.printReplicas(i, p.Front, all, shared, sim)
	return watch(running, i.stdout, all)
}

// startReplica starts a process, and returns when it listens. It ends when ctx is done.
func (c *demoCommand) startReplica(ctx context.Context, i *invocation, p part, n int) (*replica, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	process := exec.CommandContext(ctx, program, "demo", "--listen", later(c.Listen, n), "--admin", later(c.Admin, n), //nolint:gosec // this program
		"--fixtures="+strconv.FormatBool(c.Fixtures), "--log-level", c.LogLevel, "--log-format", c.LogFormat)
	process.Env = append(os.Environ(), replicaVariable+"="+string(text))
	process.Stderr = i.stderr
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	process.Cancel, process.WaitDelay = stdin.Close, endTime
	if err := process.Start(); err != nil {
		return nil, err
	}
	r := &replica{number: n, pid: process.Process.Pid, ended: make(chan struct{})}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	if _, err := fmt.Sscan(line, &r.public, &r.admin); err != nil {
		_ = stdin.Close()
		_ = process.Wait()
		return nil, fmt.Errorf("replica %d has not started", n) // it has printed why
	}
	go func() { defer close(r.ended); _ = process.Wait() }()
	return r, nil
}

// later returns an address with a port that is n higher. Port 0 remains 0, which is any free port.
func later(address string, n int) string {
	host, port, _ := net.SplitHostPort(address)
	if number, err := strconv.Atoi(port); err == nil && number > 0 {
		port = strconv.Itoa(number + n)
	}
	return net.JoinHostPort(host, port)
}

// printReplicas prints addresses, what to stop, and what to watch, in at most 20 lines.
func (c *demoCommand) printReplicas(i *invocation, front string, all []*replica, shared *engine, sim *simulator.Simulator) {
	fmt.Fprintf(i.stdout, "waitboard demo: %d replicas as one service, and a simulated phone system. Every number is invented.\n\n", len(all))
	fmt.Fprintf(i.stdout, "Open        %s/   each request goes to the next replica that runs\n", front)
	for _, r := range all {
		fmt.Fprintf(i.stdout, "Replica %d   %s/   operators %s/   kill %d\n", r.number, r.public, r.admin, r.pid)
	}
	shared.print(i.stdout)
	fmt.Fprintf(i.stdout, `
Stop it     kill the replica that polls, as printed below; another one takes over, and the page still works
Watch       curl -s %[1]s/metrics | grep -E '^waitboard_(source_lease|cluster)'
            curl -s %[2]s/readyz   while the engine is down, "problem" reports it
Break it    curl -X PUT -d '{"mode":"down"}' %[3]s/fault
Repair it   curl -X DELETE %[3]s/fault

Press Ctrl-C to stop.
`, all[0].admin, front, sim.ControlURL())
}
