package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestReachable includes host names, which the service checks when it listens.
func TestReachable(t *testing.T) {
	for address, want := range map[string]bool{
		":9090": true, "0.0.0.0:9090": true, "[::]:9090": true, "10.0.0.5:9090": true, "[::ffff:10.0.0.5]:9090": true, "[fe80::1%eth0]:9090": true,
		"127.0.0.1:9090": false, "127.8.8.8:9090": false, "[::1]:9090": false, "[::ffff:127.0.0.1]:9090": false, "localhost:9090": false, "ops.example.com:9090": false,
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestAdminToken(t *testing.T) {
	text, err := os.ReadFile("testdata/valid-operators.yaml")
	if err != nil {
		t.Fatal(err)
	}
	read := func(token string) *Config {
		c, err := Parse("testdata/x.yaml", text, func(string) (string, bool) { return token, true })
		if err != nil {
			t.Fatal(err)
		}
		c.Sources = nil
		return c
	}
	one := read("0123456789abcdef\n")
	if one.AdminToken.Reveal() != "0123456789abcdef" || !one.Equal(read("0123456789abcdef")) || one.Equal(read("0123456789abcdeg")) {
		t.Error("the token is lost, or compared wrongly")
	}
}

// TestDataDir checks that checking a folder changes nothing.
func TestDataDir(t *testing.T) {
	folder := t.TempDir()
	minimal, err := os.ReadFile("testdata/valid-minimal.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(dir string) error {
		_, err := Parse(filepath.Join(folder, "waitboard.yaml"), append([]byte("data_dir: "+dir+"\n"), minimal...), testEnv)
		return err
	}
	for _, dir := range []string{".", "state", "./state/", folder, folder + "/state"} {
		if err := parse(dir); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if runtime.GOOS != "linux" {
		return
	}
	if err := parse("/proc/state"); err == nil || !strings.Contains(err.Error(), "waitboard.yaml:1:1: data_dir: the folder cannot be created: ") {
		t.Errorf("got %v", err)
	}
}
