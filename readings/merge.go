package readings

import (
	"maps"
	"time"

	"waitboard/domain"
)

// tolerance is how far two running durations may be apart that count as one. Their instants come over a network, whose jitter moves them
// a little with each poll. Readers of whole seconds or minutes do not notice it, but each change would send an event to all subscribers.
const tolerance = 250 * time.Millisecond

// follow returns an observation as it is stored after another one, at that time. Readings that are nearly the same as before stay as they
// were; because they are compared with what is stored, they are never off by more than the tolerance.
func follow(before *domain.Observation, next domain.Observation, holds []Hold, at time.Time) domain.Observation {
	changed := len(before.Samples) != len(next.Samples)
	var absorbed map[string]domain.Sample // a copy: what the writer has stays as it is
	for category, s := range next.Samples {
		old, ok := before.Sample(category)
		switch {
		case !ok, old.Confirmed.IsZero() != s.Confirmed.IsZero():
			changed = true
		case old.Reading == s.Reading:
		case !same(&old.Reading, &s.Reading):
			changed = true
		default:
			if absorbed == nil {
				absorbed = maps.Clone(next.Samples)
			}
			s.Reading = old.Reading
			absorbed[category] = s
		}
	}
	if absorbed != nil {
		next.Samples = absorbed
	}
	if !changed {
		next.Changed, next.Held = before.ChangedAt(), before.Held
		return next
	}
	next.Changed, next.Held = at, nil
	for _, h := range holds {
		held := h.Metric.HeldAt(h.Placement, before, at)
		if held == (domain.Held{}) {
			continue
		}
		if next.Held == nil {
			next.Held = make(map[domain.Placement]domain.Held, len(holds))
		}
		next.Held[h.Placement] = held
	}
	return next
}

// same reports whether two readings that differ say the same: one stands still whenever it is dated, and running durations are nearly the
// same at all times.
func same(a, b *domain.Reading) bool {
	if a.Kind != domain.Duration || b.Kind != domain.Duration || a.Rate != b.Rate {
		other := *b
		other.Instant = a.Instant
		return *a == other
	}
	if a.Rate == 0 {
		return a.Base == b.Base
	}
	ahead := a.Base - b.Base - a.Rate*float64(a.Instant.Sub(b.Instant))/float64(time.Millisecond)
	return max(ahead, -ahead) <= float64(tolerance/time.Millisecond)
}
