package chronicall

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"waitboard/internal/bom"
)

// A number accepts a JSON string that holds a number as well, as some serializers write them.
type number struct {
	float  float64
	quoted bool
}

func (n *number) UnmarshalJSON(raw []byte) (err error) {
	if raw[0] != '"' {
		return json.Unmarshal(raw, &n.float)
	}
	var written string
	if err = json.Unmarshal(raw, &written); err != nil {
		return err
	}
	if written = strings.TrimSpace(written); strings.Trim(written, "0123456789.+-eE") != "" {
		return errors.New("a text that is not a number") // ParseFloat reads NaN, infinity and other notations
	}
	n.float, err = strconv.ParseFloat(written, 64)
	n.quoted = err == nil
	return err
}

// parsed says how an answer was read.
type parsed struct{ marked, mended bool }

// parse reads a JSON value into out. It accepts a byte order mark, and mends an answer with parts that are not JSON.
func parse(raw []byte, out any) (how parsed, err error) {
	raw, how.marked = bom.Decode(raw)
	err = json.Unmarshal(raw, out)
	if errors.As(err, new(*json.SyntaxError)) {
		how.mended = true
		err = json.Unmarshal(mend(raw), out)
	}
	return how, err
}

// damagedField marks an object of which mend has changed a member.
const damagedField = `,"waitboard:damaged":true`

// mend makes JSON of an answer with wrong words and texts, and leaves everything else as it is. A word that is no JSON, such as
// NaN, becomes null. In a text, a control character becomes its escape, and a backslash that starts no escape is doubled. Where
// the value of a member changes, damagedField follows it.
func mend(raw []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(raw) + len(raw)/8)
	var before byte // the last sign or first letter before the current position, without spaces
	for i := 0; i < len(raw); {
		end, damaged, start := i+1, false, out.Len()
		switch c := raw[i]; {
		case c == '"':
			end, damaged = mendText(&out, raw, i)
		case strings.IndexByte("{}[]:,", c) >= 0:
			out.WriteByte(c)
		case c <= ' ':
			out.WriteByte(' ')
		default:
			for end < len(raw) && strings.IndexByte("{}[]:,\"", raw[end]) < 0 && raw[end] > ' ' {
				end++
			}
			if damaged = !json.Valid(raw[i:end]); damaged {
				out.WriteString("null")
			} else {
				out.Write(raw[i:end])
			}
		}
		if damaged && before == ':' {
			out.WriteString(damagedField)
		}
		if out.Bytes()[start] != ' ' {
			before = raw[i]
		}
		i = end
	}
	return out.Bytes()
}

// mendText writes the text that starts at raw[i] as JSON. It returns where the text ends, and whether it changed.
func mendText(out *bytes.Buffer, raw []byte, i int) (end int, damaged bool) {
	out.WriteByte('"')
	for i++; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			out.WriteByte(c)
			return i + 1, damaged
		case c < ' ':
			fmt.Fprintf(out, `\u%04x`, c)
			damaged = true
		case c == '\\':
			length := escapeLength(raw[i:])
			if length == 0 {
				out.WriteString(`\\`)
				damaged = true
				continue
			}
			out.Write(raw[i : i+length])
			i += length - 1
		default:
			out.WriteByte(c)
		}
	}
	return i, damaged
}

// escapeLength returns the length of the escape that starts a text, 0 if it is none.
func escapeLength(text []byte) int {
	for _, length := range []int{2, 6} {
		if len(text) >= length && json.Valid([]byte(`"`+string(text[:length])+`"`)) {
			return length
		}
	}
	return 0
}
