package app

import (
	"strings"

	"waitboard/handlers/admin"
)

// readiness returns what /readyz of the admin listener reports. The public one has the same status, without reasons.
func (a *App) readiness() admin.Readiness {
	out := admin.Readiness{Ready: a.ready()}
	add := func(name string, ok bool, note string) {
		out.Checks = append(out.Checks, admin.Check{Name: name, OK: ok, Note: note})
	}
	if a.leaving.Load() {
		add("serving", false, "the service received the signal to stop")
	} else {
		add("serving", true, "")
	}
	a.mu.Lock()
	rejected := a.rejected
	a.mu.Unlock()
	if rejected != nil {
		add("configuration", true, "the file that was read last is rejected: "+rejection(rejected)+"; see the log or the dashboard")
	} else {
		add("configuration", true, "")
	}
	if c := a.feed.cluster; c != nil {
		add("cluster", true, strings.TrimSuffix(c.Problem(), "."))
	}
	ready := a.feed.tried()
	for _, s := range a.feed.list() {
		switch tried, note := s.tried(), s.note(); {
		case !tried:
			add("source "+s.config.Name, ready, "no poll has ended yet, which takes up to its timeout of "+s.config.Timeout.String())
		default:
			add("source "+s.config.Name, true, note)
		}
	}
	return out
}

// note returns why the last poll of the source failed, and what to do; empty: it succeeded.
func (s *source) note() string {
	if member := s.shared(); member != nil && !member.Polls() {
		return "" // another replica polls it
	}
	f := s.current().Report().Failure
	if f == nil {
		return ""
	}
	return "its last poll failed: " + f.Error() + ". " + strings.TrimSuffix(admin.Remedy(string(f.Cause)), ".")
}
