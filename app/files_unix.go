//go:build unix

package app

import (
	"math"

	"golang.org/x/sys/unix"
)

// openFiles is how many files the process may have open; 0 where that can't be told. Go has raised it as far as it may be raised.
func openFiles() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(limit.Cur, math.MaxInt32))
}
