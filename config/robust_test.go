package config

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// TestHostile feeds files that are made to hang, to exhaust memory or to run out of stack, which would end the process.
func TestHostile(t *testing.T) {
	// many is a lot of text. What the parser makes of it takes time in proportion to its size (BenchmarkHostile), so no more is needed.
	many := func(text string) string { return strings.Repeat(text, (256<<10)/len(text)) }
	triangle := func(line string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%*s%s\n", i, "", line)
		}
		return b.String()
	}
	billion := "a: &a0 [x, x]\n"
	for i := range 100 {
		billion += fmt.Sprintf("b%d: &a%d [*a%d, *a%d, *a%d]\n", i, i+1, i, i, i)
	}
	merges := "sources: {s: &m0 {url: x}}\nwidgets:\n"
	for i := range 60 {
		merges += fmt.Sprintf("  w%d: &m%d {<<: [*m%d, *m%d, *m%d]}\n", i, i+1, i, i, i)
	}
	hours := "widgets:\n  w0: {hours: &h {timezone: UTC, weekly: {daily: \"" + strings.Repeat("08:00-09:00, ", 20) + "\"}, closed: &c [" + strings.Repeat("2026-12-25, ", 9000) + "]}}\n" +
		wide("  w%d: {hours: {timezone: Nowhere, weekly: {daily: x}, closed: *c}}\n", 30) + wide("  v%d: {hours: *h}\n", 800)
	for name, text := range map[string]string{
		"brackets":         many("["),
		"colon words":      many("a: "),
		"colons together":  many(":"),
		"quotes":           many(`"`),
		"single quotes":    many(`'a' `),
		"literal blocks":   many("|\n"),
		"empty lines":      many("\n"),
		"carriage returns": many("\r"),
		"one long line":    "listen: " + many("x"),
		"one long text":    "listen: \"" + many("x") + "\"",
		"long plain text":  "listen:" + many("\n  x"),
		"long block":       "listen: |" + many("\n  x"),
		"staircase":        triangle("a:", 1400),
		"list staircase":   triangle("-", 1400),
		"anchor staircase": triangle("&a", 1400),
		"wide list":        "widgets: {w: {origins: [" + many("a, ") + "]}}",
		"wide mapping":     "widgets:\n" + wide("  w%d: x\n", 30_000),
		"wide flow":        "widgets: {" + wide("w%d: x, ", 30_000) + "}",
		"same keys":        "widgets:\n" + wide("  w: x%d\n", 30_000),
		"unknown keys":     wide("k%d: x\n", 30_000),
		"billion laughs":   billion,
		"many hours":       hours,
		"many spans":       "widgets: {w: {hours: {timezone: UTC, weekly: {daily: \"" + many("08:00-09:00, ") + "\"}}}}",
		"many zones":       "widgets:\n" + wide("  w%d: {hours: {timezone: Nowhere, open: {}}}\n", 1500),
		"many buckets":     "widgets: {w: {metrics: {m: {metric: 1, display: {buckets: [" + wide("%d, ", 14_000) + "]}}}}}",
		"long by aliases":  "widgets:\n  w: &w {title: \"" + many("x") + "\"}\n" + wide("  w%d: *w\n", 5000),
		"merge bomb":       merges,
		"endless merge":    "widgets: &w\n  <<: [" + strings.Repeat("*w, ", 500) + "]\n  a: {metrics: 1}\n",
		"alias of itself":  "listen: &a *a\n",
		"alias in itself":  "widgets: &a {w: {metrics: *a}}\n",
	} {
		hostile(t, name, text)
	}
	for _, text := range hostileLines {
		hostile(t, "many "+strconv.Quote(text), many(text))
	}
	long := "sources: {s: {url: &t \"" + many("x") + "\"}}\n"
	hostile(t, "long text by aliases", long+"widgets:\n"+wide("  w%d: {title: *t, metrics: {m: {label: *t}}}\n", 10_000))
	hostile(t, "long keys by aliases", long+"widgets:\n"+wide("  w%d: {*t : x}\n", 10_000))
	hostile(t, "long key", "?\n  "+many("x")+"\n: y\n")
	for _, text := range []string{"a: b\n", "a, ", "- a\n", "[", "?\n"} { // more than the parser is given
		hostile(t, "too many "+strconv.Quote(text), strings.Repeat(text, maxParts+1))
	}
}

// hostileLines make the parser work, each repeated without end.
var hostileLines = []string{
	"[", "{", "[{", "{a: ", "- ", "-\n", "? ", "?\n", "!a ", "!a\n", "&a ", "&a\n", "*a ", "*a\n", "<<: ", "<<:\n", "<<: *a\n", ": ", ":\n",
	"a: ", "a:\n", "a: b\n", "a: [b]\n", "- a\n", "- a: b\n", "- - a\n", "a\n", "a ", "'a'\n", ",", "---\n", "---\na\n", "...\n", "%YAML 1.2\n", "%a\n", "|\n", "a: |\n",
	"#\n", "a: #\n", "a: &a *a\n", "a: &a\n", "- &a b\n", "- *a\n", "a: b\n#\n\n", "- [a, #\n b]\n", "\t\n", "\r",
}

// hostile checks that Parse refuses a text with a short answer; that it ends at all is for the test's own time limit.
func hostile(t *testing.T, name, text string) {
	t.Run(name, func(t *testing.T) {
		_, err := Parse("waitboard.yaml", []byte(text), testEnv)
		if err == nil {
			t.Fatal("Parse took it")
		}
		if n := strings.Count(err.Error(), "\n"); n > maxProblems {
			t.Errorf("%d lines of errors", n+1)
		}
	})
}

// wide repeats a line with a number in it.
func wide(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
