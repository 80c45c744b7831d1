// Package testprogram builds the program once for all tests of a package, and runs it in processes of their own.
package testprogram

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the program for all tests.
var built struct {
	once   sync.Once
	folder string
	err    error
}

// Main runs the tests of a package that call Path, and then removes the program. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	return code
}

// Path returns the path of the program, and builds it the first time.
func Path(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "waitboard-test-"); built.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", built.folder, "waitboard").CombinedOutput(); err != nil { //nolint:gosec,noctx // it ends
			built.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.folder, "waitboard")
}
