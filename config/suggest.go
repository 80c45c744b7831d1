package config

import (
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// literalKeys are the names, without separators, under which people write the key itself into a source.
var literalKeys = []string{
	"key", "token", "apikey", "apitoken", "authkey", "authtoken", "authenticationkey", "accesskey", "accesstoken",
	"auth", "authorization", "bearer", "bearertoken", "password", "passwd", "pass", "secret", "secretkey", "credentials",
}

// isLiteralKey reports whether name announces a key in a source, or an operators' token at the top of a file.
func isLiteralKey(section reflect.Type, name string) bool {
	plain := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
	if section == reflect.TypeFor[File]() || section == reflect.TypeFor[FileIncluded]() {
		return slices.Contains(literalKeys, strings.TrimPrefix(plain, "admin"))
	}
	return section == reflect.TypeFor[FileSource]() && slices.Contains(literalKeys, plain)
}

// The keys of a source, and those at the top of a configuration file.
var sourceKeys, topKeys = keysOf[FileSource](), keysOf[File]()

// keysOf returns the keys of a section.
func keysOf[S any]() (names []string) {
	for _, rule := range rulesOf(reflect.TypeFor[S]()) {
		names = append(names, rule.name)
	}
	return names
}

// mayBeSecret reports whether a key of the section at path may be a source's secret in the wrong place.
func mayBeSecret(path string) bool { return path == "sources" || strings.HasPrefix(path, "sources.") }

// isSourceWord reports whether a key in sources, or in one source, is an expected word or nearly one, and so no secret.
func isSourceWord(path, key string) bool {
	return path == "sources" && isID(key) || isLiteralKey(reflect.TypeFor[FileSource](), key) || Near(key, sourceKeys) != ""
}

// Near returns the one of known that name most likely misspells, or "".
func Near(name string, known []string) string {
	if len(name) > 100 { // no misspelling, and slow to compare
		return ""
	}
	best, fewest := "", 3 // two wrong letters at most
	for _, candidate := range known {
		if n := levenshtein.ComputeDistance(strings.ToLower(name), candidate); n < fewest && n < len(candidate)-1 {
			best, fewest = candidate, n
		}
	}
	return best
}

// didYouMean returns a hint with the one of known that name most likely misspells, or otherwise.
func didYouMean(name string, known []string, otherwise string) string {
	if near := Near(name, known); near != "" && isPlain(name) {
		return "did you mean " + near + "?"
	}
	return otherwise
}
