package app

import (
	"waitboard/config"
	"waitboard/handlers"
)

// eventLimits are those of a configuration, or less where the process has not as many file descriptors.
func (a *App) eventLimits(c *config.Config) handlers.EventLimits {
	files := openFiles()
	limits := eventLimits(c.Events, files)
	if limits.Total < c.Events.Max {
		a.log.Warn("events.max is more than this process has file descriptors for, and is lowered; raise their limit (ulimit -n, or LimitNOFILE in the unit), or lower events.max",
			"events.max", c.Events.Max, "file descriptors", files, "lowered to", limits.Total)
	}
	return limits
}

// eventLimits leaves a quarter of the file descriptors to all else: each stream takes one, and without one left the service could take no
// request at all. files is how many there are, 0 if that is not known.
func eventLimits(c config.Events, files int) handlers.EventLimits {
	limits := handlers.EventLimits{Total: c.Max, PerAddress: c.MaxPerAddress, PerWidget: c.MaxPerWidget, SparePrivate: c.SparePrivate}
	if files > 0 {
		limits.Total = min(limits.Total, files-files/4)
	}
	return limits
}
