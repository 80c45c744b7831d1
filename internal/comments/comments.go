// Package comments reads the doc comments of a package's types, so that a schema can be described by them. The generators
// of both schemas use it; the program does not.
package comments

import (
	"os"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

// Read gives the doc comments of the types beside t, and of their fields, each as one line, by the names that
// [jsonschema.Reflector] looks them up by. folder is where the source of their package is.
func Read(folder string, t reflect.Type) (map[string]string, error) {
	// AddGoComments builds its keys from the folder as it is written, so it has to stand in that folder.
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
		// A type's comment starts with its Go name, which means nothing to the reader of a schema.
		if _, rest, ok := strings.Cut(text, " is "); ok && strings.HasPrefix(text, name[strings.LastIndexByte(name, '.')+1:]) {
			text = strings.ToUpper(rest[:1]) + rest[1:]
		}
		r.CommentMap[name] = text
	}
	return r.CommentMap, nil
}
