package app

import "waitboard/config"

// tracked returns the widgets whose requests are counted by site.
func tracked(c *config.Config) (ids []string) {
	if c.NoEmbeds {
		return nil
	}
	for _, w := range c.Widgets {
		ids = append(ids, w.ID)
	}
	return ids
}
