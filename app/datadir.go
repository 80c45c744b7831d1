package app

import (
	"fmt"

	"waitboard/config"
	"waitboard/datadir"
)

// openDataDir opens the folder for what must survive a restart; nil: none is configured.
func openDataDir(c *config.Config) (*datadir.Dir, error) {
	if c.DataDir == "" {
		return nil, nil //nolint:nilnil // none is no error
	}
	dir, err := datadir.Open(c.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	return dir, nil
}

// closeDataDir releases the folder after the last write.
func (a *App) closeDataDir() {
	if a.dir != nil {
		a.dir.Close()
	}
}

// errDataDir rejects a configuration with another data_dir.
const errDataDir = restartError("data_dir can't change while the service runs: the saved values and notices would stay behind")
