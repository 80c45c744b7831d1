package config

import (
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf16"
)

// surrogates matches a pair of JSON escapes that stand for one character, and the backslashes before it.
var surrogates = regexp.MustCompile(`(\\*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})`)

// joinSurrogates replaces the pairs of escapes by which JSON writes characters beyond U+FFFF, such as emoji. YAML has one escape
// for each of them, and no pairs.
func joinSurrogates(data []byte) []byte {
	return surrogates.ReplaceAllFunc(data, func(pair []byte) []byte {
		parts := surrogates.FindSubmatch(pair)
		if len(parts[1])%2 == 1 { // the backslash of the first escape is escaped itself
			return pair
		}
		high, _ := strconv.ParseUint(string(parts[2]), 16, 16) // the pattern admits digits only
		low, _ := strconv.ParseUint(string(parts[3]), 16, 16)
		return fmt.Appendf(parts[1], `\U%08X`, utf16.DecodeRune(rune(high), rune(low)))
	})
}
