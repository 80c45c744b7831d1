package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"waitboard/config"
	"waitboard/internal/testlevel"
)

// The image uses the Go version of go.mod.
func TestDockerfile(t *testing.T) {
	find := func(file, pattern string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindSubmatch(text)
		if found == nil {
			t.Fatalf("%s has nothing like %s", file, pattern)
		}
		return string(found[1])
	}
	if image, module := find("deploy/Dockerfile", `(?m)^FROM --platform=\S+ golang:(\d+\.\d+) `), find("go.mod", `(?m)^go (\d+\.\d+)`); image != module {
		t.Errorf("the image uses Go %s, go.mod has %s", image, module)
	}
}

// The API server of Kubernetes would accept the manifests, they fit together, and so does the compose file.
func TestManifests(t *testing.T) {
	testlevel.Full(t)
	inFolder(t, "internal/manifests", "go", "test", "-count=1", "./...") // the cache doesn't see files of another module
}

// The configurations in deploy are right with the variables that their containers have, and rejected with the placeholders of the Secret.
func TestDeployedConfigurations(t *testing.T) {
	for _, test := range []struct{ name, configuration, container, cluster string }{
		{"replicas on Kubernetes", "kubernetes/config.yaml", "kubernetes/deployment.yaml", "redis://waitboard:$(ENGINE_PASSWORD)@waitboard-engine:6379/0"},
		{"one replica on Kubernetes", "kubernetes/single/config.yaml", "kubernetes/single/statefulset.yaml", ""},
		{"compose", "compose/waitboard.yaml", "compose.yaml", "redis://waitboard:${ENGINE_PASSWORD:?is not in .env}@engine:6379/0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, container := deployed(t, test.configuration), string(deployed(t, test.container))
			var object struct{ Data map[string]string }
			if err := yaml.Unmarshal(text, &object); err != nil {
				t.Fatal(err)
			}
			if inside, ok := object.Data["waitboard.yaml"]; ok {
				text = []byte(strings.Replace(inside, "data_dir: /data", "data_dir: "+t.TempDir(), 1))
			}
			placeholders := false
			env := func(name string) (string, bool) {
				switch {
				case !strings.Contains(container, name):
					return "", false
				case name == "WAITBOARD_CLUSTER_URL":
					return regexp.MustCompile(`\$[({].*[)}]`).ReplaceAllString(test.cluster, "0123456789abcdef"), strings.Contains(container, test.cluster)
				case placeholders:
					return "", true
				}
				return "0123456789abcdef", true
			}
			c, err := config.Parse("waitboard.yaml", text, env)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Notes) > 0 || c.Sources[0].Trouble != nil || c.Cluster.On() != (test.cluster != "") {
				t.Errorf("notes %v, trouble %v, cluster %v", c.Notes, c.Sources[0].Trouble, c.Cluster.On())
			}
			placeholders = true
			if _, err := config.Parse("waitboard.yaml", text, env); err == nil || !strings.Contains(err.Error(), "admin_token_env") || !strings.Contains(err.Error(), "key_env") {
				t.Errorf("with placeholders: %v", err)
			}
		})
	}
}

// The PodMonitor finds the admin port of the pods by names that the manifests have.
func TestPodMonitor(t *testing.T) {
	var monitor struct {
		Spec struct {
			Selector struct {
				MatchLabels map[string]string `yaml:"matchLabels"`
			}
			JobLabel  string `yaml:"jobLabel"`
			Endpoints []struct {
				Port          string
				Authorization struct{ Credentials struct{ Name, Key string } }
			} `yaml:"podMetricsEndpoints"`
		}
	}
	var deployment struct {
		Spec struct {
			Template struct {
				Metadata struct{ Labels map[string]string }
				Spec     struct {
					Containers []struct{ Ports []struct{ Name string } }
				}
			}
		}
	}
	var secret struct {
		Metadata   struct{ Name string }
		StringData map[string]string `yaml:"stringData"`
	}
	for file, into := range map[string]any{"prometheus/podmonitor.yaml": &monitor, "kubernetes/secret.yaml": &secret} {
		if err := yaml.Unmarshal(deployed(t, file), into); err != nil {
			t.Fatal(err)
		}
	}
	text, _, _ := strings.Cut(string(deployed(t, "kubernetes/deployment.yaml")), "\n---\n")
	if err := yaml.Unmarshal([]byte(text), &deployment); err != nil {
		t.Fatal(err)
	}
	pod, wanted := deployment.Spec.Template, monitor.Spec
	if !maps.Equal(wanted.Selector.MatchLabels, pod.Metadata.Labels) || pod.Metadata.Labels[wanted.JobLabel] != "waitboard" {
		t.Errorf("it selects %v by %s, the pods have %v", wanted.Selector.MatchLabels, wanted.JobLabel, pod.Metadata.Labels)
	}
	if len(wanted.Endpoints) != 1 || !slices.Contains(pod.Spec.Containers[0].Ports, struct{ Name string }{wanted.Endpoints[0].Port}) {
		t.Fatalf("it scrapes %v, the pods have %v", wanted.Endpoints, pod.Spec.Containers[0].Ports)
	}
	token := wanted.Endpoints[0].Authorization.Credentials
	if _, ok := secret.StringData[token.Key]; !ok || token.Name != secret.Metadata.Name {
		t.Errorf("it sends %s of %s, the Secret is %s", token.Key, token.Name, secret.Metadata.Name)
	}
}

// The configuration of the packages is right as soon as there is a key.
func TestPackagedConfiguration(t *testing.T) {
	folder := t.TempDir()
	parse := func() error {
		text := bytes.Replace(deployed(t, "package/waitboard.yaml"), []byte("/var/lib/waitboard"), []byte(t.TempDir()), 1)
		c, err := config.Parse(filepath.Join(folder, "waitboard.yaml"), text, func(string) (string, bool) { return "", false })
		if err == nil && (len(c.Notes) > 0 || c.Sources[0].Trouble != nil) {
			t.Errorf("notes %v, trouble %v", c.Notes, c.Sources[0].Trouble)
		}
		return err
	}
	if err := parse(); err == nil || !strings.Contains(err.Error(), "key_file") {
		t.Errorf("without a key: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "key"), []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := parse(); err != nil {
		t.Error(err)
	}
}

// The Secret has no value that anyone could use.
func TestSecret(t *testing.T) {
	var secret struct {
		StringData map[string]string `yaml:"stringData"`
	}
	if err := yaml.Unmarshal(deployed(t, "kubernetes/secret.yaml"), &secret); err != nil || len(secret.StringData) == 0 {
		t.Fatal(secret, err)
	}
	for name, value := range secret.StringData {
		if value != "" {
			t.Errorf("%s has a value", name)
		}
	}
}

// The engines that we start have one configuration, with the rules that docs/cluster.md lists.
func TestEngines(t *testing.T) {
	page, err := os.ReadFile("docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile("ACL SETUSER waitboard on >PASSWORD (.+)").FindSubmatch(page)
	if rules == nil {
		t.Fatal("the page has no rules")
	}
	var scripts []string
	for _, file := range []string{"kubernetes/engine.yaml", "compose.yaml"} {
		script := regexp.MustCompile(`(?s)exec valkey-server - <<EOF\n.*?\n +EOF\n`).Find(deployed(t, file))
		if !bytes.Contains(script, append(rules[1], '\n')) {
			t.Errorf("%s has other rules", file)
		}
		scripts = append(scripts, strings.Join(strings.Fields(strings.ReplaceAll(string(script), "$$", "$")), " "))
	}
	if scripts[0] != scripts[1] {
		t.Errorf("they differ:\n%s\n%s", scripts[0], scripts[1])
	}
}

func deployed(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile("deploy/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
