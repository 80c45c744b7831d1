package web_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waitboard/internal/testlevel"
)

// tools is the folder with the npm packages of the checks.
const tools = "../tools/node/node_modules"

// output returns the output of a command in a folder. It fails the test if the command fails.
func output(t *testing.T, folder, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), "npm_config_update_notifier=false", "npm_config_loglevel=error")
	out, err := command.Output()
	if err != nil {
		exit := new(exec.ExitError)
		errors.As(err, &exit)
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(arguments, " "), err, out, exit.Stderr)
	}
	return string(out)
}

// manifest decodes the package's package.json.
type manifest struct {
	Version              string
	Dependencies         map[string]string
	DevDependencies      map[string]string
	PeerDependenciesMeta map[string]struct{ Optional bool }
	Main, Types          string
	Exports              map[string]map[string]string
	Scripts              map[string]string
}

func readManifest(t *testing.T) (m manifest) {
	t.Helper()
	raw, err := os.ReadFile("npm/package.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// packed lists the files of the package.
var packed = []string{"LICENSE", "README.md", "index.d.ts", "index.js", "package.json", "react.d.ts", "react.js", "snapshot.d.ts"}

func TestManifest(t *testing.T) {
	m := readManifest(t)
	if len(m.Dependencies)+len(m.DevDependencies)+len(m.Scripts) > 0 || !m.PeerDependenciesMeta["react"].Optional {
		t.Errorf("the package has dependencies or scripts: %+v", m)
	}
	named := []string{m.Main, m.Types}
	for _, ways := range m.Exports {
		named = append(named, ways["types"], ways["default"])
	}
	if len(named) != 6 {
		t.Errorf("package.json names %q", named)
	}
	for _, file := range named {
		if !slices.Contains(packed, strings.TrimPrefix(file, "./")) {
			t.Errorf("package.json names %q, which is not in the package", file)
		}
	}
	for _, file := range packed {
		if _, err := os.Stat("npm/" + file); err != nil {
			t.Error(err)
		}
	}
	program, err := os.ReadFile("../cli/version.go")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`const version = "(.*)"`).FindSubmatch(program); found == nil || string(found[1]) != m.Version {
		t.Errorf("version %s, the program has %q", m.Version, found)
	}
}

// The packed package compiles in a project of each React version, and runs on a server.
func TestPackage(t *testing.T) {
	testlevel.Short(t)
	testlevel.Need(t, "npm", "npm nodejs")
	testlevel.NeedFile(t, tools, "npm ci --prefix tools/node --ignore-scripts")
	folder := t.TempDir()
	var all []struct {
		Filename     string
		Size         int
		UnpackedSize int
		Files        []struct{ Path string }
	}
	if err := json.Unmarshal([]byte(output(t, "npm", "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder)), &all); err != nil || len(all) != 1 {
		t.Fatalf("%d packages, %v", len(all), err)
	}
	var files []string
	for _, f := range all[0].Files {
		files = append(files, f.Path)
	}
	if slices.Sort(files); !slices.Equal(files, packed) {
		t.Errorf("packed files %q", files)
	}
	const most = 14_000
	if t.Logf("%d bytes packed, %d unpacked", all[0].Size, all[0].UnpackedSize); all[0].Size > most {
		t.Errorf("the package has %d bytes, want at most %d", all[0].Size, most)
	}

	archive := filepath.Join(folder, all[0].Filename)
	compiler, err := filepath.Abs(tools + "/typescript/bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	bundler, nodeNext := []string{"-p", ".", "--pretty", "false"}, []string{"-p", ".", "--pretty", "false", "--module", "nodenext", "--moduleResolution", "nodenext"}
	for _, react := range []struct {
		name, types string
		first, more []string // arguments of the compiler
	}{{"react 18", "types-react18", nodeNext, bundler}, {"react 19", "@types/react", bundler, nodeNext}} {
		t.Run(react.name, func(t *testing.T) {
			t.Parallel()
			project := newProject(t, archive, map[string]string{"@types/react": react.types})
			for _, arguments := range testlevel.Pick([][]string{react.first}, [][]string{react.first}, [][]string{react.first, react.more}) {
				output(t, project, "node", append([]string{compiler}, arguments...)...)
			}
		})
	}
	t.Run("server", func(t *testing.T) {
		project := newProject(t, archive, map[string]string{"react": "react", "react-dom": "react-dom"})
		const want = "WaitTime WaitTime\n" + `<wait-time api="https://wait.example.com" widget="support" class="wide" data-fallback="">One moment</wait-time>` + "\n"
		if got := output(t, project, "node", "server.js"); got != want {
			t.Errorf("output %q", got)
		}
	})
}

// newProject returns a copy of the consumer whose node_modules has the packed package, and links to the packages of the tools.
func newProject(t *testing.T, archive string, others map[string]string) string {
	t.Helper()
	project := t.TempDir()
	place := filepath.Join(project, "node_modules", "@waitboard", "wait-time")
	err := errors.Join(os.CopyFS(project, os.DirFS("testdata/consumer")), os.MkdirAll(place, 0o755))
	for name, from := range others {
		link := filepath.Join(project, "node_modules", name)
		target, absErr := filepath.Abs(filepath.Join(tools, from))
		err = errors.Join(err, absErr, os.MkdirAll(filepath.Dir(link), 0o755), os.Symlink(target, link))
	}
	if err != nil {
		t.Fatal(err)
	}
	output(t, place, "tar", "-xzf", archive, "--strip-components=1")
	return project
}
