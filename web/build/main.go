// Command build makes what browsers get of web/src: the script in web/dist, and the generated part of the npm package in
// web/npm. It needs no Node, and gives the same bytes for the same source anywhere. Run it by: go generate ./web
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	// go generate runs this in the folder of package web.
	made, err := files()
	for name, content := range made {
		err = errors.Join(err, os.WriteFile(name, content, 0o644)) //nolint:gosec // it is for everyone to read
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// files are all that is made, by name; none with an error.
func files() (map[string][]byte, error) {
	script, err := bundle("src/main.ts", api.BuildOptions{Format: api.FormatIIFE})
	if err != nil {
		return nil, err
	}
	module, err := bundle("src/npm.ts", api.BuildOptions{
		Format: api.FormatESModule, Inject: []string{"src/nopage.ts"},
		// The script that a bundler makes of the module does not stand at the service's address.
		Define: map[string]string{"document.currentScript": "null"},
		Banner: map[string]string{"js": "// Made of web/src in waitboard, by: go generate ./web"},
	})
	if err != nil {
		return nil, err
	}
	types, err := os.ReadFile("src/snapshot.ts")
	if err != nil {
		return nil, err
	}
	license, err := os.ReadFile("../LICENSE")
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"dist/widget.js": script, "npm/index.js": module, "npm/snapshot.d.ts": types, "npm/LICENSE": license}, nil
}

// bundle makes one script of a module and all that it imports. Properties whose names end in _ are our own and get short
// names.
func bundle(entry string, o api.BuildOptions) ([]byte, error) {
	o.EntryPoints, o.Bundle, o.Platform, o.Target = []string{entry}, true, api.PlatformBrowser, api.ES2022
	o.MinifyWhitespace, o.MinifyIdentifiers, o.MinifySyntax, o.MangleProps = true, true, true, "[^_]_$"
	o.LegalComments, o.TsconfigRaw, o.LogLevel = api.LegalCommentsNone, "{}", api.LogLevelSilent
	o.Plugins = []api.Plugin{{Name: "stylesheets", Setup: stylesheets}}
	result := api.Build(o)
	if len(result.Errors) > 0 {
		return nil, told(result.Errors)
	}
	return result.OutputFiles[0].Contents, nil
}

// stylesheets hands stylesheets over as minified text.
func stylesheets(build api.PluginBuild) {
	build.OnLoad(api.OnLoadOptions{Filter: `\.css$`}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
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
