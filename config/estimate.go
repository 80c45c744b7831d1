package config

import (
	"cmp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// Estimate is what a metric is estimated from, in place of being read.
type Estimate struct {
	Wait, Queue Input
	Agents      *Input // nil for none
	Low, High   float64
	Said        bool // whether the public sees how true it was
}

// longestInterval is that between polls from which waits can be inferred, also when one of them fails.
const longestInterval = 30 * time.Second

// Input is a metric of the source that an estimate reads.
type Input struct {
	Metric     string
	Categories []string // nil for all
	Combine    string
}

// Inputs returns what is read of the source: of an estimate its inputs, whose IDs name them, otherwise the metric itself.
func (m WidgetMetric) Inputs() []WidgetMetric {
	e := m.Estimate
	if e == nil {
		return []WidgetMetric{m}
	}
	input := func(name string, of Input) WidgetMetric {
		return WidgetMetric{
			ID: m.ID + " " + name, Source: m.Source, Metric: of.Metric, Categories: of.Categories, Combine: of.Combine,
			Label: m.Label, Display: Display{Decimals: -1},
		}
	}
	all := []WidgetMetric{input("wait", e.Wait), input("queue", e.Queue)}
	if e.Agents != nil {
		all = append(all, input("agents", *e.Agents))
	}
	return all
}

// estimate checks what a metric is estimated from.
func (c *checker) estimate(parent string, in FileMetric) *Estimate {
	path := parent + ".estimate"
	if in.Estimate == nil {
		if !c.has(path) && !c.has(parent+".metric") {
			c.add(parent+".metric", isMissing, "for example metric: Current Wait Time")
		}
		return nil
	}
	for _, key := range []struct{ name, hint string }{
		{"metric", "an estimate reads the metrics in wait, queue and agents; remove the one or the other"},
		{"category", "write it in wait, queue and agents"},
		{"combine", "write it in queue or agents"},
		{"history", "give history to a metric that is read; an estimate learns without it"},
		{"display.hold", "remove it; the range changes with the line of callers"},
	} {
		if c.has(parent + "." + key.name) {
			c.add(parent+"."+key.name, notWith+"estimate", key.hint)
		}
	}
	for _, a := range c.written(parent, in) {
		if a.Unit != UnitDuration {
			c.add(join(parent, a.name), "is "+a.kind()+", but an estimate is a duration", "write a duration, as in 5m")
			break
		}
	}
	if in.Display.Decimals != nil {
		c.add(parent+".display.decimals", "is for numbers, but an estimate is a duration", "remove it")
	}
	c.needsPlace(path)
	out := &Estimate{
		Wait: c.input(path+".wait", in.Estimate.Wait, "max"), Queue: c.input(path+".queue", in.Estimate.Queue, "sum"), Said: in.Estimate.PublishScore,
	}
	if in.Estimate.Wait.Combine != "" && in.Estimate.Wait.Combine != "max" {
		c.add(path+".wait.combine", "must be max", "remove it; the first in line has waited longest")
	}
	if in.Estimate.Agents != nil {
		agents := c.input(path+".agents", *in.Estimate.Agents, "sum")
		out.Agents = &agents
	}
	out.Low, out.High = c.quantiles(path+".range", in.Estimate.Range)
	return out
}

func (c *checker) input(path string, in FileInput, combine string) Input {
	return Input{in.Metric, c.categories(path+".category", in.Category), cmp.Or(in.Combine, combine)}
}

// rangeHint shows how to write a range of quantiles.
const rangeHint = "for example [0.1, 0.8]: one of ten callers waits less, and two of ten wait longer"

// quantiles returns both ends of a range.
func (c *checker) quantiles(path string, ends Quantiles) (low, high float64) {
	switch {
	case !c.ok(path):
	case len(ends) == 0:
		return 0.1, 0.8
	case len(ends) != 2:
		c.add(path, "must have two numbers", rangeHint)
	case ends[0] >= ends[1]:
		c.add(path, "must be rising", rangeHint)
	default:
		return ends[0], ends[1]
	}
	return 0, 0
}

// Quantiles are numbers from 0 to 1.
type Quantiles []float64

// quantiles decodes a list of numbers from 0 to 1.
func (d *decoder) quantiles(n *yaml.Node, path string) (all Quantiles) {
	if !isList(n) {
		d.add(path, "must be a list, not "+kind(n), rangeHint)
		return nil
	}
	d.items(n, path, func(item *yaml.Node, itemPath string) {
		number, err := strconv.ParseFloat(item.Value, 64)
		if err != nil || isQuoted(item) || !isNumber(item.Value) || number < 0 || number > 1 {
			d.add(itemPath, "must be a number from 0 to 1", rangeHint)
		}
		all = append(all, number)
	})
	return all
}
