// Command build builds web/src: the scripts and stylesheets in web/dist, and the generated part of the npm package in web/npm. It needs no
// Node, and the same source gives the same bytes on every machine. Run it with: go generate ./web
//
// With -keep it copies the scripts of the element to web/dist/releases instead, for pages that pin one. Do so at a release.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// bundles lists the built files and their sources, in the folder of package web.
var bundles = []struct {
	made, source string
	options      api.BuildOptions
}{
	{"dist/widget.js", "src/main.ts", api.BuildOptions{Format: api.FormatIIFE}},
	{"dist/widget.live.js", "src/main.ts", api.BuildOptions{Format: api.FormatIIFE, Define: live}},
	{"dist/widget.more.js", "src/more.ts", api.BuildOptions{Format: api.FormatESModule}},
	{"dist/widget.chart.js", "src/chart.ts", api.BuildOptions{Format: api.FormatESModule}},
	{"dist/embed.js", "src/embed.ts", api.BuildOptions{Format: api.FormatIIFE}},
	{"dist/embed.css", "src/embed.css", api.BuildOptions{}},
	{"dist/chart.js", "src/pagechart.ts", api.BuildOptions{Format: api.FormatIIFE}},
	{"dist/chart.css", "src/pagechart.css", api.BuildOptions{}},
	{"dist/gallery.js", "src/gallery.ts", api.BuildOptions{Format: api.FormatIIFE}},
	{"dist/gallery.css", "src/gallery.css", api.BuildOptions{}},
	{"dist/admin.js", "src/admin.ts", api.BuildOptions{Format: api.FormatIIFE}},
	{"dist/admin.css", "src/admin.css", api.BuildOptions{}},
	{"npm/index.js", "src/npm.ts", api.BuildOptions{
		Format: api.FormatESModule, Inject: []string{"src/nopage.ts"},
		// A bundler's script doesn't come from the service's address.
		Define: map[string]string{"document.currentScript": "null", "LIVE": "true"},
		Banner: map[string]string{"js": "// Made of web/src in waitboard, by: go generate ./web"},
	}},
}

// live enables event streams.
var live = map[string]string{"LIVE": "true"}

// copies lists the files that the npm package copies.
var copies = []struct{ made, source string }{
	{"npm/snapshot.d.ts", "src/snapshot.ts"},
	{"npm/LICENSE", "../LICENSE"},
}

func main() {
	release := flag.Bool("keep", false, "keep the scripts of the element, as they are now, for pages that pin them")
	flag.Parse()
	if err := run(*release); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(release bool) error {
	// go generate runs this in the folder of package web, people run it at the top.
	if _, err := os.Stat("src"); err != nil {
		if err := os.Chdir("web"); err != nil {
			return err
		}
	}
	if release {
		for _, script := range []string{"dist/widget.js", "dist/widget.live.js"} {
			path, err := archive(script, "dist/releases")
			if err != nil {
				return err
			}
			fmt.Println("archived web/" + path)
		}
		return nil
	}
	made, err := files()
	for name, content := range made {
		err = errors.Join(err, os.WriteFile(name, content, 0o644)) //nolint:gosec // it is public
	}
	return err
}

// files returns all built files by name.
func files() (map[string][]byte, error) {
	made := map[string][]byte{}
	var problems error
	for _, b := range bundles {
		content, err := bundle(b.source, b.options)
		made[b.made], problems = content, errors.Join(problems, err)
	}
	for _, c := range copies {
		content, err := os.ReadFile(c.source)
		made[c.made], problems = content, errors.Join(problems, err)
	}
	if problems != nil {
		return nil, problems
	}
	return made, nil
}

// bundle builds one file from a source and its imports. It shortens properties whose names end in _.
func bundle(entry string, o api.BuildOptions) ([]byte, error) {
	o.EntryPoints, o.Bundle, o.Platform, o.Target = []string{entry}, true, api.PlatformBrowser, api.ES2022
	if o.Define["LIVE"] == "" {
		o.Define = map[string]string{"LIVE": "false"}
	}
	o.MinifyWhitespace, o.MinifyIdentifiers, o.MinifySyntax, o.MangleProps = true, true, true, "[^_]_$"
	o.Charset, o.LegalComments, o.TsconfigRaw, o.LogLevel = api.CharsetUTF8, api.LegalCommentsNone, "{}", api.LogLevelSilent
	o.Plugins = []api.Plugin{{Name: "stylesheets", Setup: stylesheets}}
	result := api.Build(o)
	if len(result.Errors) > 0 {
		return nil, failure(result.Errors)
	}
	return result.OutputFiles[0].Contents, nil
}

// spaces matches spaces that esbuild leaves in custom properties and in their fallbacks.
var spaces = regexp.MustCompile(`([:,]) `)

// stylesheets makes an imported stylesheet a minified text.
func stylesheets(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: `\.css$`}, func(args api.OnResolveArgs) (result api.OnResolveResult, err error) {
		if args.Kind == api.ResolveJSImportStatement {
			result.Path, result.Namespace = filepath.Join(args.ResolveDir, args.Path), "text"
		}
		return result, nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: `\.css$`, Namespace: "text"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		source, err := os.ReadFile(args.Path)
		if err != nil {
			return api.OnLoadResult{}, err
		}
		result := api.Transform(string(source), api.TransformOptions{
			Loader: api.LoaderCSS, MinifyWhitespace: true, MinifySyntax: true, LogLevel: api.LogLevelSilent,
		})
		if len(result.Errors) > 0 {
			return api.OnLoadResult{}, failure(result.Errors)
		}
		text := spaces.ReplaceAllString(strings.TrimSpace(string(result.Code)), "$1")
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderText}, nil
	})
}

func failure(messages []api.Message) error {
	lines := make([]error, len(messages))
	for i, m := range messages {
		lines[i] = errors.New(m.Text)
		if at := m.Location; at != nil {
			lines[i] = fmt.Errorf("%s:%d: %s", at.File, at.Line, m.Text)
		}
	}
	return errors.Join(lines...)
}
