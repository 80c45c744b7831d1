// Command build bundles the sources of web/src into web/dist, the scripts and stylesheets that browsers get. It needs no Node, and
// gives the same bytes for the same source anywhere. Run it by: go generate ./web
//
// With -keep it files the script of the element in web/dist/kept instead, for pages that pin it. Do so at a release.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// bundles are what is made of which source, in the folder of package web.
var bundles = []struct{ made, source string }{
	{"dist/widget.js", "src/main.ts"},
	{"dist/embed.js", "src/embed.ts"},
	{"dist/embed.css", "src/embed.css"},
	{"dist/gallery.js", "src/gallery.ts"},
}

func main() {
	release := flag.Bool("keep", false, "keep the script of the element, as it is now, for pages that pin it")
	flag.Parse()
	if err := run(*release); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(release bool) error {
	// go generate runs this in the folder of package web, people at the top.
	if _, err := os.Stat("src"); err != nil {
		if err := os.Chdir("web"); err != nil {
			return err
		}
	}
	if release {
		path, err := keep("dist/widget.js", "dist/kept")
		if err == nil {
			fmt.Println("kept in web/" + path)
		}
		return err
	}
	for _, b := range bundles {
		made, err := bundle(b.source)
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.made, made, 0o644); err != nil { //nolint:gosec // it is for everyone to read
			return err
		}
	}
	return nil
}

// bundle makes one file of a source and all that it imports. Properties whose names end in _ are our own and get short
// names.
func bundle(entry string) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, Bundle: true, Format: api.FormatIIFE, Platform: api.PlatformBrowser, Target: api.ES2022,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, MangleProps: "[^_]_$",
		LegalComments: api.LegalCommentsNone, TsconfigRaw: "{}", LogLevel: api.LogLevelSilent,
		Plugins: []api.Plugin{{Name: "stylesheets", Setup: stylesheets}},
	})
	if len(result.Errors) > 0 {
		return nil, told(result.Errors)
	}
	return result.OutputFiles[0].Contents, nil
}

// stylesheets hands those that scripts import over as minified text.
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
			return api.OnLoadResult{}, told(result.Errors)
		}
		text := string(result.Code)
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderText}, nil
	})
}

func told(messages []api.Message) error {
	lines := make([]error, len(messages))
	for i, m := range messages {
		lines[i] = errors.New(m.Text)
		if at := m.Location; at != nil {
			lines[i] = fmt.Errorf("%s:%d: %s", at.File, at.Line, m.Text)
		}
	}
	return errors.Join(lines...)
}
