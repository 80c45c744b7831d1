package config

import (
	"reflect"
	"slices"
	"strings"

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
	if section == reflect.TypeFor[File]() {
		return slices.Contains(literalKeys, strings.TrimPrefix(plain, "admin"))
	}
	return section == reflect.TypeFor[FileSource]() && slices.Contains(literalKeys, plain)
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
