package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mayImport lists the project's packages that each package may import directly.
var mayImport = map[string][]string{
	"api/v1": {}, "api/operator": {}, "datadir": {}, "embeds": {}, "web": {}, "web/build": {}, "browser": {}, "neighbors": {}, "templates": {}, "sse": {}, "docs": {}, "internal/bom": {}, "internal/comments": {}, "internal/floodlog": {}, "internal/golden": {}, "internal/lazy": {}, "internal/listening": {}, "internal/memnet": {}, "internal/durations": {}, "internal/checked": {}, "internal/licenses": {}, "badge/pixelgen": {}, "internal/testlevel": {}, "internal/testengine": {"internal/testlevel"}, "bench/bare": {}, "internal/testprogram": {}, "internal/testreplicas": {}, "replicas": {}, "config/internal/cases": {},
	"locale":             {"internal/lazy"},
	"doctor":             {"internal/transport"},
	"simulator":          {"internal/listening"},
	"snippet":            {"badge"},
	"bench/estimate":     {"domain", "estimate"},
	"api/schemagen":      {"api/v1", "api/operator", "internal/comments"},
	"domain":             {"locale"},
	"badge":              {"locale", "domain"},
	"config":             {"internal/bom", "internal/durations", "locale"},
	"config/schemagen":   {"config", "internal/comments", "locale"},
	"internal/transport": {"domain"},
	"chronicall":         {"internal/bom", "internal/transport", "domain"},
	"publish":            {"api/v1", "badge", "locale", "readings", "domain"},
	"readings":           {"domain"},
	"trend":              {"domain"},
	"poller":             {"domain"},
	"notices":            {"datadir", "locale", "domain"},
	"checkpoint":         {"datadir", "domain"},
	"cluster":            {"domain"},
	"webhook":            {"api/v1", "datadir", "internal/floodlog", "internal/transport", "publish", "domain"},
	"handlers":           {"badge", "publish", "docs", "embeds", "handlers/pages", "handlers/respond", "locale", "sse", "web"},
	"handlers/respond":   {"publish", "internal/lazy", "locale", "domain"},
	"handlers/pages":     {"badge", "publish", "handlers/respond", "locale", "snippet", "domain", "web", "templates"},
	"handlers/admin":     {"api/operator", "publish", "handlers/respond", "internal/floodlog", "internal/durations", "notices", "readings", "domain", "templates", "web", "embeds", "history", "estimate"},
	"app":                {"api/operator", "publish", "chronicall", "cluster", "config", "datadir", "embeds", "handlers", "handlers/admin", "handlers/pages", "internal/floodlog", "internal/lazy", "internal/listening", "internal/transport", "checkpoint", "locale", "notices", "poller", "readings", "sse", "trend", "domain", "webhook", "typical", "expected"},
	"bench":              {"bench/estimate", "domain", "history", "typical"},
	"history":            {"domain", "internal/checked"},
	"estimate":           {"domain", "history", "internal/checked"},
	"expected":           {"datadir", "domain", "estimate", "readings"},
	"typical":            {"datadir", "domain", "history", "readings"},
	"cli":                {"history", "typical", "estimate", "expected", "app", "chronicall", "config", "doctor", "internal/listening", "internal/transport", "locale", "poller", "simulator", "snippet", "domain", "web"},
	"":                   {"cli"},
}

func TestImportRules(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "waitboard"), "/")
		allowed, ok := mayImport[name]
		if !ok {
			t.Errorf("package %q is missing in mayImport", name)
		}
		for _, imported := range p.Imports {
			ours, isOurs := strings.CutPrefix(imported, "waitboard/")
			if isOurs && !slices.Contains(allowed, ours) {
				t.Errorf("%s must not import %s", p.ImportPath, imported)
			}
		}
	}
}

var asksTheTime = regexp.MustCompile(`time\.(Now|Since|Until|Sleep)\b`)

// The clock is a parameter: no package below app reads the time.
func TestClockIsAParameter(t *testing.T) {
	for _, folder := range []string{"domain", "locale", "badge", "publish", "poller", "chronicall", "handlers", "handlers/respond", "handlers/pages", "handlers/admin", "sse", "datadir", "embeds", "notices", "checkpoint", "readings", "cluster", "trend", "webhook", "estimate"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, call := range asksTheTime.FindAllString(string(source), -1) {
				t.Errorf("%s calls %s", file, call)
			}
		}
	}
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

// list runs go list once for all tests.
var list = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
})

func packages(t *testing.T) (all []listedPackage) {
	t.Helper()
	out, err := list()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := decoder.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
