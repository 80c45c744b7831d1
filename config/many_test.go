package config

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// crowd is a configuration file of many widgets with some metrics each, on 200 sources. Its metrics have all the usual settings.
func crowd(widgets, metrics int) []byte {
	const sources = 200
	var b strings.Builder
	b.WriteString("sources:\n")
	for i := range sources {
		fmt.Fprintf(&b, "  source-%03d:\n    url: https://chronicall-%03d.example.com:9080/rest\n    key_env: CHRONICALL_KEY\n    interval: 10s\n", i, i)
	}
	b.WriteString("widgets:\n")
	for i := range widgets {
		fmt.Fprintf(&b, "  widget-%05d:\n    title: Customer support %d\n    locale: de\n    origins: [https://www-%d.example.com]\n    metrics:\n", i, i, i)
		for j := range metrics {
			fmt.Fprintf(&b, "      metric-%d:\n        source: source-%03d\n        metric: \"%d\"\n        label: Current wait time\n        category: Support\n"+
				"        display: {round: 1m, above: 30m}\n        levels: {moderate: 5m, high: 15m}\n", j, (i+j)%sources, 1000*i+j)
		}
	}
	return []byte(b.String())
}

func TestManyWidgets(t *testing.T) {
	const widgets = 200
	text := crowd(widgets, 1)
	config, err := Parse("waitboard.yaml", text, testEnv)
	if err != nil {
		t.Fatal(err)
	}
	last := config.Widgets[widgets-1]
	if len(config.Sources) != 200 || len(config.Widgets) != widgets || last.ID != fmt.Sprintf("widget-%05d", widgets-1) ||
		last.Metrics[0].Source != "source-199" || last.Metrics[0].Levels.High != 900 {
		t.Errorf("%d sources, %d widgets, the last of which is %+v", len(config.Sources), len(config.Widgets), last)
	}
}

// TestManyWidgetsFit checks that a file has room for 1,000 widgets with a dozen metrics each. It measures 100 widgets.
func TestManyWidgetsFit(t *testing.T) {
	if bytes := 10 * len(crowd(100, 12)); bytes > maxFileBytes {
		t.Errorf("they take %d bytes, more than a file may have", bytes)
	}
}

// TestManyShareMetrics checks that 1,000 widgets can share a dozen metrics by an alias.
func TestManyShareMetrics(t *testing.T) {
	first := strings.Replace(string(crowd(1, 12)), "metrics:\n", "metrics: &shared\n", 1)
	config, err := Parse("waitboard.yaml", []byte(first+wide("  copy-%d:\n    title: Copy\n    metrics: *shared\n", 1000)), testEnv)
	if err != nil || len(config.Widgets[1000].Metrics) != 12 {
		t.Errorf("Parse = %v", err)
	}
}

// TestManyMistakes checks that the error of any number of mistakes is short enough to be read.
func TestManyMistakes(t *testing.T) {
	text := string(crowd(maxProblems+1, 1))
	for name, broken := range map[string]string{
		"sources": strings.ReplaceAll(text, "source: source", "source: sourze"),
		"keys":    strings.ReplaceAll(text, "label:", "labels:"),
		"values":  strings.ReplaceAll(text, "high: 15m", "high: 1m"),
		"twice":   strings.ReplaceAll(text, "    title: ", "    title: x\n    title: "),
		"missing": strings.ReplaceAll(text, "metric: ", "label: x\n#"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("waitboard.yaml", []byte(broken), testEnv)
			lines := strings.Split(fmt.Sprint(err), "\n")
			if len(lines) != maxProblems+1 || !strings.Contains(lines[maxProblems], "more problems than can be listed") {
				t.Errorf("%d lines, the last of which is %s", len(lines), lines[len(lines)-1])
			}
		})
	}
}

// BenchmarkParseExample measures a typical file.
func BenchmarkParseExample(b *testing.B) {
	text, err := os.ReadFile("../examples/waitboard.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("waitboard.yaml", text, testEnv); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse measures the time of a widget with a dozen metrics, and its memory in the Config.
func BenchmarkParse(b *testing.B) {
	for _, widgets := range []int{100, 1000} {
		b.Run(fmt.Sprintf("widgets=%d", widgets), func(b *testing.B) { benchmarkParse(b, crowd(widgets, 12), widgets) })
	}
}

func benchmarkParse(b *testing.B, text []byte, widgets int) {
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var config *Config
	for b.Loop() {
		var err error
		if config, err = Parse("waitboard.yaml", text, testEnv); err != nil {
			b.Fatal(err)
		}
	}
	perWidget := func(n float64) float64 { return n / float64(widgets) }
	b.ReportMetric(perWidget(float64(b.Elapsed().Nanoseconds())/float64(b.N)), "ns/widget")
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(perWidget(float64(after.HeapAlloc)-float64(before.HeapAlloc)), "config-B/widget")
	runtime.KeepAlive(config)
	runtime.KeepAlive(text)
}

// BenchmarkHostile compares the time for a KiB of each hostile text, in a short text and in one that is sixteen times as long.
func BenchmarkHostile(b *testing.B) {
	const small, large = 64 << 10, 1 << 20
	for _, line := range hostileLines {
		b.Run(fmt.Sprintf("%q", line), func(b *testing.B) {
			spent := map[int]time.Duration{}
			for b.Loop() {
				for _, size := range []int{small, large} {
					text := []byte(strings.Repeat(line, size/len(line)))
					start := time.Now()
					for range large / size {
						_, _ = Parse("waitboard.yaml", text, testEnv)
					}
					spent[size] += time.Since(start)
				}
			}
			b.ReportMetric(float64(spent[large])/float64(spent[small]), "times-as-much/KiB")
		})
	}
}
