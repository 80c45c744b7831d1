package notices

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waitboard/domain"
	"waitboard/locale"
)

// Limits of a notice.
const (
	MaxLength = 500                 // characters
	MaxTime   = 30 * 24 * time.Hour // from now to its start, and to its end, if it has one
)

// An InvalidError rejects a notice. Its reason is a sentence for the operator.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

func validate(n domain.Notice, now time.Time) error {
	reject := func(reason string) error { return &InvalidError{reason} }
	if reason := validateText(n.Text); reason != "" {
		return reject(reason)
	}
	switch {
	case n.From.Sub(now) > MaxTime:
		return reject("The start is more than 30 days away.")
	case n.Until.IsZero():
	case !n.Until.After(n.From):
		return reject("The end is not after the start.")
	case !n.Until.After(now):
		return reject("The end is in the past.")
	case n.Until.Sub(now) > MaxTime:
		return reject("The end is more than 30 days away. A notice without an end stays until an operator removes it.")
	}
	return nil
}

// validateText returns what is wrong with a text, or "". The rules are those for notices in the configuration.
func validateText(text string) string {
	switch length := utf8.RuneCountInString(text); {
	case strings.ContainsRune(text, utf8.RuneError): // also what JSON could not decode
		return "The text holds an unreadable character; it must be UTF-8."
	case !locale.Visible(text):
		return "The text is missing or empty."
	case length > MaxLength:
		return fmt.Sprintf("The text has %d characters, more than %d.", length, MaxLength)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "The text must be one line, without control characters."
	case strings.ContainsFunc(text, locale.Misleads):
		return "The text holds characters that break the line or turn its direction; type it again."
	}
	return ""
}
