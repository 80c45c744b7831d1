package app

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"

	"waitboard/api/operator"
	"waitboard/domain"
)

// widgetStates returns the widgets for the dashboard, and after them the removed ones that still have a notice. public is the address that
// the public uses.
func (a *App) widgetStates(now time.Time, public string, builder bool) []operator.Widget {
	set, shown := a.notices.All(), a.feed.widgets()
	refused := map[string][]operator.Site{}
	for _, r := range a.embeds.Refused() {
		refused[r.Widget] = append(refused[r.Widget], operator.Site{Site: r.Origin, Requests: r.Requests})
	}
	out := make([]operator.Widget, 0, len(shown))
	for i := range shown {
		w := &shown[i]
		page, ok := a.feed.publisher.Page(w.ID)
		if !ok { // removed meanwhile
			continue
		}
		state := a.feed.widgetState(w, &page.Snapshot, now)
		state.Page = public + "/w/" + w.ID
		if builder {
			state.Builder = public + "/builder?" + url.Values{"widget": {w.ID}}.Encode()
		}
		for _, site := range a.embeds.Top(w.ID) {
			state.EmbeddedBy = append(state.EmbeddedBy, operator.Site{Site: site.Origin, Requests: site.Requests})
		}
		state.Refused = refused[w.ID]
		if n, ok := set[w.ID]; ok {
			state.Notice = noticeState(n, now)
			delete(set, w.ID)
		}
		out = append(out, state)
	}
	configured := len(out)
	for id, n := range set {
		out = append(out, operator.Widget{ID: id, Title: id, State: "removed", Zone: "UTC", Notice: noticeState(n, now), Metrics: []operator.Metric{}})
	}
	slices.SortFunc(out[configured:], func(a, b operator.Widget) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func noticeState(n domain.Notice, now time.Time) *operator.Notice {
	out := &operator.Notice{Text: n.Text, Closed: n.Closed}
	if n.From.After(now) {
		out.From = &n.From
	}
	if !n.Until.IsZero() {
		out.Until = &n.Until
	}
	return out
}

// widgetState returns a widget: private values next to what the public sees.
func (f *feed) widgetState(w *domain.Widget, s *domain.Snapshot, now time.Time) operator.Widget {
	out := operator.Widget{
		ID: w.ID, Title: w.Title, State: string(s.State), Stale: s.Stale, Message: s.Message, Zone: w.Location().String(),
		Metrics: make([]operator.Metric, len(w.Metrics)),
	}
	if w.Notice != "" {
		out.Notice = &operator.Notice{Text: w.Notice, Configured: true}
	}
	if w.Hours != nil {
		open, until := w.Hours.At(now)
		out.Hours = &operator.Hours{Open: open}
		if !until.IsZero() {
			out.Hours.Until = &until
		}
	}
	unfit := f.publisher.Unfit(w.ID)
	for i := range w.Metrics {
		m := &w.Metrics[i]
		out.Metrics[i] = f.privateState(w, m, now)
		out.Metrics[i].Trouble = string(unfit[m.ID])
		if i < len(s.Metrics) {
			seen := &s.Metrics[i]
			out.Metrics[i].Public, out.Metrics[i].Level = seen.Text, string(seen.Level)
			out.Metrics[i].Type = cmp.Or(out.Metrics[i].Type, seen.Kind.String())
		}
		if !slices.Contains(out.Sources, m.Ref.Source) {
			out.Sources = append(out.Sources, m.Ref.Source)
		}
	}
	return out
}

// privateState returns a metric with its private value.
func (f *feed) privateState(w *domain.Widget, m *domain.WidgetMetric, now time.Time) operator.Metric {
	out := operator.Metric{ID: m.ID, Label: m.Label, Source: m.Ref.Source}
	o := f.readings.Get(m.Ref)
	v, confirmed := m.Private(&o, now)
	if !confirmed.IsZero() {
		out.Confirmed = &confirmed
		out.Hidden = !now.Before(confirmed.Add(w.HideAfter))
		out.Stale = !out.Hidden && !now.Before(confirmed.Add(w.StaleAfter))
	}
	out.Type = v.Kind.String()
	out.Value, out.Text = privateValue(v)
	if m.Estimate != nil {
		out.Estimate = estimateState(f.publisher.Expectation(domain.Placement{Widget: w.ID, Metric: m.ID}))
	}
	return out
}

// estimateState returns what an estimate learned; e is nil while that is unknown.
func estimateState(e *domain.Expectation) *operator.Estimate {
	out := &operator.Estimate{Ahead: []operator.EstimateAhead{}}
	if e == nil {
		return out
	}
	out.Samples, out.Covered, out.Longer = e.Score.Samples, e.Score.Covered, e.Score.Longer
	for ahead, s := range e.Score.Ahead {
		row := operator.EstimateAhead{Ahead: ahead, Median: s.Median.Seconds(), Samples: s.Samples, Covered: s.Covered, Longer: s.Longer}
		if ahead < len(e.Waits) {
			low, high := e.Waits[ahead].Low.Seconds(), e.Waits[ahead].High.Seconds()
			row.Low, row.High = &low, &high
		}
		out.Ahead = append(out.Ahead, row)
	}
	return out
}

// privateValue returns a value for JSON, and in words.
func privateValue(v domain.Value) (value any, text string) {
	switch v.Kind {
	case domain.Duration:
		return v.Duration.Seconds(), operator.Clock(v.Duration)
	case domain.Count:
		return v.Number, strconv.FormatFloat(math.Round(v.Number*1000)/1000, 'f', -1, 64)
	case domain.Boolean:
		return v.Flag, map[bool]string{true: "yes", false: "no"}[v.Flag]
	case domain.Text:
		return v.Text, v.Text
	}
	return nil, ""
}
