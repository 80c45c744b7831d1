package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const (
	configuration = "/etc/waitboard/waitboard.yaml"
	key           = "/etc/waitboard/key"
	data          = "/var/lib/waitboard"
	unit          = "/usr/lib/systemd/system/waitboard.service"
)

// The Debian package is installed, started as the unit says, upgraded, removed and purged on this machine. The test needs root, and leaves nothing.
func TestDebianPackage(t *testing.T) {
	for _, path := range []string{"/etc/waitboard", data, "/usr/bin/waitboard"} {
		if _, err := os.Lstat(path); err == nil {
			t.Skip("waitboard is installed here: " + path)
		}
	}
	program := filepath.Join(t.TempDir(), "waitboard")
	succeeds(t, "go", "build", "-C", "../..", "-o", program, ".")
	r := prepared(t, "../..")
	pack := func(version string) string {
		r.version = version
		if err := r.pack(target{"linux", processor(t)}, program); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(r.output, "waitboard_"+version+"_"+processor(t)+".deb")
	}
	older, newer := pack("1.2.3"), pack("1.2.4")
	if _, err := user.Lookup("waitboard"); err != nil { // the package leaves the user
		t.Cleanup(func() { succeeds(t, "deluser", "--quiet", "waitboard") })
	}
	t.Cleanup(func() { succeeds(t, "dpkg", "--purge", "waitboard") })

	const steps = "systemctl enable --now waitboard"
	if out := installs(t, older); !strings.Contains(out, steps) {
		t.Errorf("the package does not explain itself:\n%s", out)
	}
	owned(t, "/etc/waitboard", "root:waitboard 750")
	owned(t, data, "waitboard:waitboard 700")
	succeeds(t, "systemd-analyze", "verify", unit)
	succeeds(t, "systemd-analyze", "security", "--offline=true", "--threshold=20", unit)

	fails(t, "key", "runuser", "-u", "waitboard", "--", "waitboard", "check", "--config", configuration)
	configure(t, simulate(t, program))
	if out := succeeds(t, "runuser", "-u", "waitboard", "--", "waitboard", "check", "--config", configuration); !strings.Contains(out, "Fit to serve") {
		t.Errorf("check printed:\n%s", out)
	}
	fails(t, "Permission denied", "runuser", "-u", "nobody", "--", "cat", key)
	succeeds(t, "systemctl", "--quiet", "enable", "waitboard.service")
	service := serve(t)

	edited := read(t, configuration)
	if out := installs(t, newer); strings.Contains(out, steps) {
		t.Errorf("the upgrade of an enabled service explains how to enable it:\n%s", out)
	}
	if version := succeeds(t, "dpkg-query", "--show", "--showformat=${Version}", "waitboard"); version != "1.2.4" {
		t.Errorf("version %s is installed", version)
	}
	service.stop(t)
	serve(t).stop(t)
	if read(t, configuration) != edited {
		t.Error("the upgrade changed the configuration")
	}
	owned(t, data+"/values.json", "waitboard:waitboard 600")

	succeeds(t, "dpkg", "--remove", "waitboard")
	const enabled = "/etc/systemd/system/multi-user.target.wants/waitboard.service"
	exist(t, false, "/usr/bin/waitboard", unit, enabled)
	exist(t, true, configuration, key, data+"/values.json")
	if out := installs(t, newer); !strings.Contains(out, steps) || read(t, configuration) != edited {
		t.Errorf("the package does not explain itself again, or lost the configuration:\n%s", out)
	}
	succeeds(t, "dpkg", "--purge", "waitboard")
	exist(t, false, "/usr/bin/waitboard", "/etc/waitboard", data, "/usr/share/doc/waitboard")
}

// processor returns this machine's processor in the words of Debian, which are those of Go.
func processor(t *testing.T) string {
	return strings.TrimSpace(succeeds(t, "dpkg", "--print-architecture"))
}

func succeeds(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	out, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// fails runs a command that must fail and print text.
func fails(t *testing.T, text, name string, arguments ...string) {
	t.Helper()
	if out, err := exec.Command(name, arguments...).CombinedOutput(); err == nil || !strings.Contains(string(out), text) {
		t.Errorf("%s %s: %v, without %q\n%s", name, strings.Join(arguments, " "), err, text, out)
	}
}

func installs(t *testing.T, path string) string {
	t.Helper()
	return succeeds(t, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", path)
}

// owned checks the owner and the permissions of a file.
func owned(t *testing.T, path, want string) {
	t.Helper()
	if got := strings.TrimSpace(succeeds(t, "stat", "--format=%U:%G %a", path)); got != want {
		t.Errorf("%s: %s, want %s", path, got, want)
	}
}

func exist(t *testing.T, want bool, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s exists: %v, want %v", path, err == nil, want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// simulate starts a phone system, and returns its address.
func simulate(t *testing.T, program string) string {
	return launch(t, exec.Command(program, "simulate", "--listen", "127.0.0.1:0", "--control", "", "--key", "0123456789abcdef"), ` url: (\S+)`).found
}

// configure follows the steps that the package prints.
func configure(t *testing.T, phones string) {
	t.Helper()
	text := regexp.MustCompile(`url: \S+`).ReplaceAllString(read(t, configuration), "url: "+phones)
	text = "listen: 127.0.0.1:0\nadmin: \"\"\n" + text
	for path, content := range map[string]string{configuration: text, key: "0123456789abcdef\n"} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// serve starts the service as the unit says, and reads a widget.
func serve(t *testing.T) *running {
	t.Helper()
	setting := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + `=(.+)$`).FindStringSubmatch(read(t, unit))
		if found == nil {
			t.Fatal("the unit has no " + name)
		}
		return found[1]
	}
	command := exec.Command("setpriv", append([]string{"--reuid=" + setting("User"), "--regid=" + setting("Group"), "--clear-groups", "--"}, strings.Fields(setting("ExecStart"))...)...)
	command.Env = append(os.Environ(), setting("Environment"))
	service := launch(t, command, `msg=listening for=public url=(\S+)`)
	resp, err := http.Get(service.found + "/v1/widgets/support")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "Customer support") {
		t.Errorf("%s %s %v", resp.Status, body, err)
	}
	return service
}

// A running is a process.
type running struct {
	command *exec.Cmd
	found   string        // what it printed
	ended   chan struct{} // closed when it has ended
	err     error         // what it ended with; not to be read before
}

// launch starts a process, and waits until it prints text.
func launch(t *testing.T, command *exec.Cmd, text string) *running {
	t.Helper()
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	r := &running{command: command, ended: make(chan struct{})}
	go func() {
		r.err = command.Wait()
		_ = writer.Close()
		close(r.ended)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-r.ended
	})
	pattern := regexp.MustCompile(text)
	var printed strings.Builder
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if found := pattern.FindStringSubmatch(lines.Text()); found != nil {
			r.found = found[1]
			go io.Copy(io.Discard, reader) //nolint:errcheck // it ends with the process
			return r
		}
	}
	t.Fatalf("it ended:\n%s", printed.String())
	return nil
}

// stop ends the service as systemd does.
func (r *running) stop(t *testing.T) {
	t.Helper()
	if err := r.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if <-r.ended; r.err != nil {
		t.Errorf("the service ended with %v", r.err)
	}
}
