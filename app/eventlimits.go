package app

import (
	"waitboard/config"
	"waitboard/handlers"
)

// eventLimits returns the limits of a configuration, lowered to what the file descriptors of the process allow.
func (a *App) eventLimits(c *config.Config) handlers.EventLimits {
	files := openFiles()
	limits := eventLimits(c.Events, files)
	if limits.Total < c.Events.Max {
		a.log.Warn("events.max exceeds the file descriptors of this process, lowering it; raise their limit (ulimit -n, or LimitNOFILE in the unit), or lower events.max",
			"events.max", c.Events.Max, "file_descriptors", files, "lowered_to", limits.Total)
	}
	return limits
}

// reserved returns how many of the file descriptors are for other uses than event streams: a quarter, and at least 40. Each stream takes
// one, and without any left the service could not accept requests, poll sources or read its configuration.
func reserved(files int) int { return max(files/4, 40) }

// eventLimits lowers the limits to what is not reserved. files is the number of file descriptors; 0: unknown.
func eventLimits(c config.Events, files int) handlers.EventLimits {
	limits := handlers.EventLimits{Total: c.Max, PerAddress: c.MaxPerAddress, PerWidget: c.MaxPerWidget, SparePrivate: c.SparePrivate}
	if files > 0 {
		limits.Total = min(limits.Total, max(files-reserved(files), 1))
	}
	return limits
}
