package publish

import (
	"encoding/json"
	"strings"
	"time"

	v1 "waitboard/api/v1"
	"waitboard/domain"
)

// SetTypical sets what is typical of a widget's metric, which need not exist yet; nil removes it.
func (p *Publisher) SetTypical(at domain.Placement, week *domain.TypicalWeek) {
	learn(p, p.typical, at, week)
}

// typicalOf returns what is typical of a widget's metrics; nil: nothing. The mutex must be held.
func (p *Publisher) typicalOf(w *domain.Widget) []*domain.TypicalWeek {
	return learnedOf(p.typical, w, func(m *domain.WidgetMetric) bool { return m.History.Keep > 0 })
}

// Typical returns what is typical of a widget's metric; nil: unknown.
func (p *Publisher) Typical(at domain.Placement) *domain.TypicalWeek {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.typical[at]
}

// A Week is what is typical of a widget's metrics by hours of the week, rendered. It is shared: nobody changes it.
type Week struct {
	Plain, Gzip Variant
	Until       time.Time // when it may change

	charts charts
}

// Week returns what is typical of the widget's metrics; nil when there is no such widget.
func (p *Publisher) Week(id string) *Week {
	p.mu.RLock()
	s := p.slots[id]
	p.mu.RUnlock()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := p.now(); s.week == nil || !now.Before(s.week.Until) {
		s.week = renderWeek(&s.widget, s.inputs.Typical, s.inputs.Expected, now)
	}
	return s.week
}

func renderWeek(w *domain.Widget, weeks []*domain.TypicalWeek, expected []*domain.Expectation, now time.Time) *Week {
	now = now.In(w.Location())
	out := v1.TypicalWeek{ID: w.ID, Locale: w.Locale.Numbers(), Timezone: w.Location().String(), Metrics: []v1.TypicalMetric{}}
	for i := range w.Metrics {
		if w.Metrics[i].History.Keep == 0 {
			continue
		}
		m := v1.TypicalMetric{
			ID: w.Metrics[i].ID, Label: w.Metrics[i].Label, Hours: []v1.TypicalHour{},
			Quietest: v1.Quietest{Today: []v1.QuietHour{}, Week: []v1.QuietHour{}},
		}
		if i < len(weeks) && weeks[i] != nil {
			fillWeek(&m, w, i, weeks[i], now)
		}
		out.Metrics = append(out.Metrics, m)
	}
	out.Metrics = append(out.Metrics, estimates(w, expected)...)
	raw, err := json.Marshal(out)
	if err != nil {
		panic("publish: " + err.Error()) // only for NaN and infinity, which history doesn't have
	}
	plain := tagged(append(raw, '\n'), "")
	week := &Week{Plain: plain, Until: domain.HourStart(now).Add(time.Hour), charts: charts{widget: *w, weeks: weeks, now: now}}
	if zipped := Compress(plain.Body); len(zipped) < len(plain.Body) {
		week.Gzip = plain.Zipped(zipped)
	}
	return week
}

// fillWeek adds the hours of a metric.
func fillWeek(m *v1.TypicalMetric, w *domain.Widget, i int, week *domain.TypicalWeek, now time.Time) {
	if week.Kind == domain.Duration {
		m.Unit = "s"
	}
	for _, slot := range w.TypicalHours(i, week, now) {
		t := renderTypical(slot.Typical)
		day := strings.ToLower(time.Weekday(slot.Hour / 24).String())
		m.Hours = append(m.Hours, v1.TypicalHour{Day: day, Hour: slot.Hour % 24, Low: t.Low, High: t.High, Weeks: t.Weeks, Text: t.Text})
	}
	today, days := w.Quietest(i, week, now)
	m.Quietest = v1.Quietest{Today: quietHours(today), Week: quietHours(days)}
}

func quietHours(hours []domain.QuietHour) []v1.QuietHour {
	out := []v1.QuietHour{}
	for _, h := range hours {
		t := renderTypical(h.Typical)
		out = append(out, v1.QuietHour{
			Start: formatTime(h.Start), End: formatTime(h.Start.Add(time.Hour)), Low: t.Low, High: t.High, Text: t.Text,
		})
	}
	return out
}

// renderTypical returns a typical range as partners see it.
func renderTypical(t domain.Typical) *v1.Typical {
	unit := 1.
	out := &v1.Typical{Weeks: t.Weeks, Text: t.Text}
	if t.Kind == domain.Duration {
		out.Unit, unit = "s", 1000 // milliseconds in a second
	}
	out.Low = t.Low / unit
	if !t.Open {
		high := t.High / unit
		out.High = &high
	}
	return out
}
