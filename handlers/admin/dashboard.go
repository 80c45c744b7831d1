package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"waitboard/api/operator"
	"waitboard/domain"
	"waitboard/handlers/respond"
	"waitboard/notices"
	"waitboard/publish"
	"waitboard/templates"
)

// A dashboard is the data of templates.Admin: a part of the state, in pages.
type dashboard struct {
	operator.State
	filter
	All       operator.State // before the filter, without details
	Shown     []card
	SourceNav pager
	WidgetNav pager
	Choices   []noticeChoice
	MaxLength int
	links     map[string]string // of sources and widgets on this page: their fragments
}

const (
	sourcesPerPage = 20
	widgetsPerPage = 50
)

// read returns the state with its problems, and what an operator searches for.
func (a *admin) read(r *http.Request) (all operator.State, found operator.State, f filter) {
	all = a.State()
	if a.Webhooks != nil {
		all.Webhooks = a.Webhooks()
	}
	all.Now = all.Now.UTC()
	all.Problems = problems(&all)
	f = filterOf(r.URL.Query())
	return all, f.apply(all), f
}

// trends adds the histories of some widgets.
func (a *admin) trends(widgets []operator.Widget) {
	if a.Trend == nil {
		return
	}
	for i := range widgets {
		w := &widgets[i]
		for j := range w.Metrics {
			w.Metrics[j].Trend = a.Trend(w.ID, w.Metrics[j].ID)
		}
	}
}

// getState sends the state as JSON. Its query is that of the dashboard, without pages.
func (a *admin) getState(w http.ResponseWriter, r *http.Request) {
	_, state, _ := a.read(r)
	a.trends(state.Widgets)
	body, err := json.Marshal(state)
	if err != nil {
		panic(err) // every value can be encoded
	}
	send(w, r, respond.TypeJSON, append(body, '\n'))
}

// getDashboard sends the page.
func (a *admin) getDashboard(w http.ResponseWriter, r *http.Request) {
	all, found, f := a.read(r)
	d := dashboard{State: found, filter: f, All: all, Choices: noticeChoices, MaxLength: notices.MaxLength, links: map[string]string{}}
	d.Shown = cards(found.Problems)
	d.Shown = d.Shown[:min(len(d.Shown), maxCards)]
	query := r.URL.Query()
	d.SourceNav, d.Sources = paged(query, "sources", sourcesPerPage, found.Sources)
	d.WidgetNav, d.Widgets = paged(query, "page", widgetsPerPage, found.Widgets)
	d.Widgets = slices.Clone(d.Widgets)
	a.trends(d.Widgets)
	for _, s := range d.Sources {
		d.links["source:"+s.ID] = "#source-" + s.ID
	}
	for _, widget := range d.Widgets {
		d.links["widget:"+widget.ID] = "#widget-" + widget.ID
	}
	var body bytes.Buffer
	if err := templates.Admin().Execute(&body, &d); err != nil {
		panic(err) // the template fits its data
	}
	send(w, r, respond.TypeHTML, body.Bytes())
}

// send sends a body that is made for this request, compressed if the client accepts that.
func send(w http.ResponseWriter, r *http.Request, contentType []string, raw []byte) {
	respond.Vary(w.Header(), []string{"Accept-Encoding"})
	plain := publish.NewVariant(raw, publish.Tag(raw))
	zip := func() *publish.Variant {
		zipped := plain.Zipped(publish.Compress(raw))
		return &zipped
	}
	respond.SendVariant(w, r, contentType, &plain, zip, respond.NoStore)
}

// Link returns the address of a source or a widget, by its kind and ID: on this page, or on one that shows it alone.
func (d *dashboard) Link(kind, id string) string {
	if here := d.links[kind+":"+id]; here != "" {
		return here
	}
	return "?" + url.Values{"q": {kind + ":" + id}}.Encode() + "#" + kind + "-" + id
}

// A link leads to what a problem is about.
type link struct{ Address, Text string }

// maxLinks is how many metrics of widgets a problem links to.
const maxLinks = 10

// About returns the links of a problem.
func (d *dashboard) About(p operator.Problem) (links []link) {
	if p.Source != "" {
		links = append(links, link{d.Link("source", p.Source), "Source " + p.Source})
	}
	for _, user := range p.UsedBy[:min(len(p.UsedBy), maxLinks)] {
		links = append(links, link{d.LinkUser(user), user})
	}
	if p.Widget != "" && len(p.UsedBy) == 0 {
		links = append(links, link{d.Link("widget", p.Widget), "Widget " + p.Widget})
	}
	return links
}

// LinkUser returns the address of the widget of a metric that is written as widget.metric.
func (d *dashboard) LinkUser(user string) string { return d.Link("widget", widgetOf(user)) }

// A listed metric is one that the list of a source has.
type listed struct{ Name, ID string }

// Near splits the names that a problem suggests from the IDs in parentheses after them, because each may turn the direction of text.
func (*dashboard) Near(p operator.Problem) (all []listed) {
	for _, text := range p.Near {
		if i := strings.LastIndex(text, " ("); i > 0 && strings.HasSuffix(text, ")") {
			all = append(all, listed{text[:i], text[i+2 : len(text)-1]})
		} else {
			all = append(all, listed{Name: text})
		}
	}
	return all
}

// More returns how many problems are not shown.
func (d *dashboard) More() int {
	more := len(d.Problems)
	for i := range d.Shown {
		more -= max(len(d.Shown[i].Group), 1)
	}
	return more
}

// Alone reports whether one widget is shown, whose details are open then.
func (d *dashboard) Alone() bool { return d.Query != "" && d.WidgetNav.Of == 1 }

// View returns the query of this page, for the form of a notice to return to.
func (d *dashboard) View() string {
	query := url.Values{}
	if d.Query != "" {
		query.Set("q", d.Query)
	}
	if d.Show != "" {
		query.Set("show", d.Show)
	}
	return query.Encode()
}

// Flag returns the level of the problems of a source or a widget; empty: none, or its state shows that.
func (d *dashboard) Flag(state, kind, id string) (level string) {
	if tones[state] == "bad" {
		return ""
	}
	for i := range d.Problems {
		p := &d.Problems[i]
		if kind == "source" && p.Source == id || kind == "widget" && slices.Contains(widgetsOf(p), id) {
			if level = p.Level; level == urgent {
				return level
			}
		}
	}
	return level
}

// A stateCount is how many sources or widgets have a state.
type stateCount struct {
	Count       int
	State, Tone string
}

// States counts all sources, or all widgets, by their states.
func (d *dashboard) States(kind string) (counts []stateCount) {
	count := func(state string) {
		i := slices.IndexFunc(counts, func(c stateCount) bool { return c.State == state })
		if i < 0 {
			i, counts = len(counts), append(counts, stateCount{State: state, Tone: tones[state]})
		}
		counts[i].Count++
	}
	for i := range d.All.Sources {
		if kind == "source" {
			count(d.All.Sources[i].State)
		}
	}
	for i := range d.All.Widgets {
		if kind == "widget" {
			count(d.All.Widgets[i].State)
		}
	}
	slices.SortStableFunc(counts, func(a, b stateCount) int { return b.Count - a.Count })
	return counts
}

// tones are the looks of states and levels.
var tones = map[string]string{
	"ok": "good", "open": "good", "elsewhere": "off", "low": "good", "moderate": "warn", "high": "bad", "failing": "bad", "unusable": "bad", "unavailable": "bad", "removed": "warn",
	"closed": "off", "waiting": "off", "initializing": "off", "follows": "off", "lossy": "warn", "misconfigured": "warn", "blocked": "bad",
}

// Tone returns the look of a state or a level.
func (*dashboard) Tone(state string) string { return tones[state] }

// HookTone returns the look of a webhook's state. Its problems are warnings.
func (*dashboard) HookTone(state string) string {
	if tones[state] == "bad" {
		return "warn"
	}
	return tones[state]
}

// HookText returns the problem of a webhook.
func (*dashboard) HookText(hook operator.Webhook) string { return hookText(&hook) }

// Here reports whether an ID is that of this replica.
func (d *dashboard) Here(replica string) bool {
	return d.Cluster != nil && d.Cluster.Replica == replica
}

// PollText counts the polls of an hour in words.
func (*dashboard) PollText(hour operator.Hour) string {
	polls, failures := 0, 0
	for i := range hour.Polls {
		polls, failures = polls+hour.Polls[i], failures+hour.Failures[i]
	}
	return plural(polls, "poll") + ", " + strconv.Itoa(failures) + " failed"
}

// Subscribed describes a subscription. A cause is that of the last attempt, which may be over.
func (d *dashboard) Subscribed(s operator.Subscription) string {
	since := ""
	if s.Since != nil {
		since = " for " + span(d.Now.Sub(*s.Since))
	}
	switch s.State {
	case "active":
		return "active" + since
	case "partial":
		return "active" + since + ", except for " + plural(s.Polled, "polled metric")
	case "unavailable":
		text := "none" + since
		what, _, _ := strings.Cut(s.Detail, "; ")
		if s.Tried != nil {
			text += "; the last attempt, " + ago(*s.Tried, d.Now) + ": " + s.Cause + ", " + what
		}
		if s.Next != nil && s.Next.After(d.Now) {
			text += "; the next one in " + span(s.Next.Sub(d.Now))
		}
		return text
	case "off":
		return "none, only polls"
	}
	return "not tried yet"
}

// Sentence returns a part of a message as a sentence.
func (*dashboard) Sentence(text string) string { return sentence(text) }

// Zone returns the zone of a widget.
func (d *dashboard) Zone(name string) *time.Location { return location(name) }

// End describes when a notice ends.
func (d *dashboard) End(w *operator.Widget) string {
	var n domain.Notice
	if w.Notice.From != nil {
		n.From = *w.Notice.From
	}
	if w.Notice.Until != nil {
		n.Until = *w.Notice.Until
	}
	return noticeEnd(n, d.Now, location(w.Zone))
}

// Begin returns when the widget's notice begins, as the form has it; empty: it has begun, or there is none.
func (d *dashboard) Begin(w *operator.Widget) string {
	if w.Notice == nil || w.Notice.From == nil {
		return ""
	}
	return w.Notice.From.In(location(w.Zone)).Format(localTime)
}

// Share returns a part of a whole in words; "none" without a whole.
func (*dashboard) Share(part, whole int) string {
	if whole == 0 {
		return "none"
	}
	return fmt.Sprintf("%.0f\u00a0%%", 100*float64(part)/float64(whole))
}

// Wait returns seconds in words of a clock.
func (*dashboard) Wait(seconds float64) string {
	return operator.Clock(time.Duration(seconds * float64(time.Second)))
}

// Last returns the index of the last row.
func (*dashboard) Last(rows []operator.EstimateAhead) int { return len(rows) - 1 }
