package config

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/agnivade/levenshtein"
)

// literalKeys are the names under which people write the key itself into a source, without separators.
var literalKeys = []string{
	"key", "token", "apikey", "apitoken", "authkey", "authtoken", "authenticationkey", "accesskey", "accesstoken",
	"auth", "authorization", "bearer", "bearertoken", "password", "passwd", "pass", "secret", "secretkey", "credentials",
}

// isLiteralKey says whether name announces a key written into a source, or a token of the operators.
func isLiteralKey(section reflect.Type, name string) bool {
	plain := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
	if section == reflect.TypeFor[File]() || section == reflect.TypeFor[FileIncluded]() {
		return slices.Contains(literalKeys, strings.TrimPrefix(plain, "admin"))
	}
	return section == reflect.TypeFor[FileSource]() && slices.Contains(literalKeys, plain)
}

// sourceKeys returns the keys of a source.
var sourceKeys = sync.OnceValue(keysOf[FileSource])

// topKeys returns the keys of a configuration file.
var topKeys = sync.OnceValue(keysOf[File])

// keysOf returns the keys of a section.
func keysOf[S any]() (names []string) {
	for _, rule := range rulesOf(reflect.TypeFor[S]()) {
		names = append(names, rule.name)
	}
	return names
}

// mayBeSecret says whether a key of the section at path may be a source's key that has come to stand there.
func mayBeSecret(path string) bool { return path == "sources" || strings.HasPrefix(path, "sources.") }

// isSourceWord says whether a key of the section at path, which is sources or one of them, is what was to be expected there or nearly so,
// and no secret therefore.
func isSourceWord(path, key string) bool {
	return path == "sources" && isID(key) || isLiteralKey(reflect.TypeFor[FileSource](), key) || Near(key, sourceKeys()) != ""
}

// Near gives the one of known that name is most likely a misspelling of, or "".
func Near(name string, known []string) string {
	if len(name) > 100 { // nobody's slip, and slow to compare
		return ""
	}
	best, fewest := "", 3 // two slips at most
	for _, candidate := range known {
		if n := levenshtein.ComputeDistance(strings.ToLower(name), candidate); n < fewest && n < len(candidate)-1 {
			best, fewest = candidate, n
		}
	}
	return best
}
