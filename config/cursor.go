package config

import "unicode/utf8"

// cursor is a place in a text, which is only known by going there from its start.
type cursor struct {
	data   []byte
	offset int
	at     place
}

func newCursor(data []byte) *cursor { return &cursor{data: data, at: place{1, 1}} }

// char is the character at the cursor, utf8.RuneError at the end of the text.
func (c *cursor) char() rune {
	r, _ := utf8.DecodeRune(c.data[c.offset:])
	return r
}

// move goes forward to a place, or to the end of the text.
func (c *cursor) move(to place) {
	for c.offset < len(c.data) && (c.at.line < to.line || c.at.line == to.line && c.at.column < to.column) {
		c.step()
	}
}

// skip goes forward to an offset.
func (c *cursor) skip(offset int) {
	for c.offset < min(offset, len(c.data)) {
		c.step()
	}
}

// step goes to the next character. Lines end as they do for the parser.
func (c *cursor) step() {
	char := c.data[c.offset]
	size := 1
	if char >= utf8.RuneSelf {
		_, size = utf8.DecodeRune(c.data[c.offset:])
	}
	c.offset += size
	if c.at.column++; char == '\n' || char == '\r' {
		c.at = place{c.at.line + 1, 1}
	}
}
