package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"net"

	"waitboard/app"
	"waitboard/config"
	"waitboard/simulator"
)

type demoCommand struct {
	simulatorFlags
	logFlags
	Listen string `default:"127.0.0.1:8080" placeholder:"ADDR" help:"The address of the public service (default: ${default}); loopback only."`
	Admin  string `default:"127.0.0.1:9090" placeholder:"ADDR" help:"The address of the operators' pages (default: ${default}); loopback only, empty turns them off."`
}

//go:embed demo.yaml
var demoConfig []byte

// Run runs the whole service with a simulated phone system. It listens on loopback addresses only, because invented numbers must not reach
// a real site.
func (c *demoCommand) Run(i *invocation) error {
	for flag, address := range map[string]string{"--listen": c.Listen, "--admin": c.Admin} {
		if address != "" && !loopback(address) {
			return usageError{fmt.Errorf("%s: must be a loopback address such as 127.0.0.1:8080; a demo's numbers are invented and must not be public", flag)}
		}
	}
	sim, err := c.start(simulator.Options{ControlAddr: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer sim.Close() //nolint:errcheck // the process ends anyway

	cfg, err := config.Parse("demo.yaml", demoConfig, func(name string) (string, bool) { return sim.Key(), name == "DEMO_KEY" })
	if err != nil {
		return err
	}
	cfg.Listen, cfg.Admin, cfg.Sources[0].URL = c.Listen, c.Admin, sim.URL()
	service, err := app.New(app.Options{Config: cfg, Version: version, Log: c.logger(i.stderr)})
	if err != nil {
		return errors.Join(err, errors.New("choose other ports with --listen and --admin"))
	}
	printDemo(i, service, sim, cfg)
	return service.Run(i.ctx)
}

func printDemo(i *invocation, service *app.App, sim *simulator.Simulator, cfg *config.Config) {
	fmt.Fprintf(i.stdout, `waitboard demo: live wait times of a simulated phone system. Every number is invented.

Open        %[1]s/
            Every listed widget live, every kind of embed, and the HTML to paste.
            The first values arrive after a few seconds. Then the phone system pushes each change through a WebSocket,
            and waitboard polls it every 5 seconds. If polls fail, values are marked stale after 10 seconds and hidden
            after a minute. The defaults of a real service are 45 seconds and 5 minutes.
`, service.URL())
	if admin := service.AdminURL(); admin != "" {
		fmt.Fprintf(i.stdout, "Operators   %s/   (state, notices, /metrics, /debug/pprof)\n", admin)
	}
	fmt.Fprintf(i.stdout, "\nRead        curl %s/v1/widgets\n", service.URL())
	for _, w := range cfg.Widgets {
		hidden := ""
		if w.Unlisted {
			hidden = "   (unlisted, so not on the page)"
		}
		fmt.Fprintf(i.stdout, "            curl %s/v1/widgets/%s%s\n", service.URL(), w.ID, hidden)
	}
	fmt.Fprintf(i.stdout, "Follow      curl -N %s/v1/widgets/%s/events\n", service.URL(), cfg.Widgets[0].ID)
	fmt.Fprintf(i.stdout, `
Break it    curl -X PUT -d '{"mode":"down"}' %[1]s/fault
            curl -X PUT -d '{"socket":"freeze"}' %[1]s/fault   (curl %[1]s lists all ways)
Repair it   curl -X DELETE %[1]s/fault

Ctrl-C stops it.

`, sim.ControlURL())
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
