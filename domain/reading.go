package domain

import (
	"math"
	"strings"
	"time"
	"unicode"
)

// Kind is the type of a value.
type Kind uint8

// The kinds of a value. None is "no value right now": neither zero nor an error.
const (
	None Kind = iota
	Duration
	Count
	Boolean
	Text
)

var kindNames = [...]string{None: "", Duration: "duration", Count: "count", Boolean: "boolean", Text: "text"}

// String is the kind's public name, and empty for None.
func (k Kind) String() string { return kindNames[k] }

// MaxDuration is the longest duration that a reading can have; a longer one is cut to it.
const MaxDuration = 100 * 365 * 24 * time.Hour

// A Reading is what the phone system says of one value: for a duration a straight line in time, for everything else a
// constant. The zero Reading is "no value".
type Reading struct {
	Kind    Kind
	Base    float64   // Duration: milliseconds at Instant; Count: the number
	Rate    float64   // Duration: milliseconds gained per millisecond
	Instant time.Time // on our clock: when Base was true
	Flag    bool      // Boolean
	Text    string    // Text, cleaned by TextOf
	Unclear bool      // None: there is a value, or may be, but nobody can tell which; what is made of several must not do without it
}

// Line is a duration that was base at the instant and gains rate seconds a second.
func Line(base time.Duration, rate float64, instant time.Time) Reading {
	return Reading{Kind: Duration, Base: float64(base) / float64(time.Millisecond), Rate: rate, Instant: instant}
}

// CountOf is a number of things.
func CountOf(n float64) Reading { return Reading{Kind: Count, Base: n} }

// BooleanOf is a yes or a no.
func BooleanOf(b bool) Reading { return Reading{Kind: Boolean, Flag: b} }

// maxTextRunes bounds a text value: a widget has room for a line, not for a document.
const maxTextRunes = 200

// TextOf is a text from upstream, which may hold anything. Control characters become spaces, characters that reorder
// the text around them are dropped, invalid UTF-8 is replaced, and what exceeds 200 characters is cut off.
// Markup stays as it is: escaping belongs to each outlet.
func TextOf(s string) Reading {
	var clean strings.Builder
	runes := 0
	for _, r := range s { // an invalid byte arrives here as U+FFFD
		switch {
		case runes == maxTextRunes:
			return Reading{Kind: Text, Text: strings.TrimSpace(clean.String()) + "…"}
		case unicode.Is(unicode.Bidi_Control, r):
			continue
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			r = ' '
		}
		clean.WriteRune(r)
		runes++
	}
	return Reading{Kind: Text, Text: strings.TrimSpace(clean.String())}
}

// A Value is a reading at one instant.
type Value struct {
	Kind     Kind
	Duration time.Duration // Duration: never negative, to the millisecond
	Number   float64       // Count
	Flag     bool          // Boolean
	Text     string        // Text
}

// At is the reading's value at t; ok is false when it has none. A duration is never below zero, and is exact to the
// millisecond, the resolution of the phone system itself.
func (r Reading) At(t time.Time) (v Value, ok bool) {
	if r.Kind == Duration {
		return Value{Kind: Duration, Duration: toDuration(r.millis(t))}, true
	}
	return Value{Kind: r.Kind, Number: r.Base, Flag: r.Flag, Text: r.Text}, r.Kind != None
}

// millis is where the line stands at t, in milliseconds, without the floor at zero.
func (r Reading) millis(t time.Time) float64 {
	if r.Rate == 0 {
		return r.Base
	}
	return r.Base + r.Rate*(float64(t.Sub(r.Instant))/float64(time.Millisecond))
}

func toDuration(millis float64) time.Duration {
	millis = math.Round(min(max(millis, 0), float64(MaxDuration.Milliseconds())))
	return time.Duration(millis) * time.Millisecond
}
