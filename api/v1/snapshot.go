// Package v1 holds the public JSON, on which partners build. It is an allow-list: a field that is not here can't become public.
//
// schemagen makes docs/snapshot.schema.json, the schemas of snapshots in handlers/openapi.json, the tables in docs/api.md and the types in
// web/src/snapshot.ts from these types, their tags and their comments. So the comments are for partners. api/schemagen/shapes.go holds what
// no tag can express.
package v1

//go:generate go run ../schemagen

// Snapshot is a widget as the public sees it at one instant.
type Snapshot struct {
	// The widget's ID.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The heading. Plain text, not HTML.
	Title string `json:"title"`
	// The language of all texts, as a BCP 47 tag; for Arabic it includes the digits (`ar-u-nu-latn`).
	Locale string `json:"locale"`
	// `open`: the phone system has confirmed at least one metric recently enough; its value can still be null. `closed`: outside the hours, or closed by the company; no values. `initializing`: no value has arrived yet. `unavailable`: all values are too old to show.
	State string `json:"state" jsonschema:"enum=open,enum=closed,enum=initializing,enum=unavailable"`
	// Whether a shown metric is not up to date.
	Stale bool `json:"stale"`
	// When the phone system last confirmed the oldest of the shown metrics, in UTC. Present only while open.
	ObservedAt string `json:"observed_at,omitempty" jsonschema:"format=date-time"`
	// After how many seconds to request the snapshot again.
	RefreshAfter int `json:"refresh_after" jsonschema:"minimum=1"`
	// The age of a metric, in seconds, after which it is marked as stale. A client without contact to the service marks it then.
	StaleAfter int `json:"stale_after" jsonschema:"minimum=1"`
	// The age of a metric, in seconds, after which it is hidden. A client without contact to the service hides it then.
	HideAfter int `json:"hide_after" jsonschema:"minimum=1"`
	// When the widget opens, in UTC. Present only while closed; omitted if unknown.
	OpensAt string `json:"opens_at,omitempty" jsonschema:"format=date-time"`
	// A text that the widget is closed, ready to show. Plain text, not HTML. Present only while closed.
	Message string `json:"message,omitempty"`
	// An additional text of the company, in any state. Plain text, not HTML. Omitted when there is none. If the notice closes the widget, `message` is the same text.
	Notice string `json:"notice,omitempty"`
	// All metrics of the widget, in its order; empty while closed.
	Metrics []Metric `json:"metrics"`
}

// Metric is one value of a widget. It has either a `value`, which is null without a current value, or a `range`.
type Metric struct {
	// The metric's ID, unique within the widget.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The text next to the value. Plain text, not HTML.
	Label string `json:"label"`
	// The type of the value. Omitted until the first value arrives; `value` is null until then.
	Type string `json:"type,omitempty" jsonschema:"enum=duration,enum=count,enum=boolean,enum=text"`
	// A number of seconds for a duration, a number for a count, true or false for a boolean, a string for a text. Null without a current value, which is not zero. Omitted when there is a `range`.
	Value *any `json:"value,omitempty" jsonschema_extras:"type=number,type=boolean,type=string,type=null"`
	// The range that holds the value, in place of `value`. Only for a duration or a count.
	Range *Range `json:"range,omitempty"`
	// Seconds. Present only for a duration.
	Unit string `json:"unit,omitempty" jsonschema_extras:"const=s"`
	// How many seconds a running duration gains per second, such as 1 while a caller waits; never 0. Its value at time t is `value + rate · (t − as_of)`, never below zero. Omitted for a duration that stands still, and for one that display settings changed.
	Rate *float64 `json:"rate,omitempty"`
	// The instant at which a running duration was `value`, in UTC. Present when `rate` is.
	AsOf string `json:"as_of,omitempty" jsonschema:"format=date-time"`
	// The value or the range in words, ready to show; without them what is typical, marked as such. Plain text, not HTML. Durations are rounded up to the minute, unless the company shows them more exactly.
	Text string `json:"text"`
	// How bad the value is. Present only with a value, if the company has set levels.
	Level string `json:"level,omitempty" jsonschema:"enum=low,enum=moderate,enum=high"`
	// What is typical of this hour of the week. It is never part of `value`. Present only if the company collects it, and enough is known.
	Typical *Typical `json:"typical,omitempty"`
	// How the value that visitors see compares with `typical`. Present only with both.
	Compared string `json:"compared,omitempty" jsonschema:"enum=quieter,enum=usual,enum=busier"`
	// What an estimate is based on. `live`: the line of callers at this moment. `insufficient`: too little is known, and there is no value. Present only for an estimate.
	Basis string `json:"basis,omitempty" jsonschema:"enum=live,enum=insufficient"`
	// How true the estimate was. Present only for an estimate, if the company publishes it.
	Estimate *Estimate `json:"estimate,omitempty"`
	// A link for visitors who do not want to wait. Present only if the company offers one at this level.
	Link *Link `json:"link,omitempty"`
	// True if this metric is not up to date; otherwise omitted.
	Stale bool `json:"stale,omitempty" jsonschema_extras:"const=true"`
}

// Range holds a hidden value: from `min` up to but not including `max`. If one of them is missing, the range is open at that end.
type Range struct {
	// The lower end, inclusive. Seconds for a duration.
	Min *float64 `json:"min,omitempty"`
	// The upper end, exclusive. Seconds for a duration.
	Max *float64 `json:"max,omitempty"`
}

// Typical is the range of a metric for most of the time in one hour of the week. Display settings apply to both ends.
type Typical struct {
	// The lower end, inclusive. Seconds for a duration.
	Low float64 `json:"low"`
	// The upper end, inclusive. Seconds for a duration. Omitted if display settings hide it.
	High *float64 `json:"high,omitempty"`
	// Seconds. Present only for a duration.
	Unit string `json:"unit,omitempty" jsonschema_extras:"const=s"`
	// On how many dates the hour was seen.
	Weeks int `json:"weeks" jsonschema:"minimum=1"`
	// The range in words, ready to show, with a comparison where there is one. Plain text, not HTML.
	Text string `json:"text"`
}

// Estimate is how true the ranges of an estimate were during 28 days, as visitors saw them.
type Estimate struct {
	// The share of callers who waited as long as the range said, from 0 to 1. Omitted without samples.
	Covered *float64 `json:"covered,omitempty" jsonschema:"minimum=0,maximum=1"`
	// The share of callers who waited more than a minute longer than the range said, from 0 to 1. Omitted without samples.
	LongerThanSaid *float64 `json:"longer_than_said,omitempty" jsonschema:"minimum=0,maximum=1"`
	// How many callers this is about.
	Samples int `json:"samples" jsonschema:"minimum=0"`
}

// TypicalWeek is what is typical of a widget's metrics, by hours of the week.
type TypicalWeek struct {
	// The widget's ID.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The language of all texts, as a BCP 47 tag.
	Locale string `json:"locale"`
	// The time zone of days and hours, by its IANA name.
	Timezone string `json:"timezone"`
	// The metrics for which the company collects what is typical, and the estimates, whose hours are empty.
	Metrics []TypicalMetric `json:"metrics"`
}

// TypicalMetric is what is typical of one metric.
type TypicalMetric struct {
	// The metric's ID, unique within the widget.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The text next to the value. Plain text, not HTML.
	Label string `json:"label"`
	// Seconds. Present only for a duration.
	Unit string `json:"unit,omitempty" jsonschema_extras:"const=s"`
	// The open hours of which enough is known, in order, Monday's first.
	Hours []TypicalHour `json:"hours"`
	// The quietest hours to come.
	Quietest Quietest `json:"quietest"`
	// How true the estimate was. Present only for an estimate.
	Estimate *Estimate `json:"estimate,omitempty"`
}

// TypicalHour is what is typical of one hour of the week.
type TypicalHour struct {
	// The day of the week.
	Day string `json:"day" jsonschema:"enum=monday,enum=tuesday,enum=wednesday,enum=thursday,enum=friday,enum=saturday,enum=sunday"`
	// The hour of the day at which it begins.
	Hour int `json:"hour" jsonschema:"minimum=0,maximum=23"`
	// The lower end, inclusive. Seconds for a duration.
	Low float64 `json:"low"`
	// The upper end, inclusive. Seconds for a duration. Omitted if display settings hide it.
	High *float64 `json:"high,omitempty"`
	// On how many dates the hour was seen.
	Weeks int `json:"weeks" jsonschema:"minimum=1"`
	// The range in words, ready to show. Plain text, not HTML.
	Text string `json:"text"`
}

// Quietest holds open hours to come that are typically the quietest, the quietest first; at most three each.
type Quietest struct {
	// The hours of today, from the present one on.
	Today []QuietHour `json:"today"`
	// The hours of the next seven days, from the present one on.
	Week []QuietHour `json:"week"`
}

// QuietHour is an hour to come.
type QuietHour struct {
	// When it begins, in UTC.
	Start string `json:"start" jsonschema:"format=date-time"`
	// When it ends, in UTC.
	End string `json:"end" jsonschema:"format=date-time"`
	// The lower end, inclusive. Seconds for a duration.
	Low float64 `json:"low"`
	// The upper end, inclusive. Seconds for a duration. Omitted if display settings hide it.
	High *float64 `json:"high,omitempty"`
	// The range in words, ready to show. Plain text, not HTML.
	Text string `json:"text"`
}

// Chart is what is typical of the hours of a day or a week, in the form and the words in which widgets show it.
type Chart struct {
	// The widget's ID.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The language of all texts but `label`, as a BCP 47 tag.
	Locale string `json:"locale"`
	// The metric's label, in the widget's language. Plain text, not HTML. Omitted if the company collects what is typical of no metric.
	Label string `json:"label,omitempty"`
	// What the chart shows: its hours, and the day.
	Caption string `json:"caption"`
	// Why there are no bars. Present only without any.
	Message string `json:"message,omitempty"`
	// The scale from its start to its end. Present only with bars.
	Scale string `json:"scale,omitempty"`
	// The lines of the scale above zero, at most three.
	Marks []ChartMark `json:"marks"`
	// One text for each hour for which the chart has a place: the hour of day, or empty where no text fits.
	Clocks []string `json:"clocks"`
	// Today, or the days of this week. Weeks begin as usual in the language.
	Days []ChartDay `json:"days"`
	// Which hour of the rest of today is typically the quietest. Present only if hours differ.
	Foot string `json:"foot,omitempty"`
	// When the chart changes, in UTC.
	Until string `json:"until" jsonschema:"format=date-time"`
}

// ChartMark is a line of a chart's scale.
type ChartMark struct {
	// Its place on the scale. 1 is the end of the scale.
	At float64 `json:"at" jsonschema:"minimum=0,maximum=1"`
	// The value at that place.
	Text string `json:"text"`
}

// ChartDay is a day of a chart.
type ChartDay struct {
	// The day of the week.
	Name string `json:"name"`
	// True for today, otherwise omitted.
	Today bool `json:"today,omitempty" jsonschema_extras:"const=true"`
	// The open hours of which enough is known, in order.
	Bars []ChartBar `json:"bars"`
}

// ChartBar is what is typical of an hour.
type ChartBar struct {
	// Its place among `clocks`, from 0.
	Place int `json:"place" jsonschema:"minimum=0,maximum=23"`
	// Where the bar begins on the scale. 1 is the end of the scale.
	Low float64 `json:"low" jsonschema:"minimum=0,maximum=1"`
	// Where the bar ends on the scale.
	High float64 `json:"high" jsonschema:"minimum=0,maximum=1"`
	// True for the present hour, otherwise omitted.
	Now bool `json:"now,omitempty" jsonschema_extras:"const=true"`
	// The hour, its day in a week, and the typical range.
	Text string `json:"text"`
}

// Link is a link for visitors who do not want to wait, such as a request for a callback.
type Link struct {
	// The text of the link. Plain text, not HTML.
	Label string `json:"label"`
	// The address of the link: http, https, tel or mailto.
	URL string `json:"url" jsonschema:"format=uri,pattern=^(https?|tel|mailto):"`
}

// Heartbeat is a regular event between snapshots. It shows that the stream is alive, and the age of the last snapshot.
type Heartbeat struct {
	// The widget's ID.
	ID string `json:"id" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]{0\\,63}$"`
	// The service's time, in UTC.
	Now string `json:"now" jsonschema:"format=date-time"`
	// The present `observed_at` of the snapshot, which advances without a new snapshot. Present only while open.
	ObservedAt string `json:"observed_at,omitempty" jsonschema:"format=date-time"`
	// The snapshot's `stale`.
	Stale bool `json:"stale"`
}
