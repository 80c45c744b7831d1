// Package v1 holds the JSON that the public gets: what partners build on, and nothing else. It is an allow-list: a field
// that is not here can't become public.
//
// The types are also the one description of it. schemagen makes docs/snapshot.schema.json, the schemas of snapshots in
// handlers/openapi.json and the types in web/src/snapshot.ts of them, of their tags and of their comments, which are
// therefore written for partners. What no tag can say is in api/schemagen/shapes.go.
package v1

//go:generate go run ../schemagen

// Snapshot is what the public sees of a widget at one instant.
type Snapshot struct {
	// The widget's ID.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The heading. Plain text, not HTML.
	Title string `json:"title"`
	// The language of all texts, as a BCP 47 tag; that of Arabic says which digits they have (`ar-u-nu-latn`).
	Locale string `json:"locale"`
	// `open`: at least one metric can be shown. `closed`: nothing is shown, because it is outside the hours or the company has closed it. `initializing`: nothing is known yet. `unavailable`: all that is known is too old to show.
	State string `json:"state" jsonschema:"enum=open,enum=closed,enum=initializing,enum=unavailable"`
	// Some shown metric is not up to date.
	Stale bool `json:"stale"`
	// When the oldest of the shown metrics was last confirmed by the phone system, in UTC. There while open, and only then.
	ObservedAt string `json:"observed_at,omitempty" jsonschema:"format=date-time"`
	// After how many seconds to ask again.
	RefreshAfter int `json:"refresh_after" jsonschema:"minimum=1"`
	// How old a metric may be, in seconds, before it is marked. Whoever shows this without contact to the service does it then.
	StaleAfter int `json:"stale_after" jsonschema:"minimum=1"`
	// How old a metric may be, in seconds, before it is no longer shown. Whoever shows this without contact to the service takes it away then.
	HideAfter int `json:"hide_after" jsonschema:"minimum=1"`
	// When it opens, in UTC. Only while closed, and not there if that is not known.
	OpensAt string `json:"opens_at,omitempty" jsonschema:"format=date-time"`
	// Says that it is closed, ready to show. Plain text, not HTML. There while closed, and only then.
	Message string `json:"message,omitempty"`
	// What the company has to say to visitors besides, in any state. Plain text, not HTML. Not there when it has nothing to say. While it closes the widget, `message` is the same.
	Notice string `json:"notice,omitempty"`
	// All metrics of the widget, in its order; none while closed.
	Metrics []Metric `json:"metrics"`
}

// Metric is one value of a widget. It has either a `value`, which is null when there is none now, or a `range`.
type Metric struct {
	// The metric's ID, which no other metric of the widget has.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// What to show beside it. Plain text, not HTML.
	Label string `json:"label"`
	// What kind of value it is. Not there until a value has told; then `value` is null.
	Type string `json:"type,omitempty" jsonschema:"enum=duration,enum=count,enum=boolean,enum=text"`
	// A number for a duration, in seconds, and for a count; true or false for a boolean; a string for a text. Null when there is none now, which is not zero. Not there when only a `range` is told.
	Value *any `json:"value,omitempty" jsonschema_extras:"type=number,type=boolean,type=string,type=null"`
	// The span that holds the value, where only that is told. Only of a duration or a count, and in place of `value`.
	Range *Range `json:"range,omitempty"`
	// Seconds. There for a duration, and only for that.
	Unit string `json:"unit,omitempty" jsonschema_extras:"const=s"`
	// How many seconds a running duration gains per second, such as 1 while a caller waits; never 0. Its value at time t is `value + rate · (t − as_of)`, never below zero. Omitted for a duration that stands still, and for one that display settings changed.
	Rate *float64 `json:"rate,omitempty"`
	// The instant at which a running duration was `value`, in UTC. Present when `rate` is.
	AsOf string `json:"as_of,omitempty" jsonschema:"format=date-time"`
	// The value or the range in words, ready to show. Plain text, not HTML. Durations are rounded up to the minute, unless the company tells them more exactly.
	Text string `json:"text"`
	// How bad it is. Only where the company has said from which value on, and there is a value.
	Level string `json:"level,omitempty" jsonschema:"enum=low,enum=moderate,enum=high"`
	// What a visitor may do instead of waiting. Only where the company offers something at this level.
	Link *Link `json:"link,omitempty"`
	// There, and true, if this metric is not up to date.
	Stale bool `json:"stale,omitempty" jsonschema_extras:"const=true"`
}

// Range is a span that holds a value which itself is not told: from `min` up to, not including, `max`. One of them may be
// missing: then the span is open at that end.
type Range struct {
	// Its lower end, included. Seconds for a duration.
	Min *float64 `json:"min,omitempty"`
	// Its upper end, not included. Seconds for a duration.
	Max *float64 `json:"max,omitempty"`
}

// Link is what a visitor may do instead of waiting, such as asking for a callback.
type Link struct {
	// Its text. Plain text, not HTML.
	Label string `json:"label"`
	// Where it leads: http, https, tel or mailto.
	URL string `json:"url" jsonschema:"format=uri,pattern=^(https?|tel|mailto):"`
}

// Heartbeat is what a stream tells now and then besides snapshots: that it goes on, and how old the last of them has become.
type Heartbeat struct {
	// The widget's ID.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The service's time, in UTC.
	Now string `json:"now" jsonschema:"format=date-time"`
	// The snapshot's `observed_at` as it is by now, which moves on without another snapshot. There while open, and only then.
	ObservedAt string `json:"observed_at,omitempty" jsonschema:"format=date-time"`
	// The snapshot's `stale`.
	Stale bool `json:"stale"`
}
