package config

import (
	"strings"
	"testing"
)

const clusterYAML = `
data_dir: .
tls:
  auto: [wait.example.com]
cluster:
  url_env: ENGINE_URL
  prefix: waitboard-2
  ca_file: good.pem
  secret_env: ADMIN_TOKEN
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

func TestCluster(t *testing.T) {
	t.Chdir("testdata")
	parse := func(old, replaced string) *Config {
		t.Helper()
		c, err := Parse("waitboard.yaml", []byte(strings.Replace(clusterYAML, old, replaced, 1)), testEnv)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := parse("", "")
	if in := c.Cluster; !in.On() || in.URL.Reveal() != "redis://canary:canary@engine:6379/0" || in.Prefix != "waitboard-2" || in.CA == nil ||
		in.Certificate != nil || in.Secret.Reveal() != "canary-admin-token" {
		t.Errorf("got %+v", in)
	}
	if !c.Equal(parse("", "")) || c.Equal(parse("waitboard-2", "waitboard")) {
		t.Error("comparing configurations fails")
	}
	if minimal().Cluster.On() {
		t.Error("there is an engine without the section")
	}
}
