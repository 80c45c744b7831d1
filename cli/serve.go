package cli

import (
	"errors"
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
	log := c.logger(i.stderr)
	files, watchErr := config.NewWatcher()
	if watchErr == nil {
		defer files.Close()
		files.Follow([]string{c.Config})
	}
	cfg, err := c.loadAndFollow(i, files, nil)
	if err != nil {
		return err
	}
	if watchErr != nil {
		log.Warn("configuration file not watched, send SIGHUP after a change", "error", watchErr)
	}
	var service *app.App
	service, err = app.New(app.Options{
		Config: cfg, Version: version, Log: log,
		Reload: reloads(i, files),
		Load:   func() (*config.Config, error) { return c.loadAndFollow(i, files, service.Config()) },
	})
	if err != nil {
		return err
	}
	return service.Run(i.ctx)
}

// loadAndFollow reads the configuration while last is in force. It watches the file and those that it names, even if it has mistakes.
func (c *serveCommand) loadAndFollow(i *invocation, files *config.Watcher, last *config.Config) (*config.Config, error) {
	cfg, err := c.reload(i, last)
	var broken *config.Error
	var named, patterns []string
	switch {
	case err == nil:
		named, patterns = cfg.Files, cfg.Patterns
	case errors.As(err, &broken):
		named, patterns = broken.Files, broken.Patterns
	}
	if files != nil {
		files.Follow(slices.Concat([]string{c.Config}, named), patterns...)
	}
	return cfg, err
}

// reloads returns a channel that requests a reload, with its reason: on SIGHUP and when a file has changed.
func reloads(i *invocation, files *config.Watcher) <-chan string {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var changes <-chan struct{} // nil without a watcher
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
