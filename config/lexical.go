package config

import "strings"

// This file says what the words are like that nearly every file holds, many times over. They are read by hand: patterns take time, and to
// compile them is a part of every start. Rarer ones are patterns, compiled when they are first needed.

const (
	digits   = "0123456789"
	small    = "abcdefghijklmnopqrstuvwxyz"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	letters  = small + capitals
)

// consists says whether a text has from 1 up to most characters, all of them out of set, which is ASCII.
func consists(text, set string, most int) bool {
	return text != "" && len(text) <= most && strings.Trim(text, set) == ""
}

// isPlain says whether errors repeat a key: it is words, or hours. Whatever else stands where a key should be, such as a forgotten space
// after a colon and then a secret, is called by its line.
func isPlain(key string) bool {
	return consists(key, letters+digits+"_ ,-", 64) || consists(key, digits+":- ", 64)
}

// IDPattern is what the ID of a source, widget or metric looks like: it becomes part of addresses, of HTML attributes and of metric labels.
const IDPattern = `^[a-z0-9][a-z0-9_-]{0,63}$`

// isID is IDPattern.
func isID(text string) bool {
	return consists(text, small+digits+"_-", 64) && text[0] != '_' && text[0] != '-'
}

// isVariable says whether a text can be the name of an environment variable.
func isVariable(text string) bool {
	return consists(text, letters+digits+"_", len(text)) && !consists(text[:1], digits, 1)
}

// unset says that an environment variable is not set, and which one, as its name may be misspelt. People put the key itself where its name
// should be, and what may be one is not repeated: a key has digits or small letters, so capitals and underscores alone are a name.
func unset(variable string) string {
	if consists(variable, capitals+"_", 40) {
		return "the environment variable " + variable + " is not set"
	}
	return "the environment variable is not set"
}

// isWhole leaves out YAML's other ways to write whole numbers (010, 0x10, 1_000): they can be misread.
func isWhole(text string) bool {
	return consists(text, digits, len(text)) && (text[0] != '0' || text == "0")
}

// isNumber is isWhole with digits after the point, if there is one.
func isNumber(text string) bool {
	whole, fraction, broken := strings.Cut(text, ".")
	return isWhole(whole) && (!broken || consists(fraction, digits, len(fraction)))
}

// DurationPattern is what a duration looks like.
const DurationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`

// isDuration is DurationPattern.
func isDuration(text string) bool {
	if text == "" {
		return false
	}
	for text != "" {
		unit := strings.TrimLeft(text, digits)
		if unit == text {
			return false
		}
		if fraction, broken := strings.CutPrefix(unit, "."); broken {
			if unit = strings.TrimLeft(fraction, digits); unit == fraction {
				return false
			}
		}
		rest := strings.TrimLeft(unit, "msh")
		if u := unit[:len(unit)-len(rest)]; u != "ms" && u != "s" && u != "m" && u != "h" {
			return false
		}
		text = rest
	}
	return true
}
