package poller

import (
	"cmp"
	"time"

	"waitboard/domain"
)

// absorb takes in an answer and reports it to the store. What messages have told since is not undone by it.
func (p *Poller) absorb(b *domain.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(b.Readings) > 0 {
		p.fresh = b.Asked
	}
	parts := make(map[string]*part, len(b.IDs))
	for _, id := range b.IDs {
		parts[id] = &part{}
	}
	for _, r := range b.Readings {
		if part := parts[r.Key.Metric]; part != nil { // what was not asked for is passed over
			part.readings = append(part.readings, r)
		}
	}
	for _, key := range b.Initializing {
		if part := parts[key.Metric]; part != nil {
			part.initializing = append(part.initializing, key.Category)
		}
	}
	for _, id := range b.IDs {
		m := p.asked[id]
		if m == nil {
			continue
		}
		if m.leftOut && p.told["left out "+id] {
			p.log.Info("the source accepts the metric again", "used_by", p.usersOf(id))
			delete(p.told, "left out "+id)
		}
		m.leftOut, m.suspect, m.pause, m.warming = false, false, 0, len(parts[id].initializing) > 0
		p.checkOwed(m, b.Asked)
		before := m.observation
		var unsettled bool
		m.observation, unsettled = parts[id].join(before, b.Asked, p.patience())
		if p.noteOwed(m, before, b.Asked) || unsettled {
			p.doubt = true
		}
		m.oddity = ""
		if parts[id].silent() {
			m.oddity = "answers that leave it out"
		}
		for _, r := range parts[id].readings {
			m.oddity = cmp.Or(m.oddity, r.Oddity)
		}
	}
	observed := make(map[string]domain.Observation, len(b.IDs))
	for _, w := range p.wants {
		m := p.asked[w.id]
		if parts[w.id] == nil || m == nil {
			continue
		}
		if !m.observation.Confirmed.IsZero() { // otherwise the answer has said nothing, and what is shown may stay
			observed[w.Metric] = m.observation
		}
		p.checkCategories(w)
	}
	p.store.Apply(p.name, observed)
	p.tried.Store(true)
}

// A part is what an answer says of one metric.
type part struct {
	readings     []domain.KeyedReading
	initializing []string // category values
}

// silent tells whether the answer says nothing about the metric.
func (a *part) silent() bool { return len(a.readings) == 0 && len(a.initializing) == 0 }

// join brings an observation up to date with an answer that was asked for at that time. Values that are initializing
// keep what was known of them, unconfirmed; those that the answer leaves out while it has others are gone. Where a message
// has told something else, settle says for how long an older answer does not count; unsettled is that there was such a one.
func (a *part) join(old domain.Observation, asked time.Time, settle time.Duration) (joined domain.Observation, unsettled bool) {
	if a.silent() || len(a.readings) == 0 && len(a.initializing) == 1 && a.initializing[0] == "" {
		return old, false // nothing is said, or the metric as a whole is initializing and not even its categories are known
	}
	joined = domain.Observation{
		Confirmed: asked, Complete: asked, Kind: old.Kind,
		Samples: make(map[string]domain.Sample, len(a.readings)+len(a.initializing)),
	}
	for _, category := range a.initializing {
		joined.Samples[category], _ = old.Sample(category)
	}
	for _, r := range a.readings {
		known, _ := old.Sample(r.Key.Category)
		s, contradicts := answered(known, r, asked, settle)
		joined.Samples[r.Key.Category] = s
		if s.Reading.Kind != domain.None {
			joined.Kind = s.Reading.Kind
		}
		unsettled = unsettled || contradicts
	}
	for category, s := range old.Samples {
		if _, said := joined.Samples[category]; !said && s.Told.After(asked) {
			joined.Samples[category] = s // the answer is older than it
		}
	}
	for _, s := range joined.Samples {
		if s.Confirmed.IsZero() {
			joined.Complete = old.Complete
		}
	}
	return joined, unsettled
}

// checkCategories tells the log once when a category value that a widget chose is not among the metric's.
func (p *Poller) checkCategories(w *want) {
	if len(missingCategories(w, p.asked[w.id])) > 0 && p.once("categories "+w.Metric) {
		p.log.Warn("a chosen category value is not among those of the metric; it has no value. `waitboard check` shows which there are", "used_by", w.UsedBy)
	}
}

func missingCategories(w *want, m *metric) (absent []string) {
	if m.observation.Confirmed.IsZero() || m.observation.Restored() {
		return nil
	}
	for _, category := range w.Categories {
		if _, ok := m.observation.Samples[category]; !ok {
			absent = append(absent, category)
		}
	}
	return absent
}
