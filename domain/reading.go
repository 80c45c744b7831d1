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

// String returns the kind's public name; empty for None.
func (k Kind) String() string { return kindNames[k] }

// MaxDuration is the longest duration; longer ones are cut to it.
const MaxDuration = 100 * 365 * 24 * time.Hour

// A Reading is one value of the phone system as a function of time: a straight line for a duration, a constant for everything else. The zero
// Reading is "no value".
type Reading struct {
	Kind    Kind
	Base    float64   // Duration: milliseconds at Instant; Count: the number
	Rate    float64   // Duration: milliseconds gained per millisecond
	Instant time.Time // by waitboard's clock: when Base was true
	Flag    bool      // Boolean
	Text    string    // Text, cleaned by TextOf
	Unclear bool      // None: there may be a value, but it is unknown; combinations with it have no value
}

// Line returns a duration that was base at the instant and gains rate seconds a second.
func Line(base time.Duration, rate float64, instant time.Time) Reading {
	return Reading{Kind: Duration, Base: float64(base) / float64(time.Millisecond), Rate: rate, Instant: instant}
}

// CountOf returns a number of things.
func CountOf(n float64) Reading { return Reading{Kind: Count, Base: n} }

// BooleanOf returns a yes or a no.
func BooleanOf(b bool) Reading { return Reading{Kind: Boolean, Flag: b} }

// maxTextRunes bounds a text value: a widget has room for a line, not for a document.
const maxTextRunes = 200

// TextOf returns a text of the source, which may hold anything. It replaces control characters by spaces, drops characters that reorder text,
// replaces invalid UTF-8, and cuts after 200 characters. Markup stays: each outlet escapes it.
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

// A Value is what a reading is at one instant.
type Value struct {
	Kind     Kind
	Duration time.Duration // Duration: never negative, to the millisecond
	Number   float64       // Count
	Flag     bool          // Boolean
	Text     string        // Text
}

// At returns the reading's value at t; ok is false when it has none. A duration is never below zero, and exact to the millisecond, the
// resolution of the phone system.
func (r Reading) At(t time.Time) (v Value, ok bool) {
	if r.Kind == Duration {
		return Value{Kind: Duration, Duration: toDuration(r.millis(t))}, true
	}
	return Value{Kind: r.Kind, Number: r.Base, Flag: r.Flag, Text: r.Text}, r.Kind != None
}

// millis returns the line at t, in milliseconds, without the floor at zero.
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
