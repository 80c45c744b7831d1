// Package operator holds the JSON of GET /api/state on the admin listener. The dashboard shows the same value. It is private: it has values
// before the policy, addresses of sources, and names of upstream metrics in trouble.
//
// schemagen generates docs/state.schema.json from these types, their tags and their comments. So the comments are for operators.
package operator

import (
	"encoding/json"
	"math"
	"time"
)

// State is all that the dashboard shows, at one instant.
type State struct {
	// When the state was read.
	Now time.Time `json:"now"`
	// The version of waitboard.
	Version string `json:"version"`
	// The problems that an operator should solve, the most urgent first.
	Problems []Problem `json:"problems"`
	// The configuration that was read last.
	Config Config `json:"config"`
	// The certificate of the public listener. Omitted without one.
	Certificate *Certificate `json:"certificate,omitempty"`
	// This replica and the others. Omitted without `cluster`.
	Cluster *Cluster `json:"cluster,omitempty"`
	// All sources, in the order of the configuration.
	Sources []Source `json:"sources"`
	// All widgets, in the order of the configuration, and then those that are not in it and still have a notice.
	Widgets []Widget `json:"widgets"`
	// Webhooks, in the order of the configuration. Omitted without any.
	Webhooks []Webhook `json:"webhooks,omitempty"`
	// Whether notices survive a restart.
	NoticesPersistent bool `json:"notices_persistent"`
}

// Problem is something that an operator should solve.
type Problem struct {
	// What kind of problem it is. New kinds may come.
	Kind string `json:"kind" jsonschema:"enum=config,enum=file,enum=certificate,enum=cluster,enum=key,enum=tls,enum=source,enum=source_config,enum=source_certificate,enum=clock,enum=metric,enum=category,enum=quarantine,enum=widget,enum=estimate,enum=origins,enum=webhook"`
	// `error`: visitors miss something now. `warning`: they may miss something later, or an operator should know.
	Level string `json:"level" jsonschema:"enum=error,enum=warning"`
	// The source that it is about. Omitted if it is about none.
	Source string `json:"source,omitempty"`
	// The widget that it is about. Omitted if it is about none, or several.
	Widget string `json:"widget,omitempty"`
	// The metrics of widgets that it is about, as `widget.metric`. Omitted if it is not about single metrics.
	UsedBy []string `json:"used_by,omitempty"`
	// What is wrong.
	Text string `json:"text"`
	// Upstream names and messages that belong to the text, such as the missing metric.
	Names []string `json:"names,omitempty"`
	// What to do.
	Remedy string `json:"remedy"`
	// Upstream names that the remedy suggests, the nearest first.
	Near []string `json:"near,omitempty"`
}

// Config is the state of the configuration file.
type Config struct {
	// Whether the configuration that was read last is in force. Otherwise the one before it is.
	InForce bool `json:"in_force"`
	// Why it is not in force, in a sentence.
	Reason string `json:"reason,omitempty"`
	// Its mistakes, and what to do.
	Problems []string `json:"problems,omitempty"`
	// The included files.
	Files []File `json:"files,omitempty"`
}

// File is an included file.
type File struct {
	// Its name.
	Name string `json:"name"`
	// `ok`: it is in force. `previous`: its previous sources and widgets stay in use. `skipped`: it has none, and they are missing.
	State string `json:"state" jsonschema:"enum=ok,enum=previous,enum=skipped"`
	// Its mistakes, and what to do.
	Problems []string `json:"problems,omitempty"`
}

// Certificate is the certificate of the public listener, or the first of several that expires.
type Certificate struct {
	// When it expires.
	Expires time.Time `json:"expires"`
	// Whether waitboard renews it.
	Automatic bool `json:"automatic"`
	// Whether its renewal is overdue.
	Late bool `json:"late"`
}

// Cluster is this replica's view of all replicas.
type Cluster struct {
	// The ID of this replica.
	Replica string `json:"replica"`
	// Whether the engine responds.
	Connected bool `json:"connected"`
	// What is wrong, in a sentence. Omitted if nothing is.
	Problem string `json:"problem,omitempty"`
	// The live replicas, sorted by their IDs.
	Replicas []Replica `json:"replicas"`
}

// Replica is one of several waitboard processes that serve the same configuration.
type Replica struct {
	// Its ID.
	ID string `json:"id"`
	// How many leases of sources it holds.
	Leases int `json:"leases"`
}

// Source is an upstream server.
type Source struct {
	// Its ID in the configuration.
	ID string `json:"id"`
	// The scheme, host and port of its address.
	Address string `json:"address"`
	// `ok`: the last poll succeeded. `failing`: it failed. `waiting`: no poll has ended yet. `unusable`: its key or certificates can't be read. `follows`: another replica polls it.
	State string `json:"state" jsonschema:"enum=ok,enum=failing,enum=waiting,enum=unusable,enum=follows"`
	// Why the last poll failed, in a word. Present only while `failing`.
	Cause string `json:"cause,omitempty"`
	// Why the last poll failed, in a sentence. Present only while `failing`.
	Detail string `json:"detail,omitempty"`
	// Since when polls fail. Present only while `failing`.
	FailingSince *time.Time `json:"failing_since,omitempty"`
	// The replica that polls it. Omitted without `cluster`.
	PolledBy string `json:"polled_by,omitempty"`
	// When the last poll by this replica ended. Omitted before that.
	LastPoll *time.Time `json:"last_poll,omitempty"`
	// How long that poll took, in seconds.
	Latency float64 `json:"latency,omitempty"`
	// When the source last sent a value to this replica. Omitted before that.
	LastAnswer *time.Time `json:"last_answer,omitempty"`
	// Polls by this replica in the last hour.
	Hour Hour `json:"hour"`
	// Whether the source pushes changes.
	Subscription Subscription `json:"subscription"`
	// How far its clock is ahead of ours, in seconds. Omitted while unknown.
	ClockAhead *float64 `json:"clock_ahead,omitempty"`
	// When its certificate expires. Omitted without TLS.
	CertificateExpires *time.Time `json:"certificate_expires,omitempty"`
	// The setting that holds its key.
	Key string `json:"key"`
	// Why its key or its certificates can't be read, and what to do.
	ConfigProblems []string `json:"config_problems,omitempty"`
	// Upstream metrics that can't have a value, as far as this replica knows.
	Metrics []SourceMetric `json:"metrics,omitempty"`
}

// Hour holds counts of the last 60 minutes, the oldest first. The last one is of the present minute.
type Hour struct {
	// Polls in each minute, failed ones included.
	Polls []int `json:"polls"`
	// Polls in each minute that failed.
	Failures []int `json:"failures"`
}

// Subscription says whether a source pushes changes.
type Subscription struct {
	// `active`: it pushes all changes. `partial`: it pushes some. `unavailable`: the last attempt failed. `waiting`: no attempt yet. `off`: waitboard subscribes to nothing.
	State string `json:"state" jsonschema:"enum=active,enum=partial,enum=unavailable,enum=waiting,enum=off"`
	// Since when it has been so. Omitted before the first attempt.
	Since *time.Time `json:"since,omitempty"`
	// Metrics that waitboard polls, because the subscription doesn't include them.
	Polled int `json:"polled,omitempty"`
	// Why the last attempt failed, in a word. Omitted after a successful one.
	Cause string `json:"cause,omitempty"`
	// Why the last attempt failed, in a sentence.
	Detail string `json:"detail,omitempty"`
	// When that attempt ended. Its cause may be gone by now.
	Tried *time.Time `json:"tried,omitempty"`
	// When the next attempt is due.
	Next *time.Time `json:"next,omitempty"`
}

// SourceMetric is an upstream metric without a value.
type SourceMetric struct {
	// `not_found`: the source lists no such metric. `ambiguous`: it lists several. `list_unavailable`: its list can't be read. `quarantined`: it rejects requests for the metric. `category_missing`: a chosen category value is gone. `unexpected`: the last value can't be read. `initializing`: the first value has not arrived yet.
	Reason string `json:"reason" jsonschema:"enum=not_found,enum=ambiguous,enum=list_unavailable,enum=quarantined,enum=category_missing,enum=unexpected,enum=initializing"`
	// The reason in a sentence.
	Text string `json:"text"`
	// The metric's ID or name in the configuration.
	Metric string `json:"metric"`
	// The metrics of widgets that show it, as `widget.metric`.
	UsedBy []string `json:"used_by"`
	// Similar names or IDs that the source lists, the nearest first.
	Near []string `json:"near,omitempty"`
	// Chosen category values that the metric doesn't have.
	Categories []string `json:"categories,omitempty"`
	// When waitboard requests it again. Present only while it is quarantined.
	Retry *time.Time `json:"retry,omitempty"`
}

// Widget is what a company publishes together.
type Widget struct {
	// Its ID.
	ID string `json:"id"`
	// The heading.
	Title string `json:"title"`
	// What the public sees: `open`, `closed`, `initializing` or `unavailable`. `removed`: it is not in the configuration, and still has a notice.
	State string `json:"state" jsonschema:"enum=open,enum=closed,enum=initializing,enum=unavailable,enum=removed"`
	// Whether a shown metric is stale.
	Stale bool `json:"stale"`
	// What visitors read while it is closed.
	Message string `json:"message,omitempty"`
	// The zone in which its times are stated.
	Zone string `json:"zone"`
	// Its opening hours. Omitted without hours.
	Hours *Hours `json:"hours,omitempty"`
	// The notice that visitors read. Omitted without one.
	Notice *Notice `json:"notice,omitempty"`
	// Its metrics, in their order.
	Metrics []Metric `json:"metrics"`
	// The address of the page to share.
	Page string `json:"page,omitempty"`
	// The address of the builder of snippets.
	Builder string `json:"builder,omitempty"`
	// The sources that it reads.
	Sources []string `json:"sources,omitempty"`
	// Sites that `origins` refused in the last 24 hours. Of all widgets together, the 20 most frequent ones are listed.
	Refused []Site `json:"refused,omitempty"`
	// Sites that embed it, with their requests in the last 24 hours; 20 at most.
	EmbeddedBy []Site `json:"embedded_by,omitempty"`
}

// Hours say whether a widget is within its opening hours. A notice can close it in spite of them.
type Hours struct {
	// Whether it is within them.
	Open bool `json:"open"`
	// When that changes. Omitted if it doesn't change within a year.
	Until *time.Time `json:"until,omitempty"`
}

// Notice is a text for visitors.
type Notice struct {
	// The text.
	Text string `json:"text"`
	// Whether it closes the widget.
	Closed bool `json:"closed"`
	// When it begins. Omitted if it has begun.
	From *time.Time `json:"from,omitempty"`
	// When it ends. Omitted if it stays until somebody removes it.
	Until *time.Time `json:"until,omitempty"`
	// Whether it is from the configuration, and not from an operator.
	Configured bool `json:"configured"`
}

// Metric is one row of a widget: the private value next to what the public sees.
type Metric struct {
	// Its ID.
	ID string `json:"id"`
	// The text next to the value.
	Label string `json:"label"`
	// The source that it is read from.
	Source string `json:"source"`
	// The type of the value. Omitted until the first one arrives.
	Type string `json:"type,omitempty" jsonschema:"enum=duration,enum=count,enum=boolean,enum=text"`
	// The value before the policy: seconds for a duration, a number for a count, true or false, or a text; of an estimate, how long the first in line has waited. Null without one.
	Value any `json:"value" jsonschema_extras:"type=number,type=boolean,type=string,type=null"`
	// That value in words.
	Text string `json:"text"`
	// What the public sees of it in words. Omitted while the widget is closed.
	Public string `json:"public,omitempty"`
	// When the source last confirmed it. Omitted before that.
	Confirmed *time.Time `json:"confirmed,omitempty"`
	// Whether it is marked as stale.
	Stale bool `json:"stale"`
	// Whether it is too old to show.
	Hidden bool `json:"hidden"`
	// The level of the value.
	Level string `json:"level,omitempty" jsonschema:"enum=low,enum=moderate,enum=high"`
	// Why an estimate can't be made. `not_head_of_line`: its wait doesn't run as that of one caller. `not_a_number`: its queue or agents aren't a number.
	Trouble string `json:"trouble,omitempty" jsonschema:"enum=not_head_of_line,enum=not_a_number"`
	// The value before the policy at each of the last 180 full minutes, the oldest first. Null where there was none, or it was too old to show. Omitted for a text.
	Trend Trend `json:"trend,omitempty"`
	// What an estimate learned, and how true it was. Present only for an estimate.
	Estimate *Estimate `json:"estimate,omitempty"`
}

// Estimate is what an estimate learned, and how true it was during 28 days.
type Estimate struct {
	// How many callers it is judged by. Waits in the time before the first announcement don't count.
	Samples int `json:"samples"`
	// How many of them waited as long as visitors read.
	Covered int `json:"covered"`
	// How many of them waited more than a minute longer than visitors read.
	Longer int `json:"longer_than_said"`
	// The same by the number of callers ahead, from 0. The last one also counts for more. Empty before the first wait.
	Ahead []EstimateAhead `json:"ahead"`
}

// EstimateAhead is what an estimate learned of callers with the same number of others ahead.
type EstimateAhead struct {
	// How many callers waited when they arrived.
	Ahead int `json:"ahead"`
	// The lower end of the range before `display`, in seconds. Omitted while too little is known.
	Low *float64 `json:"low,omitempty"`
	// The upper end, in seconds. Omitted while too little is known.
	High *float64 `json:"high,omitempty"`
	// Half of them waited no longer than this, in seconds.
	Median float64 `json:"median"`
	// How many callers this is judged by.
	Samples int `json:"samples"`
	// How many of them waited as long as visitors read.
	Covered int `json:"covered"`
	// How many of them waited more than a minute longer than visitors read.
	Longer int `json:"longer_than_said"`
}

// Trend holds values at regular times; NaN where there is none.
type Trend []float32

// MarshalJSON writes null for NaN.
func (t Trend) MarshalJSON() ([]byte, error) {
	out := make([]*float32, len(t))
	for i := range t {
		if !math.IsNaN(float64(t[i])) {
			out[i] = &t[i]
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads NaN from null.
func (t *Trend) UnmarshalJSON(raw []byte) error {
	var in []*float32
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*t = make(Trend, len(in))
	for i, v := range in {
		(*t)[i] = float32(math.NaN())
		if v != nil {
			(*t)[i] = *v
		}
	}
	return nil
}

// Site is a page's origin: a scheme and a host.
type Site struct {
	// Scheme and host, such as `https://www.example.com`.
	Site string `json:"site"`
	// How many requests it made.
	Requests int `json:"requests"`
}

// Webhook is a receiver of messages.
type Webhook struct {
	// Its ID in the configuration.
	ID string `json:"id"`
	// The worst that holds. `ok`: the last attempt succeeded, or there was none. `elsewhere`: another replica sends its messages. `lossy`: within a day it dropped messages, because its queue was full. `misconfigured`: it is not as configured, and does what is possible. `failing`: the last attempt failed. `blocked`: its queue can't be stored, so new messages wait. `unusable`: its URL or its secret can't be read, and it sends nothing.
	State string `json:"state" jsonschema:"enum=ok,enum=elsewhere,enum=lossy,enum=misconfigured,enum=failing,enum=blocked,enum=unusable"`
	// How many messages wait.
	Queued int `json:"queued"`
	// When waitboard created the oldest of them. Omitted without one.
	Oldest *time.Time `json:"oldest,omitempty"`
	// When a message was last delivered. Omitted before that.
	Delivered *time.Time `json:"delivered,omitempty"`
	// All that is wrong, in words. Omitted if nothing is.
	Problem string `json:"problem,omitempty"`
}
