package admin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"waitboard/api/operator"
)

const (
	urgent  = "error"
	warning = "warning"

	clockLimit   = 30 * time.Second    // of a source's clock; the client corrects for it
	renewing     = 14 * 24 * time.Hour // before a certificate expires
	silenceLimit = time.Minute         // of a source that fails, before visitors miss something
)

// problems lists what an operator should solve, the most urgent first.
func problems(s *operator.State) []operator.Problem {
	list := []operator.Problem{}
	add := func(all ...operator.Problem) { list = append(list, all...) }
	add(ofConfig(&s.Config)...)
	add(ofCertificate(s.Certificate, s.Now)...)
	add(ofCluster(s.Cluster)...)
	broken := map[string]bool{} // sources that explain what their widgets lack
	for i := range s.Sources {
		source := &s.Sources[i]
		found := ofSource(source, s.Now)
		add(found...)
		broken[source.ID] = slices.ContainsFunc(found, func(p operator.Problem) bool { return len(p.UsedBy) == 0 && p.Level == urgent })
	}
	explained := map[string]bool{} // widgets that have a problem already
	for i := range list {
		for _, id := range widgetsOf(&list[i]) {
			explained[id] = true
		}
	}
	for i := range s.Widgets {
		w := &s.Widgets[i]
		add(ofWidget(w, explained[w.ID] || slices.ContainsFunc(w.Sources, func(id string) bool { return broken[id] }))...)
	}
	for _, hook := range s.Webhooks {
		add(ofWebhook(&hook)...)
	}
	slices.SortStableFunc(list, func(a, b operator.Problem) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(breadth(&a), breadth(&b))) // error comes before warning
	})
	return list
}

// breadth orders problems of one level: those that concern much come before those of single upstream metrics, and of widgets and webhooks.
func breadth(p *operator.Problem) int {
	switch {
	case len(p.UsedBy) > 0:
		return 1
	case p.Widget != "" || p.Kind == "webhook":
		return 2
	}
	return 0
}

func ofConfig(c *operator.Config) (list []operator.Problem) {
	if !c.InForce {
		list = append(list, operator.Problem{
			Kind: "config", Level: urgent, Text: "The configuration file is not in force: " + c.Reason + ". The previous one stays in use.", Names: c.Problems,
			Remedy: "Correct it. waitboard reads a changed file at once.",
		})
	}
	for _, f := range c.Files {
		if f.State == "ok" {
			continue
		}
		text := "The included file " + f.Name + " can't be used. Its previous sources and widgets stay in use."
		if f.State == "skipped" {
			text = "The included file " + f.Name + " can't be used. Its sources and widgets are missing."
		}
		list = append(list, operator.Problem{Kind: "file", Level: urgent, Text: text, Names: f.Problems, Remedy: "Correct it. waitboard reads a changed file at once."})
	}
	return list
}

func ofCertificate(c *operator.Certificate, now time.Time) []operator.Problem {
	if c == nil || !c.Late && c.Expires.Sub(now) >= renewing {
		return nil
	}
	p := operator.Problem{
		Kind: "certificate", Level: warning, Text: "The certificate of the public listener expires in " + span(c.Expires.Sub(now)) + ".",
		Remedy: "Renew the file in cert_file. It takes effect at once.",
	}
	if !c.Expires.After(now) {
		p.Level, p.Text = urgent, "The certificate of the public listener has expired. Browsers refuse to connect."
	}
	if c.Automatic && !c.Late {
		return nil // there is time
	}
	if c.Automatic {
		p.Remedy = "Check that port 443 of the host name leads here, and that this machine reaches the certificate authority. The log has the reason."
	}
	return []operator.Problem{p}
}

func ofCluster(c *operator.Cluster) []operator.Problem {
	if c == nil || c.Problem == "" {
		return nil
	}
	p := operator.Problem{Kind: "cluster", Level: warning, Text: c.Problem, Remedy: "Synchronize the clocks of all replicas and of the engine with NTP."}
	if !c.Connected {
		p.Level, p.Remedy = urgent, "Check that the engine runs, and that this machine reaches the address in cluster.url_env or cluster.url_file."
	}
	return []operator.Problem{p}
}

func ofSource(s *operator.Source, now time.Time) (list []operator.Problem) {
	if s.ConfigProblems != nil {
		p := operator.Problem{Kind: "source_config", Level: urgent, Source: s.ID, Text: "The key or the certificates of source " + s.ID + " can't be read.", Names: s.ConfigProblems, Remedy: "Correct them. waitboard reads changed files at once, and all files after SIGHUP."}
		if s.State != "unusable" {
			p.Level, p.Text = warning, p.Text+" The previous ones stay in use."
		}
		list = append(list, p)
	}
	if s.State == "failing" {
		list = append(list, ofFailure(s, now))
	}
	if ahead := s.ClockAhead; ahead != nil && (*ahead >= clockLimit.Seconds() || *ahead <= -clockLimit.Seconds()) {
		list = append(list, operator.Problem{
			Kind: "clock", Level: warning, Source: s.ID, Text: "The clock of source " + s.ID + " is " + clockText(*ahead) + ".",
			Remedy: "Set both clocks with NTP. Until then waitboard corrects for the difference.",
		})
	}
	if s.CertificateExpires != nil && s.CertificateExpires.Sub(now) < renewing && s.Cause != "untrusted_tls" {
		list = append(list, operator.Problem{
			Kind: "source_certificate", Level: warning, Source: s.ID, Text: "The certificate of source " + s.ID + " expires in " + span(s.CertificateExpires.Sub(now)) + ".",
			Remedy: "Renew it on that server. Polls fail once it has expired.",
		})
	}
	for i := range s.Metrics {
		list = append(list, ofMetric(s, &s.Metrics[i])...)
	}
	return list
}

// ofMetric explains why an upstream metric has no value.
func ofMetric(s *operator.Source, m *operator.SourceMetric) []operator.Problem {
	p := operator.Problem{Kind: "metric", Level: urgent, Source: s.ID, UsedBy: m.UsedBy, Names: []string{m.Metric}, Near: m.Near}
	if widgets := widgetsOf(&p); len(widgets) == 1 {
		p.Widget = widgets[0]
	}
	what, advice, _ := strings.Cut(m.Text, "; ")
	p.Text = several(m.UsedBy) + map[bool]string{true: " has", false: " have"}[len(m.UsedBy) == 1] + " no value: " + what + "."
	switch m.Reason {
	case "not_found":
		p.Remedy = "Set metric to a name or ID that source " + s.ID + " lists, or assign the metric to the service user of its key."
	case "list_unavailable":
		p.Remedy = sentence(advice)
	case "unexpected":
		p.Level, p.Remedy = warning, "Run waitboard check. If the problem persists, choose another metric."
	case "ambiguous":
		p.Remedy = "Set metric to the ID of one of them."
	case "category_missing":
		p.Kind, p.Names = "category", m.Categories
		p.Remedy = "Set category to a value that the metric has. Run waitboard check for a list."
	case "quarantined":
		p.Kind = "quarantine"
		p.Remedy = "Assign the metric to the service user of the key. waitboard tries it again every few minutes."
	default:
		return nil
	}
	return []operator.Problem{p}
}

// widgetsOf lists the widgets that a problem is about.
func widgetsOf(p *operator.Problem) (ids []string) {
	if p.Widget != "" {
		return []string{p.Widget}
	}
	for _, user := range p.UsedBy {
		if id := widgetOf(user); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// widgetOf returns the widget of a metric that is written as widget.metric.
func widgetOf(user string) string {
	id, _, _ := strings.Cut(user, ".")
	return id
}

// ofWidget explains what visitors miss, unless a source or a metric explained it.
func ofWidget(w *operator.Widget, explained bool) (list []operator.Problem) {
	add := func(kind, level, text, remedy string, names ...string) {
		list = append(list, operator.Problem{Kind: kind, Level: level, Widget: w.ID, Text: text, Names: names, Remedy: remedy})
	}
	var hidden []string
	for _, m := range w.Metrics {
		if m.Hidden {
			hidden = append(hidden, m.Label)
		}
		switch m.Trouble {
		case "not_head_of_line":
			add("estimate", urgent, w.ID+"."+m.ID+" has no value: what it takes for the wait of the first in line doesn't count up by a second a second.", "Set estimate.wait to a duration of one caller. A sum or an average can't be used.")
		case "not_a_number":
			add("estimate", urgent, w.ID+"."+m.ID+" has no value: its queue or agents aren't a number.", "Set estimate.queue and estimate.agents to counts, or use combine: count.")
		}
	}
	const remedy = "Look at the polls of its sources. If they succeed, hide_after may be too short."
	switch {
	case w.State == "removed":
		add("widget", warning, "Widget "+w.ID+" is not in the configuration, but still has a notice.", "Remove the notice, or put the widget back.")
	case explained:
	case w.State == "unavailable":
		add("widget", urgent, "Widget "+w.ID+" shows no value, because all are too old.", remedy)
	case w.State == "open" && len(hidden) > 0:
		add("widget", urgent, "Widget "+w.ID+" hides values that are too old.", remedy, hidden...)
	case w.State == "open" && w.Stale:
		add("widget", warning, "Widget "+w.ID+" shows stale values.", "Look at the polls of its sources. If they succeed, stale_after may be too short.")
	}
	if len(w.Refused) > 0 {
		n := 0
		var names []string
		for _, site := range w.Refused {
			n += site.Requests
			names = append(names, site.Site)
		}
		add("origins", warning, fmt.Sprintf("Widget %s refused %s from other sites in 24 hours.", w.ID, plural(n, "request")), "If a site is yours, add it to the widget's origins.", names...)
	}
	return list
}
