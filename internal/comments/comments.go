// Package comments reads the doc comments of a package's types as descriptions for schemas. Only the generators of the schemas use it.
package comments

import (
	"os"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

// Read returns the doc comments of the types in t's package and of their fields. Each is one line, under its key in
// [jsonschema.Reflector.CommentMap]. folder has the package's source.
func Read(folder string, t reflect.Type) (map[string]string, error) {
	// AddGoComments builds its keys from the relative path, so change to the folder.
	back, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(folder); err != nil {
		return nil, err
	}
	defer func() { _ = os.Chdir(back) }()
	r := new(jsonschema.Reflector)
	if err := r.AddGoComments(t.PkgPath(), ".", jsonschema.WithFullComment()); err != nil {
		return nil, err
	}
	for name, text := range r.CommentMap {
		text = strings.Join(strings.Fields(text), " ")
		// A type's comment starts with its Go name. Readers of a schema don't know it.
		for _, verb := range []string{" is ", " holds "} {
			if rest, ok := strings.CutPrefix(text, name[strings.LastIndexByte(name, '.')+1:]+verb); ok {
				text = strings.ToUpper(rest[:1]) + rest[1:]
			}
		}
		r.CommentMap[name] = text
	}
	return r.CommentMap, nil
}
