package domain

import (
	"math"
	"time"

	"waitboard/locale"
)

// judged is a metric at an instant.
type judged struct {
	Shown
	confirmed time.Time // zero: never
	visible   bool      // confirmed, and young enough to show
	ages      time.Time // when it turns stale or is hidden
	until     time.Time
}

// show judges the age of one metric, applies the policy to its value, and adds what is typical.
func (w *Widget) show(i int, in Inputs, t time.Time) judged {
	out := w.showValue(i, in, t)
	m := &w.Metrics[i]
	if i >= len(in.Typical) || in.Typical[i] == nil || !out.visible && !m.History.Alone {
		return out
	}
	local := t.In(w.Location())
	out.Typical = m.Typical(w.Locale, in.Typical[i], HourOfWeek(local))
	out.until = soonest(out.until, HourStart(local).Add(time.Hour))
	if out.Typical == (Typical{}) {
		return out
	}
	out.Compared = out.wording.compare(&out.Shown, out.Typical)
	out.Typical.Usual = w.Locale.Usually(out.Typical.Text)
	out.Typical.Text = out.Compared.text(w.Locale, out.Typical.Usual)
	if !out.Present() {
		out.Text = out.Typical.Text
	}
	return out
}

// showValue shows a metric without what is typical.
func (w *Widget) showValue(i int, in Inputs, t time.Time) judged {
	m, o := &w.Metrics[i], &in.Observed[i]
	if m.Estimate != nil {
		return w.showEstimate(i, in, t)
	}
	readings, confirmed, missing := o.selected(m.Categories)
	out := judged{Shown: Shown{
		ID: m.ID, Label: m.Label, Kind: o.Kind, Text: w.Locale.Say(locale.NotAvailable), wording: m.Display.wording(m.Combine != Mean),
	}, confirmed: confirmed}
	if m.Combine == Number {
		out.Kind = Count
	}
	if confirmed.IsZero() {
		return out
	}
	if out.visible, out.Stale, out.ages = w.judge(confirmed, t); !out.visible {
		return out
	}
	out.until = out.ages
	if missing && m.Combine != Number {
		return out // a part of the chosen categories makes no value
	}
	e := m.evaluate(Placement{w.ID, m.ID}, o, readings, t)
	if e.value.Kind == None {
		return out
	}
	out.Kind = e.value.Kind
	out.until = soonest(out.until, e.until)
	out.Value, out.Range = m.Display.apply(e.shown)
	out.Text = out.wording.text(w.Locale, out.Kind, out.Value, out.Range)
	if out.Present() {
		out.Level = m.Levels.of(e.value)
		out.Link = m.Link.at(out.Level)
	}
	if rate := math.Round(e.line.Rate*1e6) / 1e6; out.Value.Kind == Duration && rate != 0 && !m.Display.hides() {
		out.Rate, out.AsOf = rate, e.at
	}
	return out
}
