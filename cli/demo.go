package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
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
}

//go:embed demo.yaml
var demoConfig []byte

//go:embed fixtures.yaml
var fixturesConfig []byte

// Run runs the whole service with a simulated phone system. It listens on loopback addresses only, because invented numbers must not reach
// a real site.
func (c *demoCommand) Run(i *invocation) error {
	for flag, address := range map[string]string{"--listen": c.Listen, "--admin": c.Admin} {
		if address != "" && !loopback(address) {
			return usageError{fmt.Errorf("%s: must be a loopback address such as 127.0.0.1:8080; a demo's numbers are invented and must not be public", flag)}
		}
	}
	sim, err := c.start(simulator.Options{ControlAddr: "127.0.0.1:0", Busy: !c.Fixtures})
	if err != nil {
		return err
	}
	defer sim.Close() //nolint:errcheck // the process ends anyway

	cfg, err := c.config(sim.Key(), time.Now())
	if err != nil {
		return err
	}
	cfg.Listen, cfg.Admin, cfg.Sources[0].URL = c.Listen, c.Admin, sim.URL()
	service, err := app.New(app.Options{Config: cfg, Version: version, Log: logFlags{c.LogLevel, c.LogFormat}.logger(i.stderr)})
	if err != nil {
		return errors.Join(err, errors.New("choose other ports with --listen and --admin"))
	}
	c.print(i, service, sim)
	return service.Run(i.ctx)
}

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
