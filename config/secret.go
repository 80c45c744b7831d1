package config

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that can't be printed: package fmt with any verb, log/slog and the JSON, YAML and XML encoders write [redacted].
// The zero Secret holds the empty text.
//
// A closure holds the text. Package fmt can't call methods on an unexported field of another struct and prints its contents instead; of a
// closure it prints an address.
type Secret struct {
	reveal func() string
}

// NewSecret returns a Secret that holds text.
func NewSecret(text string) Secret {
	return Secret{reveal: func() string { return text }}
}

// Reveal returns the text. Call it only where the text is sent.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Equal reports whether both hold the same text, in a time that does not depend on where they differ. go-cmp calls it too.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Format writes [redacted] for every verb of package fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns [redacted]. Package fmt calls Format instead.
func (s Secret) String() string { return redacted }

// MarshalText returns [redacted] to encoding/json, encoding/xml and the YAML encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns [redacted] to log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
