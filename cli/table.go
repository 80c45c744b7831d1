package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// A table has aligned columns.
type table struct {
	out    io.Writer
	text   bytes.Buffer
	writer *tabwriter.Writer
}

func newTable(out io.Writer, head ...string) *table {
	t := &table{out: out}
	t.writer = tabwriter.NewWriter(&t.text, 0, 0, 2, ' ', 0)
	t.row(head...)
	return t
}

func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = printable(cells[i])
	}
	fmt.Fprintln(t.writer, strings.Join(cells, "\t"))
}

// print prints the table, each line after the prefix.
func (t *table) print(prefix ...string) {
	_ = t.writer.Flush() // a bytes.Buffer never fails
	for line := range strings.Lines(t.text.String()) {
		fmt.Fprintln(t.out, strings.TrimRight(strings.Join(prefix, "")+line, " \n"))
	}
}

// printable replaces characters of upstream that would control the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}
