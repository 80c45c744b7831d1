package browser

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A webkit is WebKitGTK's little browser, reached by WebDriver (https://www.w3.org/TR/webdriver2/) and shown on a screen that nobody sees.
type webkit struct {
	http.Client
	session string // address of the session
}

func newWebKit(t testing.TB) engine {
	for _, command := range []string{"WebKitWebDriver", "Xvfb"} {
		if _, err := exec.LookPath(command); err != nil {
			without(t, fmt.Errorf("there is no %s; install it, on Debian by: apt-get install webkit2gtk-driver xvfb", command))
		}
	}
	port := freePort(t)
	driver := exec.Command("WebKitWebDriver", "--port="+port) //nolint:gosec // a number
	driver.Env = append(os.Environ(), "DISPLAY="+newScreen(t))
	start(t, driver)
	w := &webkit{Client: http.Client{Timeout: patience}, session: "http://127.0.0.1:" + port}
	if !until(func() bool { _, err := w.do("GET", "/status", nil); return err == nil }) {
		t.Fatal("WebKitWebDriver does not answer")
	}
	raw, err := w.do("POST", "/session", object{"capabilities": object{"alwaysMatch": object{"acceptInsecureCerts": true}}})
	var made struct{ SessionID string }
	if err == nil {
		err = json.Unmarshal(raw, &made)
	}
	if err != nil {
		t.Fatalf("WebKit does not start: %v", err)
	}
	w.session += "/session/" + made.SessionID
	t.Cleanup(func() { _, _ = w.do("DELETE", "", nil) }) // ends the browser
	return w
}

// newScreen starts a virtual screen and returns its name.
func newScreen(t testing.TB) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = read.Close() })
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{write}
	start(t, server)
	_ = write.Close()
	var number int
	if _, err := fmt.Fscanln(read, &number); err != nil {
		t.Fatalf("Xvfb does not start: %v", err)
	}
	return fmt.Sprint(":", number)
}

// start starts a process. The test's cleanup ends it.
func start(t testing.TB, process *exec.Cmd) {
	t.Helper()
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
}

// freePort returns a free port, because the driver doesn't accept port 0.
func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func (w *webkit) open(url string) error {
	_, err := w.do("POST", "/url", object{"url": url})
	return err
}

func (w *webkit) eval(expression string) (value string, err error) {
	raw, err := w.do("POST", "/execute/sync", object{"script": "return String(" + expression + ")", "args": []any{}})
	if err == nil {
		err = json.Unmarshal(raw, &value)
	}
	return value, err
}

// do sends a command of the session and returns the value of its response.
func (w *webkit) do(method, path string, params object) (json.RawMessage, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	if params == nil {
		body = nil
	}
	request, err := http.NewRequest(method, w.session+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := w.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(strings.TrimSpace(string(answer.Value)))
	}
	return answer.Value, nil
}
