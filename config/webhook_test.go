package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const webhookYAML = `
webhooks:
  chat:
    url_env: HOOK_URL
    when: [level, source]
    widgets: [support]
    for: 2m
    format: slack
    secret_env: HOOK_SECRET
sources:
  hq:
    url: https://chronicall.example.com:9080/rest
    key_env: CHRONICALL_KEY
widgets:
  support:
    metrics:
      wait:
        metric: Current Wait Time
`

func TestWebhook(t *testing.T) {
	c, err := Parse("waitboard.yaml", []byte(webhookYAML), testEnv)
	if err != nil || len(c.Webhooks) != 1 {
		t.Fatal(c, err)
	}
	h := c.Webhooks[0]
	if h.Name != "chat" || h.URL.Reveal() != "https://hooks.example.com/canary" || h.For != 2*time.Minute || h.Format != "slack" ||
		!slices.Equal(h.When, []string{"level", "source"}) || !slices.Equal(h.Widgets, []string{"support"}) ||
		!strings.HasPrefix(h.Secret.Reveal(), "whsec_") || h.Private || h.AllowPrivate || h.EnvironmentProxy || h.Trouble != nil {
		t.Errorf("got %+v", h)
	}
	other, err := Parse("waitboard.yaml", []byte(strings.Replace(webhookYAML, "2m", "3m", 1)), testEnv)
	if err != nil || c.Equal(other) {
		t.Errorf("comparing configurations fails: %v", err)
	}
}

// A webhook whose URL or secret can't be used is in trouble alone.
func TestWebhookTrouble(t *testing.T) {
	for name, test := range map[string]struct{ old, replaced, want string }{
		"no variable":     {"HOOK_URL", "NOSUCH", "webhooks.chat.url_env: the environment variable NOSUCH is not set"},
		"no URL":          {"HOOK_URL", "CHRONICALL_KEY", "webhooks.chat.url_env: doesn't hold the URL of a webhook"},
		"http":            {"HOOK_URL", "HTTP_HOOK", "webhooks.chat.url_env: holds a URL with http, which anyone on the way can read"},
		"port 0":          {"HOOK_URL", "PORT_0_HOOK", "webhooks.chat.url_env: holds a URL with a port that doesn't exist"},
		"port 65536":      {"HOOK_URL", "PORT_BIG_HOOK", "webhooks.chat.url_env: holds a URL with a port that doesn't exist (a port is a number from 1 to 65535)"},
		"no file":         {"url_env: HOOK_URL", "url_file: nosuch", "webhooks.chat.url_file: the file cannot be read: there is no such file"},
		"not base64":      {"HOOK_SECRET", "CHRONICALL_KEY", "webhooks.chat.secret_env: doesn't hold a secret of the form whsec_ and 24 to 64 bytes in base64"},
		"secret is unset": {"HOOK_SECRET", "NOSUCH", "webhooks.chat.secret_env: the environment variable NOSUCH is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			last, err := Parse("waitboard.yaml", []byte(webhookYAML), testEnv)
			if err != nil {
				t.Fatal(err)
			}
			text := []byte(strings.Replace(webhookYAML, test.old, test.replaced, 1))
			c, err := Parse("waitboard.yaml", text, testEnv)
			if err != nil {
				t.Fatal(err)
			}
			h := c.Webhooks[0]
			if h.Usable() || len(h.Trouble) != 1 || !strings.Contains(h.Trouble[0].String(), test.want) || strings.Contains(h.Trouble[0].String(), canary) {
				t.Errorf("got %v %v, want %s", h.Usable(), h.Trouble, test.want)
			}
			if c, err = parse("waitboard.yaml", text, testEnv, last); err != nil || !c.Webhooks[0].Usable() || c.Webhooks[0].Secret.Reveal() == "" {
				t.Errorf("the previous URL is lost: %+v %v", c, err)
			}
		})
	}
	for _, usable := range []string{"HTTP_HOOK\n    allow_private: true", "PORT_MAX_HOOK"} {
		c, err := Parse("waitboard.yaml", []byte(strings.Replace(webhookYAML, "HOOK_URL", usable, 1)), testEnv)
		if err != nil || !c.Webhooks[0].Usable() {
			t.Errorf("%s: %v", usable, err)
		}
	}
}

// A webhook may name widgets of included files. One that is not there yet is no mistake of the file.
func TestWebhookOfIncluded(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("waitboard.yaml", "include: clients/*.yaml"+strings.Replace(webhookYAML, "[support]", "[support, sales]", 1))
	load := func() Webhook {
		c, err := Load(filepath.Join(folder, "waitboard.yaml"), testEnv)
		if err != nil {
			t.Fatal(err)
		}
		return c.Webhooks[0]
	}
	if h := load(); !h.Usable() || len(h.Trouble) != 1 || !strings.Contains(h.Trouble[0].String(), "webhooks.chat.widgets[1]: is not the ID of a widget") {
		t.Errorf("got %+v", h)
	}
	if err := os.Mkdir(filepath.Join(folder, "clients"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("clients/a.yaml", "widgets: {sales: {metrics: {wait: {metric: M}}}}")
	if h := load(); h.Trouble != nil {
		t.Errorf("got %v", h.Trouble)
	}
}
