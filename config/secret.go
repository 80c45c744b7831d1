package config

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that cannot be printed: package fmt with any verb, log/slog and the JSON, YAML and XML encoders give [redacted].
// The zero Secret holds the empty text.
//
// The text is held in a closure, not in a string. Package fmt cannot call methods on an unexported field of someone else's struct and
// prints its bare contents instead; of a closure that is an address.
type Secret struct {
	reveal func() string
}

// NewSecret makes a Secret of text.
func NewSecret(text string) Secret {
	return Secret{reveal: func() string { return text }}
}

// Reveal gives the text. Call it where the text is sent, and nowhere else.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Equal says whether both hold the same text, in a time that does not depend on where they differ. go-cmp uses it too.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Format answers every verb of package fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String is for those who call it themselves; fmt uses Format.
func (s Secret) String() string { return redacted }

// MarshalText answers encoding/json, encoding/xml and the YAML encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue answers log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
