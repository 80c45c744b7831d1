package app

import (
	"cmp"
	"slices"
	"time"

	"waitboard/api/operator"
	"waitboard/config"
)

// state returns what the dashboard shows, except for what its handler adds.
func (a *App) state() operator.State {
	a.mu.Lock()
	rejected, current, public := a.rejected, a.config, publicURL(a.config, a.public)
	a.mu.Unlock()
	now := time.Now()
	out := operator.State{
		Now: now, Version: a.version, NoticesPersistent: a.notices.Persistent(),
		Config:      operator.Config{InForce: rejected == nil, Problems: problems(rejected), Files: fileStates(current)},
		Certificate: a.keys().state(now), Cluster: a.feed.replicas(), Sources: []operator.Source{},
	}
	if rejected != nil {
		out.Config.Reason = rejection(rejected)
	}
	troubled := map[string][]config.Problem{}
	for _, s := range current.Sources {
		troubled[s.Name] = s.Trouble
	}
	for _, s := range a.feed.list() {
		source := s.state(now)
		source.ConfigProblems = lines(troubled[s.config.Name])
		if a.feed.cluster != nil && source.PolledBy == "" && s.polledHere() {
			source.PolledBy = a.feed.cluster.Replica()
		}
		out.Sources = append(out.Sources, source)
	}
	out.Widgets = a.widgetStates(now, public, !current.NoGallery)
	return out
}

// state returns the certificate that expires first; nil: there is none.
func (k *keyring) state(now time.Time) *operator.Certificate {
	_, ends := k.validity()
	if ends.IsZero() {
		return nil
	}
	out := &operator.Certificate{Expires: ends, Automatic: k.expires.IsZero()}
	for _, certificate := range k.latest() {
		out.Late = out.Late || late(certificate, now)
	}
	return out
}

// replicas returns this replica's view of the others; nil: there are none.
func (f *feed) replicas() *operator.Cluster {
	if f.cluster == nil {
		return nil
	}
	leases := map[string]int{}
	for _, s := range f.list() {
		member := s.shared()
		if member == nil {
			continue
		}
		if holder, follows := member.Holder(); follows {
			leases[holder]++
		} else if member.Polls() {
			leases[f.cluster.Replica()]++
		}
	}
	out := &operator.Cluster{Replica: f.cluster.Replica(), Connected: f.cluster.Connected(), Problem: f.cluster.Problem()}
	live := f.cluster.Replicas()
	if !slices.Contains(live, out.Replica) { // while it starts, or the engine does not answer
		live = append(live, out.Replica)
	}
	for _, id := range live {
		out.Replicas = append(out.Replicas, operator.Replica{ID: id, Leases: leases[id]})
	}
	slices.SortFunc(out.Replicas, func(a, b operator.Replica) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
