package cases

import (
	"fmt"
	"strings"
)

// change returns the lines of a case's section that are the change of its base.
func change(section []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(section)) {
		if line != "\n" && line[0] != '>' {
			b.WriteString(line)
		}
	}
	return b.String()
}

// message returns the lines of a case's section that are the message, without their marks.
func message(section []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(section)) {
		if text, ok := strings.CutPrefix(line, "> "); ok {
			b.WriteString(text)
		}
	}
	return b.String()
}

// quote marks the lines of a message.
func quote(message string) string {
	var b strings.Builder
	for line := range strings.Lines(message) {
		b.WriteString("> " + line)
	}
	return b.String()
}

// apply changes a base, from its top to its end, as the first character of each line says: a space goes on to the line of the base
// with this text, a minus sign also removes it, and a plus sign adds a line.
func apply(base, change string) (string, error) {
	var b strings.Builder
	rest := base
	for line := range strings.Lines(change) {
		mark, text := line[0], line[1:]
		switch mark {
		case '+':
			b.WriteString(text)
			continue
		case ' ', '-':
		default:
			return "", fmt.Errorf("the line %q starts with none of \" \", \"-\", \"+\" and \">\"", line)
		}
		at := lineIndex(rest, text)
		if at < 0 {
			return "", fmt.Errorf("the rest of the base has no line %q", text)
		}
		b.WriteString(rest[:at])
		if mark == ' ' {
			b.WriteString(text)
		}
		rest = rest[at+len(text):]
	}
	return b.String() + rest, nil
}

// lineIndex returns where a line starts in a text, or -1.
func lineIndex(text, line string) int {
	if strings.HasPrefix(text, line) {
		return 0
	}
	if at := strings.Index(text, "\n"+line); at >= 0 {
		return at + 1
	}
	return -1
}
