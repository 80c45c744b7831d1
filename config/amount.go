package config

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"waitboard/internal/durations"
)

// Unit is the unit of an amount; "" means that the file has no amount there.
type Unit string

// The units of an amount.
const (
	UnitDuration Unit = "duration" // in seconds, to the millisecond
	UnitCount    Unit = "count"    // a plain number
)

// Amount is a duration or a plain number. The zero Amount is one that the file does not have, or that was rejected.
type Amount struct {
	Value float64 // more than 0
	Unit  Unit
}

// String returns an amount as a file has it.
func (a Amount) String() string {
	if a.Unit == UnitDuration {
		return short(time.Duration(math.Round(a.Value*1000)) * time.Millisecond)
	}
	return strconv.FormatFloat(a.Value, 'f', -1, 64)
}

// kind names what an amount is, for "is a number, but …".
func (a Amount) kind() string {
	if a.Unit == UnitDuration {
		return "a duration"
	}
	return "a number"
}

// The largest amounts, far above any wait or count.
var (
	longest = Amount{365 * 24 * 3600, UnitDuration}
	most    = Amount{1e9, UnitCount}
)

// amount decodes a duration or a number. The zero Amount means that it rejects the node.
func (d *decoder) amount(n *yaml.Node, path string) Amount {
	const hint = "write a duration, as in 30s, 5m or 1h30m, or a number, as in 20 or 2.5; units are ms, s, m, h, d and w"
	if k := kind(n); k != "a number" && k != "a text" {
		d.add(path, "must be a duration or a number, not "+k, hint)
		return Amount{}
	}
	text, negative := strings.CutPrefix(n.Value, "-")
	var a, limit Amount
	switch isNumber := isNumber(text); {
	case isNumber && isQuoted(n):
		d.add(path, "is a number in quotes", "remove the quotes, or write a unit for a duration, as in 30s, 5m or 1h30m")
		return Amount{}
	case isNumber:
		value, _ := strconv.ParseFloat(text, 64) // infinite if it is too large for the type
		a, limit = Amount{value, UnitCount}, most
	case isDuration(text):
		length, err := durations.Parse(text)
		if err != nil { // it is too long for the type
			length = math.MaxInt64
		}
		a, limit = Amount{length.Round(time.Millisecond).Seconds(), UnitDuration}, longest
	default:
		d.add(path, "is neither a duration nor a plain number", hint)
		return Amount{}
	}
	switch {
	case a.Value <= 0 || negative:
		d.add(path, "must be more than 0", "")
	case a.Value > limit.Value:
		d.add(path, "must be at most "+limit.String(), "")
	default:
		return a
	}
	return Amount{}
}

// amounts decodes a list of amounts. It returns nil when it rejects one of them.
func (d *decoder) amounts(n *yaml.Node, path string) (all []Amount) {
	if !isList(n) {
		d.add(path, "must be a list, not "+kind(n), "for example [2m, 5m, 10m]")
		return nil
	}
	if !d.items(n, path, func(item *yaml.Node, itemPath string) { all = append(all, d.amount(item, itemPath)) }) {
		return nil
	}
	return all
}

// Short is a section that a file may also write as the value of its first key alone.
type Short[T any] struct {
	Value T
}

// Section returns the type of the settings.
func (Short[T]) Section() reflect.Type { return reflect.TypeFor[T]() }

// settings returns the settings, for the decoder to fill.
func (s *Short[T]) settings() reflect.Value { return reflect.ValueOf(&s.Value).Elem() }

// shortened is any *Short.
type shortened interface {
	settings() reflect.Value
}
