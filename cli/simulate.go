package cli

import (
	"errors"
	"fmt"

	"waitboard/simulator"
)

// simulatorFlags shape the simulated phone system.
type simulatorFlags struct {
	Seed  uint64  `default:"1" help:"The same seed gives the same calls (default: ${default})."`
	Speed float64 `default:"1" help:"How many times faster than in life calls come and go (default: ${default})."`
}

// start starts a simulator of that shape.
func (f simulatorFlags) start(o simulator.Options) (*simulator.Simulator, error) {
	if f.Speed <= 0 {
		return nil, usageError{errors.New("--speed: must be more than 0")}
	}
	o.Seed, o.Speed = f.Seed, f.Speed
	return simulator.Start(o)
}

type simulateCommand struct {
	simulatorFlags
	Listen  string `default:"127.0.0.1:9080" placeholder:"ADDR" help:"Where its API listens (default: ${default})."`
	Control string `default:"127.0.0.1:9081" placeholder:"ADDR" help:"Where it takes orders to fail (default: ${default}); empty: nowhere."`
	Key     string `placeholder:"TEXT" help:"Its key; made up when left out."`
}

func (c *simulateCommand) Run(i *invocation) error {
	sim, err := c.start(simulator.Options{Addr: c.Listen, ControlAddr: c.Control, Key: c.Key})
	if err != nil {
		return err
	}
	defer sim.Close() //nolint:errcheck // the process ends anyway
	fmt.Fprintf(i.stdout, `# A simulated Chronicall. Its numbers are invented. It ends with Ctrl-C.
#
# In another terminal, with what follows in waitboard.yaml:
#
#   export CHRONICALL_KEY=%s
#   waitboard serve
`, sim.Key())
	if url := sim.ControlURL(); url != "" {
		fmt.Fprintf(i.stdout, `#
# Make it fail, and mend it again (curl %[1]s tells all ways):
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
