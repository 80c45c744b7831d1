package config

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"waitboard/internal/testlevel"
)

// TestHostile feeds small texts of a kind that could make Parse hang, exhaust memory or overflow the stack. It measures what Parse
// allocates, which must grow no faster than the text. TestHostileLarge has the texts that aliases make large.
func TestHostile(t *testing.T) {
	const size = 16 << 10
	small, large := hostileTexts(size/4), hostileTexts(size)
	for name, text := range large {
		t.Run(name, func(t *testing.T) {
			rejects(t, small[name]) // fills caches
			before := allocated(func() { rejects(t, small[name]) })
			after := allocated(func() { rejects(t, text) })
			times := float64(len(text)) / float64(len(small[name]))
			if limit := 1.5*times*float64(before) + 256<<10; float64(after) > limit {
				t.Errorf("Parse allocates %d bytes for %d bytes of text, and %d for %d", before, len(small[name]), after, len(text))
			}
		})
	}
}

// TestHostileLarge feeds more of the same texts, and those that aliases make large. The time limit of all tests checks that Parse ends.
// BenchmarkHostile measures how the time grows.
func TestHostileLarge(t *testing.T) {
	testlevel.Full(t)
	for _, texts := range []map[string]string{hostileTexts(256 << 10), aliasBombs(256 << 10)} {
		for name, text := range texts {
			t.Run(name, func(t *testing.T) { rejects(t, text) })
		}
	}
}

// rejects checks that Parse rejects a text with a short error.
func rejects(t *testing.T, text string) {
	t.Helper()
	_, err := Parse("waitboard.yaml", []byte(text), testEnv)
	if err == nil {
		t.Fatal("Parse accepts the text")
	}
	if n := strings.Count(err.Error(), "\n"); n > maxProblems {
		t.Errorf("%d lines of errors", n+1)
	}
}

// allocated returns how many bytes a function allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// hostileTexts returns texts of about a size, by name.
func hostileTexts(size int) map[string]string {
	many := func(text string) string { return strings.Repeat(text, size/len(text)) }
	share := func(n int) int { return max(n*size/(256<<10), 1) } // of what a large text holds
	texts := map[string]string{
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
		"staircase":        triangle("a:", max(share(1400), 2*maxNesting)),
		"list staircase":   triangle("-", max(share(1400), 2*maxNesting)),
		"anchor staircase": triangle("&a", max(share(1400), 2*maxNesting)),
		"wide list":        "widgets: {w: {origins: [" + many("a, ") + "]}}",
		"wide mapping":     "widgets:\n" + wide("  w%d: x\n", share(30_000)),
		"wide flow":        "widgets: {" + wide("w%d: x, ", share(30_000)) + "}",
		"same keys":        "widgets:\n" + wide("  w: x%d\n", share(30_000)),
		"unknown keys":     wide("k%d: x\n", share(30_000)),
		"many spans":       "widgets: {w: {hours: {timezone: UTC, weekly: {daily: \"" + many("08:00-09:00, ") + "\"}}}}",
		"many zones":       "widgets:\n" + wide("  w%d: {hours: {timezone: Nowhere, open: {}}}\n", share(1500)),
		"many buckets":     "widgets: {w: {metrics: {m: {metric: 1, display: {buckets: [" + wide("%d, ", share(14_000)) + "]}}}}}",
		"alias of itself":  "listen: &a *a\n",
		"alias in itself":  "widgets: &a {w: {metrics: *a}}\n",
		"long key":         "?\n  " + many("x") + "\n: y\n",
	}
	for _, line := range hostileLines {
		texts["many "+strconv.Quote(line)] = many(line)
	}
	return texts
}

// aliasBombs returns texts of at most a size that aliases make large, by name.
func aliasBombs(size int) map[string]string {
	many := func(text string) string { return strings.Repeat(text, size/len(text)) }
	share := func(n int) int { return max(n*size/(256<<10), 1) } // of what a large text holds
	texts := map[string]string{
		"long by aliases": "widgets:\n  w: &w {title: \"" + many("x") + "\"}\n" + wide("  w%d: *w\n", share(5000)),
		"endless merge":   "widgets: &w\n  <<: [" + strings.Repeat("*w, ", 500) + "]\n  a: {metrics: 1}\n",
		"billion laughs": "a: &a0 [x, x]\n" + each(100, func(i int) string {
			return fmt.Sprintf("b%d: &a%d [*a%d, *a%d, *a%d]\n", i, i+1, i, i, i)
		}),
		"merge bomb": "sources: {s: &m0 {url: x}}\nwidgets:\n" + each(60, func(i int) string {
			return fmt.Sprintf("  w%d: &m%d {<<: [*m%d, *m%d, *m%d]}\n", i, i+1, i, i, i)
		}),
		"many hours": "widgets:\n  w0: {hours: &h {timezone: UTC, weekly: {daily: \"" + strings.Repeat("08:00-09:00, ", 20) +
			"\"}, closed: &c [" + strings.Repeat("2026-12-25, ", share(9000)) + "]}}\n" +
			wide("  w%d: {hours: {timezone: Nowhere, weekly: {daily: x}, closed: *c}}\n", 30) + wide("  v%d: {hours: *h}\n", share(800)),
	}
	long := "sources: {s: {url: &t \"" + many("x") + "\"}}\n"
	texts["long text by aliases"] = long + "widgets:\n" + wide("  w%d: {title: *t, metrics: {m: {label: *t}}}\n", share(10_000))
	texts["long keys by aliases"] = long + "widgets:\n" + wide("  w%d: {*t : x}\n", share(10_000))
	return texts
}

// hostileLines make the parser work when a text repeats one of them.
var hostileLines = []string{
	"[", "{", "[{", "{a: ", "- ", "-\n", "? ", "?\n", "!a ", "!a\n", "&a ", "&a\n", "*a ", "*a\n", "<<: ", "<<:\n", "<<: *a\n", ": ", ":\n",
	"a: ", "a:\n", "a: b\n", "a: [b]\n", "- a\n", "- a: b\n", "- - a\n", "a\n", "a ", "'a'\n", ",", "---\n", "---\na\n", "...\n", "%YAML 1.2\n", "%a\n", "|\n", "a: |\n",
	"#\n", "a: #\n", "a: &a *a\n", "a: &a\n", "- &a b\n", "- *a\n", "a: b\n#\n\n", "- [a, #\n b]\n", "\t\n", "\r",
}

// triangle repeats a line n times, each one space further to the right.
func triangle(line string, n int) string {
	return each(n, func(i int) string { return fmt.Sprintf("%*s%s\n", i, "", line) })
}

// wide repeats a line with a number in it.
func wide(format string, n int) string {
	return each(n, func(i int) string { return fmt.Sprintf(format, i) })
}

// each joins n lines.
func each(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i))
	}
	return b.String()
}
