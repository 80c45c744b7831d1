package cli

import "waitboard/app"

type serveCommand struct {
	configFlag
	logFlags
}

func (c *serveCommand) Run(i *invocation) error {
	cfg, err := c.load(i)
	if err != nil {
		return err
	}
	service, err := app.New(app.Options{Config: cfg, Version: version, Log: c.logger(i.stderr)})
	if err != nil {
		return err
	}
	return service.Run(i.ctx)
}
