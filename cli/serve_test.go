package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestServeReloads changes the file, breaks it, repairs it, and renews the key. The service reloads it, or logs why not.
func TestServeReloads(t *testing.T) {
	sim := simulate(t)
	text := "listen: 127.0.0.1:0\nadmin: \"\"\nsources: {hq: {url: " + sim.URL() + ", key_env: KEY}}\nwidgets: {w: {title: First, metrics: {m: {metric: K0FLAEB6}}}}\n"
	path := file(t, text)
	var key atomic.Value
	key.Store(sim.Key())
	ctx, cancel := context.WithCancel(t.Context())
	out, in := newPipe()
	done := make(chan int)
	go func() {
		done <- Run(ctx, []string{"serve", "--config", path}, func(string) (string, bool) { return key.Load().(string), true }, io.Discard, in)
	}()
	url := regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(out.untilHas("url="))[1]
	title := func() string {
		resp, err := http.Get(url + "/v1/widgets/w/text")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		title, _, _ := strings.Cut(string(body), ":")
		return title
	}
	write := func(text string) { // at once: a file that is half written would be another mistake
		if err := errors.Join(os.WriteFile(path+".new", []byte(text), 0o600), os.Rename(path+".new", path)); err != nil {
			t.Fatal(err)
		}
	}

	write(strings.Replace(text, "First", "Second", 1))
	out.untilHas("in force\" because=\"a file has changed\"")
	if got := title(); got != "Second" {
		t.Errorf("changed: %s", got)
	}
	write(strings.Replace(text, "First", "Third, colour: red", 1))
	if log := out.untilHas("keeping the old one"); !strings.Contains(log, path+":4:") || !strings.Contains(log, "colour: is not a known key") {
		t.Errorf("broken: %s", log)
	}
	if got := title(); got != "Second" {
		t.Errorf("broken: %s", got)
	}
	write(strings.Replace(text, "First", "Fourth", 1))
	out.untilHas("in force")
	key.Store("renewed")
	if err := hangUp(); err != nil {
		t.Fatal(err)
	}
	// Either may be logged first. The source rejects the new key, which shows that the service sends it.
	if log := out.untilHas("in force\" because=SIGHUP"); !strings.Contains(log, "key rejected") {
		out.untilHas("key rejected")
	}
	if got := title(); got != "Fourth" {
		t.Errorf("mended: %s", got)
	}
	cancel()
	out.untilHas("stopped")
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
	http.DefaultClient.CloseIdleConnections()
}

// untilHas returns the output once it holds a text.
func (p pipe) untilHas(part string) (text string) {
	for !strings.Contains(text, part) {
		text += <-p.chunks
	}
	return text
}

// hangUp sends this process SIGHUP.
func hangUp() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	return self.Signal(syscall.SIGHUP)
}
