package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"waitboard/app"
	"waitboard/config"
	"waitboard/simulator"
)

type demoCommand struct {
	simulatorFlags
	LogLevel  string `default:"warn" enum:"debug,info,warn,error" help:"What to log: ${enum} (default: ${default})."`
	LogFormat string `default:"text" enum:"text,json" help:"How to log: ${enum} (default: ${default})."`
	Fixtures  bool   `help:"Serve widgets for tests, one for each idea, instead of a company's."`
	Listen    string `default:"127.0.0.1:8080" placeholder:"ADDR" help:"The address of the public service (default: ${default}); loopback only."`
	Admin     string `default:"127.0.0.1:9090" placeholder:"ADDR" help:"The address of the operators' pages (default: ${default}); loopback only, empty turns them off."`
	Replicas  int    `default:"1" placeholder:"N" help:"How many replicas to run as one service, each a process (default: ${default}). Several use the next ports after those of --listen and --admin, and an engine."`
	Engine    string `placeholder:"URL" help:"The engine that several replicas share, such as redis://127.0.0.1:6379 (default: start valkey-server or redis-server)."`
}

//go:embed demo.yaml
var demoConfig []byte

//go:embed fixtures.yaml
var fixturesConfig []byte

// Run runs the whole service with a simulated phone system. It listens on loopback addresses only, because invented numbers must not reach
// a real site.
func (c *demoCommand) Run(i *invocation) error {
	if err := c.validate(); err != nil {
		return err
	}
	if text, ok := i.env(replicaVariable); ok {
		return c.runReplica(i, text)
	}
	sim, err := c.start(simulator.Options{ControlAddr: "127.0.0.1:0", Busy: !c.Fixtures})
	if err != nil {
		return err
	}
	defer sim.Close() //nolint:errcheck // the process ends anyway
	if c.Replicas > 1 {
		return c.runReplicas(i, sim)
	}
	cfg, err := c.config(sim.Key(), time.Now())
	if err != nil {
		return err
	}
	cfg.Sources[0].URL = sim.URL()
	folder, err := os.MkdirTemp("", "waitboard-demo-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system cleans its temporary folder
	if err := c.remember(cfg, folder, time.Now()); err != nil {
		return err
	}
	service, err := c.service(cfg, logFlags{c.LogLevel, c.LogFormat}.logger(i.stderr))
	if err != nil {
		return err
	}
	c.print(i, service, sim)
	return service.Run(i.ctx)
}

// validate checks the flags.
func (c *demoCommand) validate() error {
	for flag, address := range map[string]string{"--listen": c.Listen, "--admin": c.Admin} {
		if address != "" && !loopback(address) {
			return usageError{fmt.Errorf("%s: must be a loopback address such as 127.0.0.1:8080; a demo's numbers are invented and must not be public", flag)}
		}
	}
	switch {
	case c.Replicas < 1 || c.Replicas > maxReplicas:
		return usageError{fmt.Errorf("--replicas: must be 1 to %d", maxReplicas)}
	case c.Replicas > 1 && c.Admin == "":
		return usageError{errors.New("--admin: can't be empty with --replicas; the operators' pages show which replica polls")}
	case c.Replicas == 1 && c.Engine != "":
		return usageError{errors.New("--engine: needs --replicas 2 or more; a single replica uses no engine")}
	case c.Engine != "":
		return c.validateEngine()
	}
	return nil
}

// service returns the service of a configuration at the addresses of the flags.
func (c *demoCommand) service(cfg *config.Config, log *slog.Logger) (*app.App, error) {
	cfg.Listen, cfg.Admin = c.Listen, c.Admin
	service, err := app.New(app.Options{Config: cfg, Version: version, Log: log})
	if err != nil {
		return nil, errors.Join(err, errOtherPorts)
	}
	return service, nil
}

var errOtherPorts = errors.New("choose other ports with --listen and --admin")

// config returns the configuration to serve from now on with the simulator's key.
func (c *demoCommand) config(key string, now time.Time) (*config.Config, error) {
	name, file := "demo.yaml", demoConfig
	if c.Fixtures {
		name, file = "fixtures.yaml", fixturesConfig
	}
	cfg, err := config.Parse(name, file, func(name string) (string, bool) { return key, name == "DEMO_KEY" })
	if err == nil && !c.Fixtures {
		closeToday(cfg, now)
	}
	return cfg, err
}

// closeToday closes the widgets with hours until tomorrow, so that the demo shows a closed one at any time of day.
func closeToday(cfg *config.Config, now time.Time) {
	for _, w := range cfg.Widgets {
		if w.Hours != nil {
			w.Hours.Weekly[now.In(w.Hours.Zone).Weekday()] = nil
		}
	}
}

// print prints the addresses, in at most 15 lines.
func (c *demoCommand) print(i *invocation, service *app.App, sim *simulator.Simulator) {
	fmt.Fprintf(i.stdout, `waitboard demo: live wait times of a simulated phone system. Every number is invented.

Open        %[1]s/
`, service.URL())
	if admin := service.AdminURL(); admin != "" {
		fmt.Fprintf(i.stdout, "Operators   %s/\n", admin)
	}
	fmt.Fprintf(i.stdout, `Read        curl %[1]s/v1/widgets/support
Follow      curl -N %[1]s/v1/widgets/support/events

Break it    curl -X PUT -d '{"mode":"down"}' %[2]s/fault
Repair it   curl -X DELETE %[2]s/fault
More        curl %[2]s

Press Ctrl-C to stop.
`, service.URL(), sim.ControlURL())
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
