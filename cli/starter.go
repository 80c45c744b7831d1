package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// A starter is a first configuration with one source and one widget.
type starter struct {
	url, keyEnv, interval string
	optional              [][2]string // further settings of the source, each with its value; empty: left out
	metrics               []starterMetric
}

type starterMetric struct {
	id, label, metric, comment string
	category                   string // empty: all
}

// starterConfig returns a starter as YAML. It quotes texts like Go, whose escapes are valid YAML.
func starterConfig(s starter) string {
	var b strings.Builder
	quote := strconv.QuoteToGraphic
	fmt.Fprintf(&b, "sources:\n  hq:\n    url: %s\n    key_env: %s\n", quote(s.url), quote(s.keyEnv))
	for _, setting := range s.optional {
		if setting[1] != "" {
			fmt.Fprintf(&b, "    %s: %s\n", setting[0], quote(setting[1]))
		}
	}
	fmt.Fprintf(&b, "    interval: %s\n\nwidgets:\n  support:\n    title: Customer support\n    metrics:\n", s.interval)
	for _, m := range s.metrics {
		fmt.Fprintf(&b, "      %s:\n        metric: %s", m.id, quote(m.metric))
		if m.comment != "" {
			fmt.Fprintf(&b, " # %s", printable(m.comment))
		}
		b.WriteByte('\n')
		if m.category != "" {
			fmt.Fprintf(&b, "        category: %s # or a list, or all\n", quote(m.category))
		}
		if m.label != "" {
			fmt.Fprintf(&b, "        label: %s\n", quote(m.label))
		}
	}
	return b.String()
}
