package app_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

const (
	crowdSize = 10_000
	crowdAt   = "WAITBOARD_TEST_CROWD" // where a process of this program, which has this variable, is to be a crowd
)

// Ten thousand visitors keep their connections, as browsers do. They are a process of their own, as one may not have descriptors enough
// for both ends.
func TestIdleConnections(t *testing.T) {
	leavesNothing(t, 64<<20)
	s := serveCrowd(t, "")
	stop := s.visit()
	defer stop()
	before := measure()
	crowd := exec.CommandContext(t.Context(), os.Args[0])
	crowd.Env = append(os.Environ(), crowdAt+"="+hostname(s.url))
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

// beCrowd has ten thousand connections to an address, and asks over each again when it is told to.
func beCrowd(address string) (err error) {
	conns := make([]net.Conn, crowdSize)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", address); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		if err := asks(conns[i]); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	fmt.Println("all are there")
	if !bufio.NewScanner(os.Stdin).Scan() {
		return errors.New("nothing more is said")
	}
	for i, conn := range conns {
		if err := asks(conn); err != nil {
			return fmt.Errorf("connection %d, again: %w", i, err)
		}
	}
	fmt.Println("all are answered")
	return nil
}

// asks asks for the widget over a connection, and reads the answer to its end.
func asks(conn net.Conn) error {
	_ = conn.SetDeadline(time.Now().Add(long))
	if _, err := io.WriteString(conn, getWidget+"\r\n"); err != nil {
		return err
	}
	var answer []byte
	buffer := make([]byte, 4<<10)
	for !bytes.HasSuffix(bytes.TrimSpace(answer), []byte("}")) {
		n, err := conn.Read(buffer)
		if err != nil {
			return fmt.Errorf("%w after %s", err, answer)
		}
		answer = append(answer, buffer[:n]...)
	}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("answered %s", answer)
	}
	return nil
}
