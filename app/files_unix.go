//go:build unix

package app

import (
	"math"

	"golang.org/x/sys/unix"
)

// openFiles returns how many files the process may have open; 0: unknown. Go raises the soft limit to the hard one at the start.
func openFiles() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(limit.Cur, math.MaxInt32))
}
