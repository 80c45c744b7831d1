package config

import "regexp"

const (
	// IDPattern matches the ID of a source, widget or metric. IDs become part of URLs, HTML attributes and Prometheus labels.
	IDPattern = `^[a-z0-9][a-z0-9_-]{0,63}$`
	// DurationPattern matches a duration.
	DurationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$`
)

var (
	isID       = regexp.MustCompile(IDPattern).MatchString
	isDuration = regexp.MustCompile(DurationPattern).MatchString
	// isWhole and isNumber reject YAML's other notations (010, 0x10, 1_000, 1e3), which people misread.
	isWhole  = regexp.MustCompile(`^(0|[1-9][0-9]*)$`).MatchString
	isNumber = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?$`).MatchString
	// isVariable matches the name of an environment variable.
	isVariable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString
	// isPlain matches the keys that errors repeat: words, or hours. Errors name any other key by its line, because it may hold a secret:
	// a missing space after a colon turns a value into a key.
	isPlain = regexp.MustCompile(`^([A-Za-z0-9_ ,-]{1,64}|[0-9: -]{1,64})$`).MatchString
	// isVariableOnly matches names that can't be a key: keys have digits or small letters.
	isVariableOnly = regexp.MustCompile(`^[A-Z_]{1,40}$`).MatchString
)

// unset returns the message for an environment variable that is not set. It names the variable only if the name can't be a key, since
// people write the key itself where its name belongs.
func unset(variable string) string {
	if isVariableOnly(variable) {
		return "the environment variable " + variable + " is not set"
	}
	return "the environment variable is not set"
}
