package webhook

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	v1 "waitboard/api/v1"
	"waitboard/domain"
	"waitboard/publish"
)

// A message is one change on its way. Its ID, and with it its content, never change.
type message struct {
	ID      string     `json:"id"`
	Lane    string     `json:"lane"`
	Created time.Time  `json:"created"`
	Bad     bool       `json:"bad,omitempty"` // the new condition is worse than normal
	Content v1.Message `json:"content"`
}

// types are the values of the field type.
var types = map[Kind]string{Level: "widget.level", State: "widget.state", Stale: "widget.stale", Source: "source.state"}

// timeFormat is RFC 3339 in UTC with milliseconds, as in snapshots.
const timeFormat = "2006-01-02T15:04:05.000Z"

// compose returns the message about a change.
func (h *hook) compose(c change, now time.Time) message {
	m := message{ID: newID(), Lane: c.lane(), Created: now.UTC(), Bad: c.to != conditions[c.kind][0] && c.to != "closed"}
	m.Content = v1.Message{Type: types[c.kind], Timestamp: c.since.UTC().Format(timeFormat)}
	d := &m.Content.Data
	d.Webhook, d.From, d.To = h.o.Name, c.from, c.to
	if c.kind == Source {
		h.describeSource(d, c)
		return m
	}
	d.Widgets = []string{c.name}
	label := ""
	if page, ok := h.hooks.o.Publisher.Page(c.name); ok {
		label = describeWidget(d, page, c.metric)
	}
	d.Summary = summary(c, d.Title, label)
	if h.o.Private {
		d.Private = &v1.MessagePrivate{Values: exact(h.hooks.o.Publisher, c.name)}
	}
	return m
}

// exact returns the values of a widget's metrics before its policy.
func exact(p *publish.Publisher, widget string) map[string]float64 {
	values := map[string]float64{}
	for _, each := range p.Exact(widget) {
		switch each.Value.Kind {
		case domain.Duration:
			values[each.Metric] = each.Value.Duration.Seconds()
		case domain.Count:
			values[each.Metric] = each.Value.Number
		}
	}
	return values
}

// describeWidget adds what the public sees. It returns the label of the metric.
func describeWidget(d *v1.MessageData, page *publish.Page, metric string) (label string) {
	var public v1.Snapshot
	if err := json.Unmarshal(page.Plain.Body, &public); err != nil {
		panic(err) // package publish has encoded it
	}
	d.Title, d.Locale, d.Text = public.Title, public.Locale, strings.TrimSpace(string(page.Text().Body))
	for i := range public.Metrics {
		if m := &public.Metrics[i]; m.ID == metric {
			d.Metric = m
			return m.Label
		}
	}
	return metric
}

// summary says in English what changed.
func summary(c change, title, label string) string {
	switch {
	case c.kind == Level:
		return fmt.Sprintf("%s, %s: %s, was %s", title, label, c.to, c.from)
	case c.kind == State:
		return fmt.Sprintf("%s: %s, was %s", title, c.to, c.from)
	case c.to == "stale":
		return title + ": not up to date"
	}
	return title + ": up to date again"
}

// describeSource adds which widgets a source feeds. The source's name and why it fails are private.
func (h *hook) describeSource(d *v1.MessageData, c change) {
	d.Widgets = h.fedBy(c.name)
	named := d.Widgets
	more := ""
	if len(named) > 5 {
		more = fmt.Sprintf(" and %d more", len(named)-4)
		named = named[:4]
	}
	subject := "A source of " + strings.Join(named, ", ") + more
	if h.o.Private {
		d.Private = &v1.MessagePrivate{Source: c.name, Cause: h.hooks.sources.Load().states[c.name].Cause}
	}
	switch c.to {
	case "ok":
		d.Summary = subject + " works again"
	case "refused":
		d.Summary = subject + " rejects the key"
	default:
		d.Summary = subject + " fails"
	}
}

// test returns a message that reports nothing.
func test(name string, now time.Time) message {
	return message{ID: newID(), Created: now.UTC(), Content: v1.Message{
		Type: "test", Timestamp: now.UTC().Format(timeFormat),
		Data: v1.MessageData{Webhook: name, Summary: "A test of webhook " + name + " by waitboard. Nothing has happened."},
	}}
}

// details are the lines below the summary, for people.
func (m *message) details() (lines []string) {
	d := m.Content.Data
	if d.Text != "" {
		lines = append(lines, d.Text)
	}
	if d.Private == nil {
		return lines
	}
	for _, id := range slices.Sorted(maps.Keys(d.Private.Values)) {
		lines = append(lines, fmt.Sprintf("%s exactly: %g", id, d.Private.Values[id]))
	}
	if d.Private.Source != "" {
		lines = append(lines, strings.TrimSuffix("Source: "+d.Private.Source+", "+d.Private.Cause, ", "))
	}
	return lines
}
