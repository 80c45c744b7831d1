package config

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Unit says what an amount is of.
type Unit string

// The units. Where no amount was written, the unit is "".
const (
	UnitDuration Unit = "duration" // in seconds, to the millisecond
	UnitCount    Unit = "count"    // a plain number
)

// Amount is a duration or a plain number; the zero Amount was not written, or was refused.
type Amount struct {
	Value float64 // more than 0
	Unit  Unit
}

// String writes an amount as it stands in a file.
func (a Amount) String() string {
	if a.Unit == UnitDuration {
		return short(time.Duration(math.Round(a.Value*1000)) * time.Millisecond)
	}
	return strconv.FormatFloat(a.Value, 'f', -1, 64)
}

// kind is what an amount is, for "is a number, but …".
func (a Amount) kind() string {
	if a.Unit == UnitDuration {
		return "a duration"
	}
	return "a number"
}

// largest is how much an amount of the same unit may be at most: more than is ever waited or counted.
func (a Amount) largest() Amount {
	if a.Unit == UnitDuration {
		return Amount{365 * 24 * 3600, UnitDuration}
	}
	return Amount{1e9, UnitCount}
}

// amount reads a duration or a number. YAML's other ways to write numbers (010, 0x10, 1_000, 1e3) are refused: they can be misread.
func (d *decoder) amount(n *yaml.Node, path string) Amount {
	const hint = "write a duration, as in 30s, 5m or 1h30m, or a number, as in 20 or 2.5; units are ms, s, m and h"
	if k := kind(n); k != "a number" && k != "a text" {
		d.add(path, "must be a duration or a number, not "+k, hint)
		return Amount{}
	}
	text, negative := strings.CutPrefix(n.Value, "-")
	var a Amount
	switch isNumber := isNumber(text); {
	case isNumber && isQuoted(n):
		d.add(path, "is a number in quotes", "remove the quotes, or write a unit for a duration, as in 30s, 5m or 1h30m")
		return Amount{}
	case isNumber:
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			value = math.Inf(1)
		}
		a = Amount{value, UnitCount}
	case isDuration(text):
		length, err := time.ParseDuration(text)
		if err != nil {
			length = math.MaxInt64
		}
		a = Amount{length.Round(time.Millisecond).Seconds(), UnitDuration}
	default:
		d.add(path, "is neither a duration nor a plain number", hint)
		return Amount{}
	}
	if a.Value <= 0 || negative {
		d.add(path, "must be more than 0", "")
		return Amount{}
	}
	if most := a.largest(); a.Value > most.Value {
		d.add(path, "must be at most "+most.String(), "")
		return Amount{}
	}
	return a
}

// amounts reads a list of amounts; nil when one of them is refused.
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

// Short is a section that may also be written as the value of its first key alone.
type Short[T any] struct {
	Value T
}

// Section is the type of the settings.
func (Short[T]) Section() reflect.Type { return reflect.TypeFor[T]() }

// settings gives the settings, to be filled in.
func (s *Short[T]) settings() reflect.Value { return reflect.ValueOf(&s.Value).Elem() }

// shortened is any *Short.
type shortened interface {
	settings() reflect.Value
}
