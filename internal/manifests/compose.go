package manifests

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// CheckCompose returns what is wrong with a compose file of a folder, which also holds the files that it mounts.
func CheckCompose(folder string, text []byte, environment map[string]string) (problems []string) {
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: folder, ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(folder, "compose.yaml"), Content: text}}, Environment: environment,
	}, loader.WithProfiles([]string{"*"}))
	if err != nil {
		return []string{err.Error()}
	}
	for name, s := range project.Services {
		for _, problem := range checkService(s) {
			problems = append(problems, name+": "+problem)
		}
	}
	return append(problems, checkReplicas(folder, project.Services)...)
}

// checkService returns what no container should have, what each must have, and files that don't exist.
func checkService(s types.ServiceConfig) (problems []string) {
	if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
		problems = append(problems, "it has too many rights")
	}
	if s.Restart == "" {
		problems = append(problems, "it does not restart")
	}
	var files []string
	if s.Build != nil { // our image, which has a health check
		files = append(files, filepath.Join(s.Build.Context, s.Build.Dockerfile))
	} else {
		if _, tag, _ := strings.Cut(s.Image, ":"); tag == "" || tag == "latest" {
			problems = append(problems, "its image has no version")
		}
		if s.HealthCheck == nil {
			problems = append(problems, "it has no health check")
		}
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind {
			files = append(files, v.Source)
		}
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			problems = append(problems, err.Error())
		}
	}
	for _, port := range s.Ports {
		if port.Target == 9090 && port.HostIP != "127.0.0.1" {
			problems = append(problems, fmt.Sprintf("it publishes the operators' port on %q", port.HostIP))
		}
	}
	return problems
}

// checkReplicas returns what doesn't fit together: replicas, and the configurations of Caddy, Prometheus and waitboard.
func checkReplicas(folder string, services types.Services) (problems []string) {
	caddyfile, err := os.ReadFile(filepath.Join(folder, "compose", "Caddyfile")) //nolint:gosec // a test names the folder
	if err != nil {
		return []string{err.Error()}
	}
	targets, err := os.ReadFile(filepath.Join(folder, "prometheus", "prometheus.yaml")) //nolint:gosec // a test names the folder
	if err != nil {
		return []string{err.Error()}
	}
	text, err := os.ReadFile(filepath.Join(folder, "compose", "waitboard.yaml")) //nolint:gosec // a test names the folder
	if err != nil {
		return []string{err.Error()}
	}
	var config struct {
		Listen        string
		ShutdownDelay metav1.Duration `json:"shutdown_delay"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return []string{err.Error()}
	}
	replicas, published := 0, map[string]bool{}
	for name, s := range services {
		if !strings.HasPrefix(name, "waitboard-") {
			continue
		}
		replicas++
		if !strings.Contains(string(caddyfile), " "+name+config.Listen) {
			problems = append(problems, name+": Caddy doesn't know it")
		}
		scraped := false
		for _, port := range s.Ports {
			address := port.HostIP + ":" + port.Published
			scraped = scraped || port.Target == 9090 && !published[address] && strings.Contains(string(targets), address)
			published[address] = true
		}
		if !scraped {
			problems = append(problems, name+": Prometheus can't reach it")
		}
		if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) < config.ShutdownDelay.Duration+drain+margin {
			problems = append(problems, name+": it is killed before shutdown_delay ends")
		}
	}
	if known := strings.Count(string(caddyfile), config.Listen); known != replicas {
		problems = append(problems, fmt.Sprintf("Caddy knows %d replicas of %d", known, replicas))
	}
	return problems
}
