package testlevel

import (
	"os"
	"testing"
)

// Pick returns how much of something a test does at the current level: of ./test.sh --quick, of ./test.sh, and of ./test.sh --full.
func Pick[T any](quick, usual, full T) T {
	switch {
	case os.Getenv("WAITBOARD_FULL") != "":
		return full
	case testing.Short():
		return quick
	}
	return usual
}

// Short skips a test that ./test.sh --quick has no time for.
func Short(t testing.TB) {
	t.Helper()
	if testing.Short() && os.Getenv("WAITBOARD_FULL") == "" {
		t.Skip("takes seconds: run the tests without -short")
	}
}
