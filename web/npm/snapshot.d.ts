// Made of the Go types in api/v1/snapshot.go, as docs/snapshot.schema.json is, by: go generate ./api/v1
//
// Times are in RFC 3339, such as 2026-11-23T12:00:05.250Z. New fields may be added; these stay.

/** A widget as the public sees it at one instant. Version 1 may get new fields, and existing ones stay. Ignore unknown fields, as this schema does. */
export type Snapshot =
  | OpenSnapshot
  | ClosedSnapshot
  | InitializingSnapshot
  | UnavailableSnapshot;

/** The fields of every form of a Snapshot. */
export interface SnapshotFields {
  /** The widget's ID. */
  id: string;
  /** The heading. Plain text, not HTML. */
  title: string;
  /** The language of all texts, as a BCP 47 tag; for Arabic it includes the digits (`ar-u-nu-latn`). */
  locale: string;
  /** `open`: the phone system has confirmed at least one metric recently enough; its value can still be null. `closed`: outside the hours, or closed by the company; no values. `initializing`: no value has arrived yet. `unavailable`: all values are too old to show. */
  state: "open" | "closed" | "initializing" | "unavailable";
  /** Whether a shown metric is not up to date. */
  stale: boolean;
  /** When the phone system last confirmed the oldest of the shown metrics, in UTC. Present only while open. */
  observed_at?: string;
  /** After how many seconds to request the snapshot again. */
  refresh_after: number;
  /** The age of a metric, in seconds, after which it is marked as stale. A client without contact to the service marks it then. */
  stale_after: number;
  /** The age of a metric, in seconds, after which it is hidden. A client without contact to the service hides it then. */
  hide_after: number;
  /** When the widget opens, in UTC. Present only while closed; omitted if unknown. */
  opens_at?: string;
  /** A text that the widget is closed, ready to show. Plain text, not HTML. Present only while closed. */
  message?: string;
  /** An additional text of the company, in any state. Plain text, not HTML. Omitted when there is none. If the notice closes the widget, `message` is the same text. */
  notice?: string;
  /** All metrics of the widget, in its order; empty while closed. */
  metrics: Metric[];
}

/** A widget with something to show. */
export interface OpenSnapshot extends SnapshotFields {
  state: "open";
  observed_at: string;
  opens_at?: never;
  message?: never;
}

/** A closed widget. */
export interface ClosedSnapshot extends SnapshotFields {
  state: "closed";
  stale: false;
  observed_at?: never;
  message: string;
}

/** A widget whose first values have not arrived. */
export interface InitializingSnapshot extends SnapshotFields {
  state: "initializing";
  stale: false;
  observed_at?: never;
  opens_at?: never;
  message?: never;
}

/** A widget whose values are all too old to show. */
export interface UnavailableSnapshot extends SnapshotFields {
  state: "unavailable";
  stale: false;
  observed_at?: never;
  opens_at?: never;
  message?: never;
}

/** One value of a widget. It has either a `value`, which is null without a current value, or a `range`. */
export type Metric =
  | RunningDurationMetric
  | DurationMetric
  | CountMetric
  | BooleanMetric
  | TextMetric
  | DurationRangeMetric
  | CountRangeMetric
  | EmptyMetric;

/** The fields of every form of a Metric. */
export interface MetricFields {
  /** The metric's ID, unique within the widget. */
  id: string;
  /** The text next to the value. Plain text, not HTML. */
  label: string;
  /** The type of the value. Omitted until the first value arrives; `value` is null until then. */
  type?: "duration" | "count" | "boolean" | "text";
  /** A number of seconds for a duration, a number for a count, true or false for a boolean, a string for a text. Null without a current value, which is not zero. Omitted when there is a `range`. */
  value?: number | boolean | string | null;
  /** The range that holds the value, in place of `value`. Only for a duration or a count. */
  range?: Range;
  /** Seconds. Present only for a duration. */
  unit?: "s";
  /** How many seconds a running duration gains per second, such as 1 while a caller waits; never 0. Its value at time t is `value + rate · (t − as_of)`, never below zero. Omitted for a duration that stands still, and for one that display settings changed. */
  rate?: number;
  /** The instant at which a running duration was `value`, in UTC. Present when `rate` is. */
  as_of?: string;
  /** The value or the range in words, ready to show; without them what is typical, marked as such. Plain text, not HTML. Durations are rounded up to the minute, unless the company shows them more exactly. */
  text: string;
  /** How bad the value is. Present only with a value, if the company has set levels. */
  level?: "low" | "moderate" | "high";
  /** What is typical of this hour of the week. It is never part of `value`. Present only if the company collects it, and enough is known. */
  typical?: Typical;
  /** How the value that visitors see compares with `typical`. Present only with both. */
  compared?: "quieter" | "usual" | "busier";
  /** What an estimate is based on. `live`: the line of callers at this moment. `insufficient`: too little is known, and there is no value. Present only for an estimate. */
  basis?: "live" | "insufficient";
  /** How true the estimate was. Present only for an estimate, if the company publishes it. */
  estimate?: Estimate;
  /** A link for visitors who do not want to wait. Present only if the company offers one at this level. */
  link?: Link;
  /** True if this metric is not up to date; otherwise omitted. */
  stale?: true;
}

/** A duration that grows or shrinks. */
export interface RunningDurationMetric extends MetricFields {
  type: "duration";
  value: number;
  range?: never;
  unit: "s";
  rate: number;
  as_of: string;
}

/** A duration that stands still, or that the company's display settings changed, such as by rounding. */
export interface DurationMetric extends MetricFields {
  type: "duration";
  value: number;
  range?: never;
  unit: "s";
  rate?: never;
  as_of?: never;
}

/** A number of something. */
export interface CountMetric extends MetricFields {
  type: "count";
  value: number;
  range?: never;
  unit?: never;
  rate?: never;
  as_of?: never;
}

/** A yes or no. */
export interface BooleanMetric extends MetricFields {
  type: "boolean";
  value: boolean;
  range?: never;
  unit?: never;
  rate?: never;
  as_of?: never;
}

/** A text of the phone system. Plain text, not HTML. */
export interface TextMetric extends MetricFields {
  type: "text";
  value: string;
  range?: never;
  unit?: never;
  rate?: never;
  as_of?: never;
}

/** A duration that is shown as a range. */
export interface DurationRangeMetric extends MetricFields {
  type: "duration";
  value?: never;
  range: Range;
  unit: "s";
  rate?: never;
  as_of?: never;
}

/** A number of something that is shown as a range. */
export interface CountRangeMetric extends MetricFields {
  type: "count";
  value?: never;
  range: Range;
  unit?: never;
  rate?: never;
  as_of?: never;
}

/** A metric without a current value. */
export interface EmptyMetric extends MetricFields {
  value: null;
  range?: never;
  rate?: never;
  as_of?: never;
  level?: never;
  compared?: never;
  link?: never;
}

/** A hidden value: from `min` up to but not including `max`. If one of them is missing, the range is open at that end. */
export interface Range {
  /** The lower end, inclusive. Seconds for a duration. */
  min?: number;
  /** The upper end, exclusive. Seconds for a duration. */
  max?: number;
}

/** The range of a metric for most of the time in one hour of the week. Display settings apply to both ends. */
export interface Typical {
  /** The lower end, inclusive. Seconds for a duration. */
  low: number;
  /** The upper end, inclusive. Seconds for a duration. Omitted if display settings hide it. */
  high?: number;
  /** Seconds. Present only for a duration. */
  unit?: "s";
  /** On how many dates the hour was seen. */
  weeks: number;
  /** The range in words, ready to show, with a comparison where there is one. Plain text, not HTML. */
  text: string;
}

/** How true the ranges of an estimate were during 28 days, as visitors saw them. */
export interface Estimate {
  /** The share of callers who waited as long as the range said, from 0 to 1. Omitted without samples. */
  covered?: number;
  /** The share of callers who waited more than a minute longer than the range said, from 0 to 1. Omitted without samples. */
  longer_than_said?: number;
  /** How many callers this is about. */
  samples: number;
}

/** A link for visitors who do not want to wait, such as a request for a callback. */
export interface Link {
  /** The text of the link. Plain text, not HTML. */
  label: string;
  /** The address of the link: http, https, tel or mailto. */
  url: string;
}

/** A regular event between snapshots. It shows that the stream is alive, and the age of the last snapshot. */
export interface Heartbeat {
  /** The widget's ID. */
  id: string;
  /** The service's time, in UTC. */
  now: string;
  /** The present `observed_at` of the snapshot, which advances without a new snapshot. Present only while open. */
  observed_at?: string;
  /** The snapshot's `stale`. */
  stale: boolean;
}

/** What is typical of a widget's metrics, by hours of the week. */
export interface TypicalWeek {
  /** The widget's ID. */
  id: string;
  /** The language of all texts, as a BCP 47 tag. */
  locale: string;
  /** The time zone of days and hours, by its IANA name. */
  timezone: string;
  /** The metrics for which the company collects what is typical, and the estimates, whose hours are empty. */
  metrics: TypicalMetric[];
}

/** What is typical of one metric. */
export interface TypicalMetric {
  /** The metric's ID, unique within the widget. */
  id: string;
  /** The text next to the value. Plain text, not HTML. */
  label: string;
  /** Seconds. Present only for a duration. */
  unit?: "s";
  /** The open hours of which enough is known, in order, Monday's first. */
  hours: TypicalHour[];
  /** The quietest hours to come. */
  quietest: Quietest;
  /** How true the estimate was. Present only for an estimate. */
  estimate?: Estimate;
}

/** What is typical of one hour of the week. */
export interface TypicalHour {
  /** The day of the week. */
  day: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
  /** The hour of the day at which it begins. */
  hour: number;
  /** The lower end, inclusive. Seconds for a duration. */
  low: number;
  /** The upper end, inclusive. Seconds for a duration. Omitted if display settings hide it. */
  high?: number;
  /** On how many dates the hour was seen. */
  weeks: number;
  /** The range in words, ready to show. Plain text, not HTML. */
  text: string;
}

/** Open hours to come that are typically the quietest, the quietest first; at most three each. */
export interface Quietest {
  /** The hours of today, from the present one on. */
  today: QuietHour[];
  /** The hours of the next seven days, from the present one on. */
  week: QuietHour[];
}

/** An hour to come. */
export interface QuietHour {
  /** When it begins, in UTC. */
  start: string;
  /** When it ends, in UTC. */
  end: string;
  /** The lower end, inclusive. Seconds for a duration. */
  low: number;
  /** The upper end, inclusive. Seconds for a duration. Omitted if display settings hide it. */
  high?: number;
  /** The range in words, ready to show. Plain text, not HTML. */
  text: string;
}

/** What is typical of the hours of a day or a week, in the form and the words in which widgets show it. */
export interface Chart {
  /** The widget's ID. */
  id: string;
  /** The language of all texts but `label`, as a BCP 47 tag. */
  locale: string;
  /** The metric's label, in the widget's language. Plain text, not HTML. Omitted if the company collects what is typical of no metric. */
  label?: string;
  /** What the chart shows: its hours, and the day. */
  caption: string;
  /** Why there are no bars. Present only without any. */
  message?: string;
  /** The scale from its start to its end. Present only with bars. */
  scale?: string;
  /** The lines of the scale above zero, at most three. */
  marks: ChartMark[];
  /** One text for each hour for which the chart has a place: the hour of day, or empty where no text fits. */
  clocks: string[];
  /** Today, or the days of this week. Weeks begin as usual in the language. */
  days: ChartDay[];
  /** Which hour of the rest of today is typically the quietest. Present only if hours differ. */
  foot?: string;
  /** When the chart changes, in UTC. */
  until: string;
}

/** A line of a chart's scale. */
export interface ChartMark {
  /** Its place on the scale. 1 is the end of the scale. */
  at: number;
  /** The value at that place. */
  text: string;
}

/** A day of a chart. */
export interface ChartDay {
  /** The day of the week. */
  name: string;
  /** True for today, otherwise omitted. */
  today?: true;
  /** The open hours of which enough is known, in order. */
  bars: ChartBar[];
}

/** What is typical of an hour. */
export interface ChartBar {
  /** Its place among `clocks`, from 0. */
  place: number;
  /** Where the bar begins on the scale. 1 is the end of the scale. */
  low: number;
  /** Where the bar ends on the scale. */
  high: number;
  /** True for the present hour, otherwise omitted. */
  now?: true;
  /** The hour, its day in a week, and the typical range. */
  text: string;
}
