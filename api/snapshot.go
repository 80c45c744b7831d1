// Package api holds the JSON that the public gets: what partners build on, and nothing else. It is an allow-list: a field
// that is not here can't become public.
package api

// Snapshot is what the public sees of a widget at one instant.
type Snapshot struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Locale       string   `json:"locale"` // of all texts, as a BCP 47 tag
	State        string   `json:"state"`  // open, closed, initializing or unavailable
	Stale        bool     `json:"stale"`  // a shown metric is not up to date
	ObservedAt   string   `json:"observed_at,omitempty"`
	RefreshAfter int      `json:"refresh_after"` // seconds
	OpensAt      string   `json:"opens_at,omitempty"`
	Message      string   `json:"message,omitempty"` // says that it is closed
	Notice       string   `json:"notice,omitempty"`  // what the company has to say, in any state
	Metrics      []Metric `json:"metrics"`
}

// Metric is one line of a snapshot.
type Metric struct {
	ID    string   `json:"id"`
	Label string   `json:"label"`
	Type  string   `json:"type,omitempty"`  // duration, count, boolean or text; not there until a value has told
	Value *any     `json:"value,omitempty"` // durations in seconds; null: none now; not there: see range
	Range *Range   `json:"range,omitempty"`
	Unit  string   `json:"unit,omitempty"`  // s, of durations
	Rate  *float64 `json:"rate,omitempty"`  // seconds per second
	AsOf  string   `json:"as_of,omitempty"` // the instant of value
	Text  string   `json:"text"`            // ready to show
	Level string   `json:"level,omitempty"` // low, moderate or high
	Link  *Link    `json:"link,omitempty"`
	Stale bool     `json:"stale,omitempty"`
}

// Range is a span that holds a value which itself is not told: from min up to, not including, max; durations in seconds.
type Range struct {
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
}

// Link is what a visitor may do instead of waiting.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"` // http, https, tel or mailto
}
