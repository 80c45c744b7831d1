package app

import (
	"waitboard/config"
	"waitboard/handlers"
)

// eventLimits are those of a configuration, as far as the process has file descriptors: each stream takes one. Without one left, the
// listener could take no request at all.
func (a *App) eventLimits(c *config.Config) handlers.EventLimits {
	limits := handlers.EventLimits{Total: c.Events.Max, PerAddress: c.Events.MaxPerAddress, PerWidget: c.Events.MaxPerWidget, SparePrivate: c.Events.SparePrivate}
	if files := openFiles(); files > 0 && limits.Total > files/4*3 {
		limits.Total = files / 4 * 3
		a.log.Warn("events.max is more than this process has file descriptors for; streams of events beyond the lower number are refused. Raise the limit (ulimit -n, or LimitNOFILE in the unit), or lower events.max",
			"events.max", c.Events.Max, "file descriptors", files, "streams", limits.Total)
	}
	return limits
}
