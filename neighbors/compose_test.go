package neighbors

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v4"

	"waitboard/internal/testlevel"
	"waitboard/simulator"
)

const password = "0123456789abcdef"

// A composition is deploy/compose.yaml as processes on loopback: everything is as it is there, but addresses.
type composition struct {
	sim      *simulator.Simulator
	engine   string // its address
	replicas [2]*replica
	front    string // the address of the proxy
}

type replica struct {
	*service
	address, admin string
}

func readDeploy(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "deploy", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// freeAddress returns an address of loopback that can be used again and again.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// engineCommands returns the command of the engine of deploy/compose.yaml and its health check, for an address.
func engineCommands(t *testing.T, address string) (command, health *exec.Cmd) {
	t.Helper()
	var file struct {
		Services struct {
			Engine struct {
				Command     []string
				Healthcheck struct{ Test []string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(readDeploy(t, "compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, other := range map[string]string{"valkey-server": "redis-server", "valkey-cli": "redis-cli"} {
		program, err := exec.LookPath(name)
		if err != nil {
			program = testlevel.Need(t, other, "redis-server")
		}
		if err := os.Symlink(program, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	_, port, _ := net.SplitHostPort(address)
	run := func(words []string) *exec.Cmd {
		script := strings.ReplaceAll(words[len(words)-1], "$$", "$")
		script = strings.Replace(script, "protected-mode no", "protected-mode no\nbind 127.0.0.1\nport "+port, 1)
		script = strings.Replace(script, "valkey-cli", "valkey-cli -p "+port, 1)
		cmd := exec.Command("sh", "-c", script)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "ENGINE_PASSWORD="+password)
		return cmd
	}
	return run(file.Services.Engine.Command), run(file.Services.Engine.Healthcheck.Test)
}

// compose starts everything but the proxy.
func compose(t *testing.T) *composition {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 3, InitTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	c := &composition{sim: sim, engine: freeAddress(t), front: freeAddress(t)}
	command, _ := engineCommands(t, c.engine)
	start(t, command)
	eventually(t, "the engine is healthy", func() bool {
		_, health := engineCommands(t, c.engine)
		return health.Run() == nil
	})
	for i := range c.replicas {
		c.replicas[i] = &replica{address: freeAddress(t), admin: freeAddress(t)}
		c.start(t, c.replicas[i])
	}
	return c
}

// A proxy is started in front of both replicas with its configuration in deploy.
type proxy struct {
	name  string
	start func(t *testing.T, c *composition)
}

var proxies = []proxy{
	{"Caddy", func(t *testing.T, c *composition) {
		file := "{\n\tadmin off\n}\n" + readDeploy(t, "compose/Caddyfile")
		for i, r := range c.replicas {
			file = strings.ReplaceAll(file, fmt.Sprintf("waitboard-%d:8080", i+1), r.address)
		}
		caddy := exec.Command(testlevel.Need(t, "caddy", "caddy"), "run", "--adapter", "caddyfile", "--config", write(t, filepath.Join(t.TempDir(), "Caddyfile"), file))
		caddy.Env = append(os.Environ(), "SITE=http://"+c.front, "HOME="+t.TempDir())
		start(t, caddy)
	}},
	{"nginx", func(t *testing.T, c *composition) {
		file := strings.NewReplacer(
			"server 127.0.0.1:8080;", "server "+c.replicas[0].address+"; server "+c.replicas[1].address+";", "listen 443 ssl http2;", "listen "+c.front+";",
			"listen [::]:443 ssl http2;", "", "ssl_certificate", "#",
		).Replace(readDeploy(t, "nginx.conf"))
		runNginx(t, folder(t), "http {\naccess_log off;\n"+file+"}\n")
	}},
}

// start starts a replica, also again.
func (c *composition) start(t *testing.T, r *replica) {
	t.Helper()
	configuration := strings.NewReplacer(
		"listen: :8080", "listen: "+r.address, "admin: :9090", "admin: "+r.admin, "http://phones:9080/rest", c.sim.URL(), "172.16.0.0/12", "127.0.0.1",
	).Replace(readDeploy(t, "compose/waitboard.yaml"))
	r.service = serve(t, c.sim, configuration, "CHRONICALL_KEY="+c.sim.Key(), "WAITBOARD_ADMIN_TOKEN="+password,
		"WAITBOARD_CLUSTER_URL=redis://waitboard:"+password+"@"+c.engine+"/0")
}

// metrics returns the metrics of a replica, or nothing if it doesn't answer.
func (r *replica) metrics() string {
	got, err := get(http.DefaultClient, "http://"+r.admin+"/metrics", "Authorization", "Bearer "+password)
	if err != nil {
		return ""
	}
	return got.body
}

// visited reports whether the replica has shown the widget since its start.
func (r *replica) visited() bool {
	_, rest, found := strings.Cut(r.metrics(), `waitboard_http_requests_total{code="200",route="/v1/widgets/:id"} `)
	return found && !strings.HasPrefix(rest, "0\n")
}

// A crowd requests a widget again and again, with several connections.
type crowd struct {
	answers atomic.Int64
	failed  sync.Map // what went wrong
}

// visit sends requests until ctx ends.
func (c *crowd) visit(ctx context.Context, front string) {
	var all sync.WaitGroup
	defer all.Wait()
	for range 4 {
		all.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for ctx.Err() == nil {
				got, err := get(client, front+"/v1/widgets/support")
				switch {
				case err != nil:
					c.failed.Store(err.Error(), true)
				case got.StatusCode != http.StatusOK || !strings.Contains(got.body, `"state":"open"`):
					c.failed.Store(got.Status+" "+got.body, true)
				}
				c.answers.Add(1)
			}
		})
	}
}

// Behind each proxy one replica crashes and the other is stopped, and no visitor notices.
func TestCompose(t *testing.T) {
	testlevel.Full(t)
	t.Parallel()
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			c := compose(t)
			p.start(t, c)
			eventually(t, "the proxy shows values, and the replicas know each other", func() bool {
				got, err := get(http.DefaultClient, "http://"+c.front+"/v1/widgets/support")
				return err == nil && strings.Contains(got.body, `"state":"open"`) &&
					strings.Contains(c.replicas[0].metrics(), "waitboard_cluster_replicas 2") && strings.Contains(c.replicas[1].metrics(), "waitboard_cluster_replicas 2")
			})
			ctx, stop := context.WithCancel(t.Context())
			var visitors crowd
			var visiting sync.WaitGroup
			visiting.Go(func() { visitors.visit(ctx, "http://"+c.front) })
			for i, end := range []func(r *replica){
				func(r *replica) { r.Kill() },
				func(r *replica) { r.Signal(syscall.SIGTERM); _ = r.Wait() },
			} {
				for _, r := range c.replicas {
					eventually(t, "visitors reach both replicas", r.visited)
				}
				end(c.replicas[i])
				before := visitors.answers.Load()
				eventually(t, "visitors get more answers", func() bool { return visitors.answers.Load() > before+1000 })
				c.replicas[i].Kill()
				c.start(t, c.replicas[i])
			}
			stop()
			visiting.Wait()
			visitors.failed.Range(func(what, _ any) bool {
				t.Errorf("a visitor got %s", what)
				return true
			})
		})
	}
}

// The engine doesn't start without a password.
func TestComposeWithoutPassword(t *testing.T) {
	testlevel.Full(t)
	command, _ := engineCommands(t, freeAddress(t))
	command.Env = append(command.Env, "ENGINE_PASSWORD=")
	if out, err := command.CombinedOutput(); err == nil || !strings.Contains(string(out), "ENGINE_PASSWORD") {
		t.Errorf("%v: %s", err, out)
	}
}
