package app

import (
	"os"
	"runtime/debug"
)

// The garbage collector's settings, unless GOGC or GOMEMLIMIT are set. By default it collects a small heap so often that it takes a tenth of
// a busy service's processor time.
const (
	gcPercent   = 400
	memoryLimit = 512 << 20 // bytes; near it the collector works harder
)

// setMemory configures the garbage collector of the process.
func setMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
