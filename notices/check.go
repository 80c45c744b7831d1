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
	MaxTime   = 30 * 24 * time.Hour // from now to its end, if it has one
)

// An InvalidError says why a notice is refused, in a sentence for whoever wrote it.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

func check(n domain.Notice, now time.Time) error {
	refuse := func(reason string) error { return &InvalidError{reason} }
	if reason := checkText(n.Text); reason != "" {
		return refuse(reason)
	}
	switch {
	case n.Until.IsZero():
	case !n.Until.After(now):
		return refuse("The end is in the past.")
	case n.Until.Sub(now) > MaxTime:
		return refuse("The end is more than 30 days away. A notice without an end stays until it is taken back.")
	}
	return nil
}

// checkText says what is wrong with a text; empty: nothing. It has the rules of the configuration's notice.
func checkText(text string) string {
	switch length := utf8.RuneCountInString(text); {
	case strings.ContainsRune(text, utf8.RuneError): // what JSON can't say is read as that, too
		return "The text holds a character that could not be read; it must be UTF-8."
	case !locale.Visible(text):
		return "The text is missing or empty."
	case length > MaxLength:
		return fmt.Sprintf("The text has %d characters, more than %d.", length, MaxLength)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "The text must be one line, without control characters."
	case strings.ContainsFunc(text, locale.Misleads):
		return "The text holds characters that break the line or turn its direction; type it anew."
	}
	return ""
}
