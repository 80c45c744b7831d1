package manifests

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const deploy = "../../deploy"

// read returns the manifests of folders. A file of a later folder replaces one of the same name.
func read(t *testing.T, folders ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(deploy, folder, "*.yaml"))
		if err != nil || names == nil {
			t.Fatal(folder, names, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = text
		}
	}
	return files
}

// single returns the manifests of one replica with a volume.
func single(t *testing.T) map[string][]byte {
	files := read(t, "kubernetes", "kubernetes/single")
	delete(files, "deployment.yaml")
	delete(files, "engine.yaml")
	files["network.yaml"] = change(t, files["network.yaml"], `    - to: # your own engine, if you have one
        - podSelector:
            matchLabels: {app.kubernetes.io/name: waitboard-engine}
      ports: [{port: 6379}]
`, "")
	return files
}

func change(t *testing.T, text []byte, before, after string) []byte {
	t.Helper()
	if !bytes.Contains(text, []byte(before)) {
		t.Fatalf("the file has no %q", before)
	}
	return bytes.ReplaceAll(text, []byte(before), []byte(after))
}

func TestManifests(t *testing.T) {
	for name, files := range map[string]map[string][]byte{"replicas": read(t, "kubernetes"), "one replica": single(t)} {
		if problems := Check(files); problems != nil {
			t.Errorf("%s:\n%s", name, strings.Join(problems, "\n"))
		}
	}
}

// Each mistake in a manifest is found.
func TestCheck(t *testing.T) {
	for _, test := range []struct{ name, file, before, after, want string }{
		{"unknown field", "deployment.yaml", "maxSurge", "maxSurges", `unknown field "spec.strategy.rollingUpdate.maxSurges"`},
		{"wrong type", "deployment.yaml", "replicas: 3", "replicas: three", "cannot unmarshal"},
		{"impossible value", "deployment.yaml", "ScheduleAnyway", "Sometimes", `Unsupported value: "Sometimes"`},
		{"selector without pods", "deployment.yaml", "    matchLabels: {app.kubernetes.io/name: waitboard}\n  strategy", "    matchLabels: {app.kubernetes.io/name: other}\n  strategy", "does not match template `labels`"},
		{"probe of no port", "deployment.yaml", "path: /readyz, port: http", "path: /readyz, port: web", "uses port web"},
		{"no probe", "engine.yaml", "readinessProbe", "startupProbe", "a probe is missing"},
		{"budget of no pods", "deployment.yaml", "AlwaysAllow\n  selector:\n    matchLabels: {app.kubernetes.io/name: waitboard}", "AlwaysAllow\n  selector:\n    matchLabels: {app.kubernetes.io/name: other}", "PodDisruptionBudget waitboard: it selects no pods"},
		{"Service of no port", "service.yaml", "targetPort: http", "targetPort: web", "has no port web"},
		{"Service of no pods", "service.yaml", "selector: {app.kubernetes.io/name: waitboard}", "selector: {app.kubernetes.io/name: other}", "Service waitboard: it selects no pods"},
		{"no Secret", "secret.yaml", "name: waitboard", "name: other", "there is no Secret waitboard"},
		{"no key", "secret.yaml", "ENGINE_PASSWORD", "PASSWORD", "has no key ENGINE_PASSWORD"},
		{"no ConfigMap", "config.yaml", "name: waitboard", "name: other", "there is no ConfigMap waitboard"},
		{"no variable", "deployment.yaml", "$(ENGINE_PASSWORD)", "$(PASSWORD)", "uses PASSWORD"},
		{"root", "deployment.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot"},
		{"capabilities", "engine.yaml", "capabilities: {drop: [ALL]}", "capabilities: {}", "unrestricted capabilities"},
		{"seccomp", "engine.yaml", "        seccompProfile: {type: RuntimeDefault}\n", "", "seccompProfile"},
		{"writable", "engine.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "root file system can be written"},
		{"token", "deployment.yaml", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "mounts a token"},
		{"no limit", "deployment.yaml", "limits: {memory: 256Mi}", "limits: {}", "no limit of memory"},
		{"any version", "engine.yaml", "valkey:9.1.2-alpine", "valkey", "image has no version"},
		{"killed too early", "config.yaml", "shutdown_delay: 15s", "shutdown_delay: 25s", "killed 30s after SIGTERM"},
		{"stopped too early", "config.yaml", "shutdown_delay: 15s", "shutdown_delay: 10s", "the readiness probe fails after 10s"},
		{"another port", "config.yaml", "admin: :9090", "admin: :9091", `listens on ":9091"`},
		{"policy of no pods", "network.yaml", "matchLabels: {app.kubernetes.io/name: waitboard}\n  policyTypes", "matchLabels: {app.kubernetes.io/name: other}\n  policyTypes", "no NetworkPolicy selects its pods"},
		{"policy of no port", "network.yaml", "ports: [{port: 6379}]", "ports: [{port: 6380}]", "has no port 6380"},
		{"policy of one direction", "network.yaml", "[Ingress, Egress]", "[Ingress]", "limit both directions"},
		{"ingress to no port", "ingress.yaml", "port: {name: http}", "port: {name: admin}", "no Service waitboard with the port admin"},
		{"ingress without a class", "ingress.yaml", "ingressClassName: example", "ingressClassName: Example", "ingressClassName"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := read(t, "kubernetes")
			files[test.file] = change(t, files[test.file], test.before, test.after)
			if problems := strings.Join(Check(files), "\n"); !strings.Contains(problems, test.want) {
				t.Errorf("got %q, want %q", problems, test.want)
			}
		})
	}
}

// What network.yaml has in comments is right without the comment signs.
func TestCommentedRules(t *testing.T) {
	files := read(t, "kubernetes")
	text := bytes.ReplaceAll(files["network.yaml"], []byte("    # "), []byte("    "))
	if bytes.Equal(text, files["network.yaml"]) {
		t.Fatal("network.yaml has no rule in comments")
	}
	files["network.yaml"] = text
	if problems := Check(files); problems != nil {
		t.Error(strings.Join(problems, "\n"))
	}
}

// data_dir is on the volume.
func TestCheckDataDir(t *testing.T) {
	files := single(t)
	files["statefulset.yaml"] = change(t, files["statefulset.yaml"], "mountPath: /data", "mountPath: /other")
	if problems := strings.Join(Check(files), "\n"); !strings.Contains(problems, "data_dir is on no volume") {
		t.Error(problems)
	}
}

func TestCompose(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(deploy, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs(deploy)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, before, after, want string }{
		{"as it is", "", "", ""},
		{"unknown key", "read_only: true", "readonly: true", "readonly"},
		{"unknown service", "depends_on: [engine]", "depends_on: [motor]", "motor"},
		{"writable", "  read_only: true\n  cap_drop", "  cap_drop", "too many rights"},
		{"no restart", "    restart: unless-stopped\n", "", "does not restart"},
		{"no health check", "    healthcheck: # it", "    x-healthcheck: # it", "engine: it has no health check"},
		{"any version", "caddy:2.11.4-alpine", "caddy", "proxy: its image has no version"},
		{"no file", "./compose/Caddyfile", "./compose/nginx.conf", "no such file"},
		{"killed too early", "stop_grace_period: 30s", "stop_grace_period: 10s", "killed before"},
		{"public operators' port", "127.0.0.1:9090:9090", "9090:9090", "operators' port"},
		{"unknown replica", "  waitboard-2:", "  waitboard-3:", "waitboard-3: Caddy doesn't know it"},
		{"replica without service", "  waitboard-2:\n", "  waitboard2:\n", "Caddy knows 2 replicas of 1"},
		{"replica without metrics", `    ports: ["127.0.0.1:9091:9090"]`, "", "waitboard-2: Prometheus can't reach it"},
		{"replicas with one port", "127.0.0.1:9091:9090", "127.0.0.1:9090:9090", "Prometheus can't reach it"},
		{"replica that is no target", "127.0.0.1:9091:9090", "127.0.0.1:9092:9090", "waitboard-2: Prometheus can't reach it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			secrets := map[string]string{"CHRONICALL_KEY": "a", "WAITBOARD_ADMIN_TOKEN": "b", "ENGINE_PASSWORD": "c"}
			problems := strings.Join(CheckCompose(folder, change(t, text, test.before, test.after), secrets), "\n")
			if !strings.Contains(problems, test.want) || test.want == "" && problems != "" {
				t.Errorf("got %q, want %q", problems, test.want)
			}
		})
	}
	for _, name := range []string{"CHRONICALL_KEY", "WAITBOARD_ADMIN_TOKEN", "ENGINE_PASSWORD"} {
		secrets := map[string]string{"CHRONICALL_KEY": "a", "WAITBOARD_ADMIN_TOKEN": "b", "ENGINE_PASSWORD": "c", name: ""}
		if problems := strings.Join(CheckCompose(folder, text, secrets), "\n"); !strings.Contains(problems, name) {
			t.Errorf("without %s: %q", name, problems)
		}
	}
}
