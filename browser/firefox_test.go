package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// A firefox is controlled by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/).
type firefox struct {
	context.Context
	conn *websocket.Conn
	asks int    // the ID of the last command
	tab  string // the browsing context
}

// object is a JSON object.
type object = map[string]any

var listening = regexp.MustCompile(`^WebDriver BiDi listening on (ws://\S+)`)

func newFirefox(t testing.TB) engine {
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		if path, err = exec.LookPath("firefox"); err != nil {
			without(t, errors.New("there is no Firefox; install it, on Debian by: apt-get install firefox-esr"))
		}
	}
	process := exec.Command(path, "--headless", "--no-remote", "--profile", t.TempDir(), "--remote-debugging-port=0") //nolint:gosec // the local browser
	messages, err := process.StderrPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	f := &firefox{Context: t.Context()}
	addresses := make(chan string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(messages); lines.Scan(); {
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				addresses <- found[1]
			}
		}
		_ = process.Wait()
	}()
	t.Cleanup(func() { // it must end before its profile is removed
		if f.conn != nil {
			f.Context = context.Background()
			_, _ = f.do("browser.close", object{})
		}
		select {
		case <-ended:
		case <-time.After(patience):
			_ = process.Process.Kill()
			<-ended
		}
	})
	select {
	case address := <-addresses:
		f.conn, _, err = websocket.Dial(f, address+"/session", nil) //nolint:bodyclose // the body is the connection
	case <-time.After(patience):
		_ = process.Process.Kill()
		err = errors.New("it does not listen")
	}
	if err == nil {
		f.conn.SetReadLimit(-1)
		err = f.begin()
	}
	if err != nil {
		t.Fatalf("Firefox does not start: %v", err)
	}
	return f
}

// begin creates a session, and finds the open tab.
func (f *firefox) begin() error {
	if _, err := f.do("session.new", object{"capabilities": object{"alwaysMatch": object{"acceptInsecureCerts": true}}}); err != nil {
		return err
	}
	tree, err := f.do("browsingContext.getTree", object{})
	if err != nil {
		return err
	}
	if len(tree.Contexts) == 0 {
		return errors.New("it has no tab")
	}
	f.tab = tree.Contexts[0].Context
	return nil
}

func (f *firefox) open(url string) error {
	_, err := f.do("browsingContext.navigate", object{"context": f.tab, "url": url, "wait": "complete"})
	return err
}

func (f *firefox) eval(expression string) (string, error) {
	answer, err := f.do("script.evaluate", object{"target": object{"context": f.tab}, "awaitPromise": true, "expression": "String(" + expression + ")"})
	if err == nil && answer.ExceptionDetails.Text != "" {
		err = errors.New(answer.ExceptionDetails.Text)
	}
	return answer.Result.Value, err
}

// A result has the fields of all commands' results.
type result struct {
	Contexts         []struct{ Context string }
	Result           struct{ Value string }
	ExceptionDetails struct{ Text string }
}

// do runs a command and waits for its response. It is not safe for concurrent use.
func (f *firefox) do(method string, params object) (result, error) {
	ctx, cancel := context.WithTimeout(f.Context, patience)
	defer cancel()
	f.asks++
	if err := wsjson.Write(ctx, f.conn, object{"id": f.asks, "method": method, "params": params}); err != nil {
		return result{}, err
	}
	for {
		var answer struct {
			ID             int
			Result         result
			Error, Message string
		}
		if err := wsjson.Read(ctx, f.conn, &answer); err != nil {
			return result{}, err
		}
		if answer.ID != f.asks {
			continue // an event
		}
		if answer.Error != "" {
			return result{}, fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		}
		return answer.Result, nil
	}
}
