package config

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// IDPattern matches the ID of a source, widget or metric. IDs become part of URLs, HTML attributes and Prometheus labels.
	IDPattern = `^[a-z0-9][a-z0-9_-]{0,63}$`
	// DurationPattern matches a duration.
	DurationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$`
)

var (
	isID         = regexp.MustCompile(IDPattern).MatchString
	isDuration   = regexp.MustCompile(DurationPattern).MatchString
	daysAndWeeks = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([dw])`)
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

// parseDuration parses a duration. Unlike Go, people also write days and weeks, of 24 hours and 7 days.
func parseDuration(text string) (time.Duration, error) {
	return time.ParseDuration(daysAndWeeks.ReplaceAllStringFunc(text, func(part string) string {
		n, _ := strconv.ParseFloat(part[:len(part)-1], 64) // the pattern has seen to it
		hours := 24.
		if strings.HasSuffix(part, "w") {
			hours = 7 * 24
		}
		return strconv.FormatFloat(n*hours, 'f', -1, 64) + "h"
	}))
}

// unset returns the message for an environment variable that is not set. It names the variable only if the name can't be a key, since
// people write the key itself where its name belongs.
func unset(variable string) string {
	if isVariableOnly(variable) {
		return "the environment variable " + variable + " is not set"
	}
	return "the environment variable is not set"
}
