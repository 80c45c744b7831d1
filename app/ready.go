package app

import (
	"fmt"
	"strings"

	"waitboard/config"
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
	rejected, current := a.rejected, a.config
	a.mu.Unlock()
	if rejected != nil {
		add("configuration", true, "waitboard rejected the last version of the file: "+rejection(rejected)+"; see the log or the dashboard")
	} else {
		add("configuration", true, filesNote(current))
	}
	if c := a.feed.cluster; c != nil {
		add("cluster", true, lower(strings.TrimSuffix(c.Problem(), ".")))
	}
	ready := a.feed.tried()
	if !ready && a.feed.locked() {
		add("keys", false, "every source rejects the key of this replica, and there are others; check the keys")
	}
	for _, s := range a.feed.list() {
		switch tried, note := s.tried(), s.note(); {
		case !tried:
			add("source "+s.config.Name, ready, "no poll has ended yet; the first one ends within its timeout of "+s.config.Timeout.String())
		default:
			add("source "+s.config.Name, true, note)
		}
	}
	for _, hook := range a.webhookStates() {
		if note, troubled := webhookNotes[hook.State]; troubled {
			add("webhook "+hook.ID, true, note+hook.Problem)
		}
	}
	return out
}

// filesNote returns which included files are not in force; empty: none.
func filesNote(c *config.Config) string {
	var bad []string
	for _, f := range fileStates(c) {
		switch f.State {
		case "previous":
			bad = append(bad, "the included file "+f.Name+" can't be used, and its previous version stays in use")
		case "skipped":
			bad = append(bad, "the included file "+f.Name+" is skipped, and its sources and widgets are missing")
		}
	}
	if bad == nil {
		return ""
	}
	const most = 3
	if n := len(bad); n > most {
		bad = append(bad[:most], fmt.Sprintf("in all %d included files have mistakes", n))
	}
	return strings.Join(bad, "; ") + "; see the log or the dashboard"
}

// lower lets a sentence continue another one.
func lower(sentence string) string {
	if sentence == "" {
		return ""
	}
	return strings.ToLower(sentence[:1]) + sentence[1:]
}

// note returns why the last poll of the source failed, and what to do; empty: it succeeded.
func (s *source) note() string {
	if member := s.shared(); member != nil && !member.Polls() {
		if holder, known := member.Holder(); known {
			return "replica " + holder + " polls it, and knows how that goes"
		}
		return ""
	}
	f := s.current().Report().Failure
	if f == nil {
		return ""
	}
	what, remedy := admin.Explain(string(f.Cause), f.Detail)
	return "its last poll failed: " + string(f.Cause) + ": " + what + ". " + strings.TrimSuffix(remedy, ".")
}
