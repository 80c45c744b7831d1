package testlevel

import (
	"os"
	"testing"
)

// Pick returns the size of a test at the current level: ./test.sh --quick, ./test.sh, or ./test.sh --full.
func Pick[T any](quick, usual, full T) T {
	switch {
	case os.Getenv("WAITBOARD_FULL") != "":
		return full
	case testing.Short():
		return quick
	}
	return usual
}

// Short skips a test at ./test.sh --quick.
func Short(t testing.TB) {
	t.Helper()
	if testing.Short() && os.Getenv("WAITBOARD_FULL") == "" {
		t.Skip("takes seconds: run the tests without -short")
	}
}
