// Package durations parses durations that people write.
package durations

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var daysAndWeeks = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([dw])`)

// Parse parses a duration. Unlike time.ParseDuration it accepts days and weeks, of 24 hours and 7 days.
func Parse(text string) (time.Duration, error) {
	return time.ParseDuration(daysAndWeeks.ReplaceAllStringFunc(text, func(part string) string {
		n, _ := strconv.ParseFloat(part[:len(part)-1], 64) // the pattern has seen to it
		hours := 24.
		if strings.HasSuffix(part, "w") {
			hours = 7 * 24
		}
		return strconv.FormatFloat(n*hours, 'f', -1, 64) + "h"
	}))
}
