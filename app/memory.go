package app

import (
	"os"
	"runtime/debug"
)

// The garbage collector's settings, unless GOGC or GOMEMLIMIT has others. A small heap is collected too often by default: that costs a
// tenth of the processor time of a busy service.
const (
	gcPercent   = 400
	memoryLimit = 512 << 20 // bytes; near it the collector works harder
)

// setMemory sets up the garbage collector of the process.
func setMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
