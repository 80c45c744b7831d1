package cli

import (
	"errors"
	"fmt"

	"waitboard/simulator"
)

// simulatorFlags configure the simulated phone system.
type simulatorFlags struct {
	Seed  uint64  `default:"1" help:"The same seed results in the same calls (default: ${default})."`
	Speed float64 `default:"1" help:"How many times faster than real calls come and go (default: ${default})."`
}

// start starts a simulator with these flags.
func (f simulatorFlags) start(o simulator.Options) (*simulator.Simulator, error) {
	if f.Speed <= 0 {
		return nil, usageError{errors.New("--speed: must be more than 0")}
	}
	o.Seed, o.Speed = f.Seed, f.Speed
	return simulator.Start(o)
}

type simulateCommand struct {
	simulatorFlags
	Listen  string `default:"127.0.0.1:9080" placeholder:"ADDR" help:"The address of its API (default: ${default})."`
	Control string `default:"127.0.0.1:9081" placeholder:"ADDR" help:"The address that accepts faults (default: ${default}); empty turns it off."`
	Key     string `placeholder:"TEXT" help:"Its key (default: a random one)."`
}

func (c *simulateCommand) Run(i *invocation) error {
	sim, err := c.start(simulator.Options{Addr: c.Listen, ControlAddr: c.Control, Key: c.Key})
	if err != nil {
		return err
	}
	defer sim.Close() //nolint:errcheck // the process ends anyway
	fmt.Fprintf(i.stdout, `# A simulated Chronicall. Its numbers are invented. Ctrl-C stops it.
#
# In another terminal, with the configuration below in waitboard.yaml:
#
#   export CHRONICALL_KEY=%s
#   waitboard serve
`, sim.Key())
	if url := sim.ControlURL(); url != "" {
		fmt.Fprintf(i.stdout, `#
# Break it and repair it (curl %[1]s lists all ways):
#
#   curl -X PUT -d '{"mode":"down"}' %[1]s/fault
#   curl -X DELETE %[1]s/fault
`, url)
	}
	fmt.Fprintf(i.stdout, "\n%s", starterConfig(starter{
		url: sim.URL(), keyEnv: "CHRONICALL_KEY", interval: "5s", metrics: []starterMetric{
			{id: "wait", label: "Current wait time", metric: "Current Wait Time", category: "Support"},
			{id: "waiting", label: "Calls in queue", metric: "K0FLAEB6", comment: "Calls in Queue"},
		},
	}))
	<-i.ctx.Done()
	return nil
}
