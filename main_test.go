package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"waitboard/internal/testlevel"
	"waitboard/internal/testprogram"
)

func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }

// program returns the path of the binary. It skips the test under ./test.sh --quick, where building takes too long.
func program(t *testing.T) string {
	t.Helper()
	testlevel.Short(t)
	return testprogram.Path(t)
}

// A first user runs one command, opens the printed page, and stops it with a signal.
func TestDemo(t *testing.T) {
	path := program(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // only failures take that long
			defer cancel()
			cmd := exec.CommandContext(ctx, path, "demo", "--listen", "127.0.0.1:0", "--admin", "")
			cmd.Stderr = &bytes.Buffer{}
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			page, printed := "", 0
			for lines.Scan() {
				printed++
				if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == "Open" {
					page = fields[1]
				}
				if strings.Contains(lines.Text(), "Ctrl-C") {
					break
				}
			}
			if page == "" {
				t.Fatalf("the demo does not say what to open\n%s", cmd.Stderr)
			}
			if printed > 15 {
				t.Errorf("the demo prints %d lines, want at most 15", printed)
			}
			for !strings.Contains(fetch(t, page+"v1/widgets/support"), `"state":"open"`) {
				select {
				case <-ctx.Done():
					t.Fatal("no live value")
				case <-time.After(20 * time.Millisecond):
				}
			}
			html := fetch(t, page)
			for _, embed := range []string{
				`href="./v1/widgets/support"`, `<wait-time widget="support"`, `<iframe src="./embed/support"`, `src="./v1/widgets/support/badge.svg"`,
				`src="./v1/widgets/support/badge.png`, `<a href="./w/support">Customer support</a>`, `<pre>Customer support: `, `&lt;script async src=`,
			} {
				if !strings.Contains(html, embed) {
					t.Errorf("the page lacks the embed %s", embed)
				}
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, stdout)
			if err := cmd.Wait(); err != nil {
				t.Errorf("ended with %v\n%s", err, cmd.Stderr)
			}
		})
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
