package poller

// A Reason is why a metric has no value, in a word for Prometheus.
type Reason string

// The reasons, from the most to the least serious.
const (
	NotFound     Reason = "not_found"        // no metric has this ID or name, or none is assigned to the key's user
	Ambiguous    Reason = "ambiguous"        // several metrics have this name, or one that looks like it
	NoList       Reason = "list_unavailable" // the name can't be looked up
	Quarantined  Reason = "quarantined"      // the source rejects requests for it
	NoCategory   Reason = "category_missing" // a chosen category value is not among those of the metric
	Unexpected   Reason = "unexpected"       // its last value can't be read
	Initializing Reason = "initializing"     // the source has no value yet
)

// Reason returns why the metric has no value; empty: it has one.
func (m MetricReport) Reason() Reason {
	switch p := problem(m.Problem); {
	case p == missing || p == unlisted:
		return NotFound
	case p == ambiguous || p == lookalikes:
		return Ambiguous
	case m.Rejected:
		return Quarantined
	case p != "":
		return NoList
	case len(m.Missing) > 0:
		return NoCategory
	case m.Unexpected != "":
		return Unexpected
	case m.Initializing > 0:
		return Initializing
	}
	return ""
}
