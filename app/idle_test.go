//go:build unix

package app_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"waitboard/internal/testlevel"
)

// Thousands of visitors keep their connections, as browsers do. They are a process of their own, as one may not have descriptors enough
// for both ends.
func TestIdleConnections(t *testing.T) {
	crowdSize := testlevel.Pick(300, 2_000, 10_000)
	if limit := descriptorLimit(t); limit < crowdSize+500 {
		testlevel.Missing(t, fmt.Sprintf("this process may have %d descriptors, and needs %d: ulimit -n", limit, crowdSize+500))
	}
	leavesNothing(t, 64<<20)
	s := serveCrowd(t, "")
	stop := s.visit()
	defer stop()
	before := measure()
	crowd := exec.CommandContext(t.Context(), os.Args[0])
	crowd.Env = append(os.Environ(), crowdAt+"="+hostname(s.url), crowdOf+"="+strconv.Itoa(crowdSize))
	orders, err := crowd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	reports, err := crowd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := crowd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(reports)
	expect := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("the crowd says %q, %v", lines.Text(), lines.Err())
		}
	}
	expect("all are there")
	with := measure()
	t.Logf("%d idle connections: %d bytes of heap each", crowdSize, (with.heap-before.heap)/crowdSize)
	if before.descriptors >= 0 && with.descriptors-before.descriptors < crowdSize {
		t.Errorf("of %d connections, the service has %d", crowdSize, with.descriptors-before.descriptors)
	}
	_, _ = io.WriteString(orders, "ask\n")
	expect("all are answered")
	_ = orders.Close()
	if err := crowd.Wait(); err != nil {
		t.Error(err)
	}
}

// descriptorLimit is how many descriptors this process may have. Go raises it to what it may be raised to.
func descriptorLimit(t *testing.T) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return int(min(limit.Cur, 1<<30))
}
