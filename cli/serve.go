package cli

import (
	"os"
	"os/signal"
	"slices"
	"syscall"

	"waitboard/app"
	"waitboard/config"
)

type serveCommand struct {
	configFlag
	logFlags
}

func (c *serveCommand) Run(i *invocation) error {
	cfg, err := c.load(i)
	if err != nil {
		return err
	}
	log := c.logger(i.stderr)
	files, err := config.NewWatcher()
	if err != nil {
		log.Warn("changes of the configuration file will not be noticed; after a change, send SIGHUP", "error", err)
	} else {
		defer files.Close()
		c.follow(files, cfg)
	}
	service, err := app.New(app.Options{
		Config: cfg, Version: version, Log: log,
		Reload: reloads(i, files),
		Load: func() (*config.Config, error) {
			cfg, err := c.load(i)
			if err == nil && files != nil {
				c.follow(files, cfg)
			}
			return cfg, err
		},
	})
	if err != nil {
		return err
	}
	return service.Run(i.ctx)
}

// follow watches the configuration file, and the files that it names.
func (c *serveCommand) follow(files *config.Watcher, cfg *config.Config) {
	files.Follow(slices.Concat([]string{c.Config}, cfg.Files))
}

// reloads asks for the configuration to be read anew, on SIGHUP and when a file has changed, as long as the command runs.
func reloads(i *invocation, files *config.Watcher) <-chan string {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var changes <-chan struct{} // nil: nobody watches
	if files != nil {
		changes = files.Changes()
	}
	due := make(chan string)
	go func() {
		defer signal.Stop(hangups)
		for {
			var why string
			select {
			case <-hangups:
				why = "SIGHUP"
			case <-changes:
				why = "a file has changed"
			case <-i.ctx.Done():
				return
			}
			select {
			case due <- why:
			case <-i.ctx.Done():
				return
			}
		}
	}()
	return due
}
