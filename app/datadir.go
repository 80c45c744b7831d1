package app

import (
	"fmt"

	"waitboard/config"
	"waitboard/datadir"
)

// openDataDir opens the folder for what must survive a restart; nil: there is none.
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

// closeDataDir lets go of it, once nothing writes there any more.
func (a *App) closeDataDir() {
	if a.dir != nil {
		a.dir.Close()
	}
}

// errDataDir says why a configuration can't be taken over.
const errDataDir = restartError("data_dir can't change while the service runs: what is kept would stay behind")
