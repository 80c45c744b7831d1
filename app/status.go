package app

import (
	"fmt"
	"strings"
	"time"

	"waitboard/config"
	"waitboard/handlers/admin"
	"waitboard/poller"
)

// status returns what the dashboard shows.
func (a *App) status() admin.Status {
	a.mu.Lock()
	rejected, current, public := a.rejected, a.config, publicURL(a.config, a.public)
	a.mu.Unlock()
	troubled := map[string][]config.Problem{}
	for _, s := range current.Sources {
		troubled[s.Name] = s.Trouble
	}
	out := admin.Status{Version: a.version, Rejected: problems(rejected), Reason: rejection(rejected), Files: adminFiles(current), Widgets: a.adminWidgets(public), Persistent: a.notices.Persistent(), Refused: a.embeds.Refused()}
	if c := a.feed.cluster; c != nil {
		out.Replica, out.Problem = c.Replica(), c.Problem()
	}
	for _, s := range a.feed.list() {
		report := s.current().Report()
		source := admin.SourceStatus{Name: s.config.Name, State: "no answer yet", Age: "never", Updates: report.Subscription.String()}
		source.Trouble = lines(troubled[s.config.Name])
		switch {
		case !s.config.Usable():
			source.State, source.Updates = "can't be asked", "none"
		case report.Failure != nil:
			source.State = report.Failure.Error()
		case s.current().Tried():
			source.State = "ok"
		}
		if source.Trouble != nil && s.config.Usable() {
			source.State += ", with the key and certificates of before"
		}
		if member := s.shared(); member != nil {
			if holder, follows := member.Holder(); follows {
				source.State, source.Updates, report = "follows replica "+holder, "from that replica", poller.Report{}
			}
		}
		if report.Answered {
			source.Age = report.Age.Round(time.Second).String() + " ago"
		}
		for _, m := range report.Metrics {
			if problem := m.Trouble(); problem != "" {
				source.Problems = append(source.Problems, fmt.Sprintf("%s: %s", strings.Join(m.Want.UsedBy, ", "), problem))
			}
		}
		out.Sources = append(out.Sources, source)
	}
	return out
}
