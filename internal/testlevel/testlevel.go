// Package testlevel decides which tests run at which level of ./test.sh.
package testlevel

import (
	"os"
	"testing"
)

// Full skips a test that is long by nature, unless ./test.sh --full runs it.
func Full(t testing.TB) {
	t.Helper()
	if os.Getenv("WAITBOARD_FULL") == "" {
		t.Skip("long by nature: run ./test.sh --full, or set WAITBOARD_FULL=1")
	}
}
