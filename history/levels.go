// Package history remembers for how long a value was at each level, hour by hour, and derives from it what is typical of an hour of the week.
// It is pure: it reads no clock and no file.
package history

import "math"

// A Level is a range of values, each 6 % wider than the one below. A value that is taken for its level's is wrong by at most 3 %. Level 0
// holds what is below 1 second or 1 item.
type Level uint8

const growth = 1.06

// LastLevel begins at about 1,000,000: eleven days in seconds.
const LastLevel = 238

// LevelOf returns the level of a number of seconds or of items.
func LevelOf(value float64) Level {
	if !(value >= 1) { // also NaN
		return 0
	}
	level := 1 + math.Floor(math.Log(value)/math.Log(growth)+1e-9) // a bound itself belongs to the level that it begins
	return Level(min(level, LastLevel))
}

// Low returns the smallest value of the level.
func (l Level) Low() float64 {
	if l == 0 {
		return 0
	}
	return math.Pow(growth, float64(l-1))
}

// Value returns what stands for the level: its middle. Counts up to 16 are exact after rounding.
func (l Level) Value() float64 {
	if l == 0 {
		return 0
	}
	return math.Sqrt(l.Low() * (l + 1).Low())
}

// Valid reports whether there is such a level.
func (l Level) Valid() bool { return l <= LastLevel }
