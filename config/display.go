package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Display holds what visitors may see of a value. A Display that hides nothing has zero values, except Decimals: -1. Unit is the unit of the
// amounts: seconds, or plain numbers.
type Display struct {
	Unit         Unit
	Round        float64   // to a multiple of this, 0 for no rounding
	RoundMode    string    // up, down or nearest; "" without Round
	Below, Above float64   // less than Below, or Above and more, shows only as such; 0 for none; Below is less than Above
	Buckets      []float64 // increasing; visitors see only the range between two of them; nil for none; never with Round, Below or Above
	HideZero     bool
	Decimals     int // 0 to 3 digits after the point, -1 when not set; never with durations
	Hold         Hold
}

// Hold is the hysteresis of a shown value. The zero Hold is none; another needs Round or Buckets.
type Hold struct {
	Least time.Duration // up to 10m
	Share float64       // of a step, 0 to 0.5
}

// Levels holds the values at which levels start. Moderate is less than High; 0 means that a level is not set.
type Levels struct {
	Unit           Unit // the same as that of Display, where both have amounts
	Moderate, High float64
}

// writtenAmount is an amount and its key.
type writtenAmount struct {
	Amount
	name string // its path within the metric
}

// written returns the valid amounts in display and levels.
func (c *checker) written(path string, in FileMetric) (all []writtenAmount) {
	round := "display.round"
	if c.has(path + ".display.round.to") {
		round = "display.round.to"
	}
	d, l := in.Display, cmp.Or(in.Levels, &FileLevels{})
	all = []writtenAmount{{d.Round.Value.To, round}, {d.Below, "display.below"}, {d.Above, "display.above"}}
	for i, a := range d.Buckets {
		all = append(all, writtenAmount{a, fmt.Sprintf("display.buckets[%d]", i)})
	}
	all = append(all, writtenAmount{l.Moderate, "levels.moderate"}, writtenAmount{l.High, "levels.high"})
	return slices.DeleteFunc(all, func(a writtenAmount) bool { return a.Unit == "" })
}

// units checks that all amounts of a metric have one unit, which fits the value.
func (c *checker) units(path string, in FileMetric) {
	all := c.written(path, in)
	if len(all) == 0 {
		return
	}
	first := all[0]
	for _, a := range all[1:] {
		if a.Unit != first.Unit {
			c.add(join(path, a.name), fmt.Sprintf("is %s, but %s in line %d is %s", a.kind(), first.name, c.places[join(path, first.name)].line, first.kind()), "within a metric, write all as durations, as in 30m, or all as numbers, as in 20")
			return // further checks need to know which unit is meant
		}
	}
	if first.Unit != UnitDuration {
		return
	}
	if in.Combine == "count" {
		c.add(join(path, first.name), "is a duration, but combine: count results in a number", "write numbers, as in 20, or choose another combine")
	}
	if in.Display.Decimals != nil {
		c.add(path+".display.decimals", "is for numbers, but "+first.name+" is a duration", "remove it; durations are rounded by round")
	}
}

// display checks what visitors may see of a value. units checks its units.
func (c *checker) display(path string, in FileDisplay) Display {
	round := in.Round.Value
	d := Display{Round: round.To.Value, Below: in.Below.Value, Above: in.Above.Value, HideZero: in.HideZero, Decimals: -1}
	if in.Decimals != nil {
		d.Decimals = *in.Decimals
	}
	if d.Round > 0 {
		d.RoundMode = round.Mode
	}
	var excluded []string
	each := []Amount{round.To, in.Below, in.Above}
	for i, name := range []string{"round", "below", "above"} {
		if each[i].Unit != "" {
			d.Unit = each[i].Unit
			excluded = append(excluded, name)
		}
	}
	if in.Hold != nil {
		d.Hold = Hold(in.Hold.Value)
		if !c.has(path+".round") && !c.has(path+".buckets") && c.ok(path+".hold") {
			c.add(path+".hold", "needs round or buckets", "add one of them, or remove hold")
		}
	}
	c.rising(path+".above", in.Below, in.Above, "below", "make it larger, or below smaller: visitors see the values between the two as they are")
	if len(in.Buckets) == 0 {
		return d
	}
	if len(excluded) > 0 {
		c.add(path+".buckets", notWith+strings.Join(excluded, " and "), "buckets replace any value by a range; remove the one or the other")
	}
	for i, a := range in.Buckets {
		if i > 0 && !c.rising(fmt.Sprintf("%s.buckets[%d]", path, i), in.Buckets[i-1], a, "the one before it", "write them in rising order, each once") {
			break
		}
		d.Unit = a.Unit
		d.Buckets = append(d.Buckets, a.Value)
	}
	return d
}

// rising checks that high is more than low. The problem calls low by name.
func (c *checker) rising(path string, low, high Amount, name, hint string) bool {
	if low.Unit == "" || low.Unit != high.Unit || high.Value > low.Value {
		return true
	}
	c.add(path, fmt.Sprintf("%s is not more than %s, which is %s", high, name, low), hint)
	return false
}

// levels checks where levels start. units checks their units.
func (c *checker) levels(path string, in *FileLevels) Levels {
	if in == nil {
		return Levels{}
	}
	if !c.has(path+".moderate") && !c.has(path+".high") && c.ok(path) {
		c.add(path, "needs moderate or high", "for example levels: {moderate: 5m, high: 15m}")
	}
	c.rising(path+".high", in.Moderate, in.High, "moderate", "make it larger, or moderate smaller")
	return Levels{Unit: cmp.Or(in.High.Unit, in.Moderate.Unit), Moderate: in.Moderate.Value, High: in.High.Value}
}
