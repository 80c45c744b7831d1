// Made of the Go types in api/v1/snapshot.go, as docs/snapshot.schema.json is, by: go generate ./api/v1
//
// Times are in RFC 3339, such as 2026-11-23T12:00:05.250Z. New fields may come; those that are here stay.

/** What the public sees of a widget at one instant. Version 1 may get new fields, and what there is stays: ignore the fields that you don't know, as this schema does. */
export type Snapshot =
  | OpenSnapshot
  | ClosedSnapshot
  | InitializingSnapshot
  | UnavailableSnapshot;

/** What every form of a Snapshot may have. */
export interface SnapshotFields {
  /** The widget's ID. */
  id: string;
  /** The heading. Plain text, not HTML. */
  title: string;
  /** The language of all texts, as a BCP 47 tag; that of Arabic says which digits they have (`ar-u-nu-latn`). */
  locale: string;
  /** `open`: at least one metric can be shown. `closed`: nothing is shown, because it is outside the hours or the company has closed it. `initializing`: nothing is known yet. `unavailable`: all that is known is too old to show. */
  state: "open" | "closed" | "initializing" | "unavailable";
  /** Some shown metric is not up to date. */
  stale: boolean;
  /** When the oldest of the shown metrics was last confirmed by the phone system, in UTC. There while open, and only then. */
  observed_at?: string;
  /** After how many seconds to ask again. */
  refresh_after: number;
  /** How old a metric may be, in seconds, before it is marked. Whoever shows this without contact to the service does it then. */
  stale_after: number;
  /** How old a metric may be, in seconds, before it is no longer shown. Whoever shows this without contact to the service takes it away then. */
  hide_after: number;
  /** When it opens, in UTC. Only while closed, and not there if that is not known. */
  opens_at?: string;
  /** Says that it is closed, ready to show. Plain text, not HTML. There while closed, and only then. */
  message?: string;
  /** What the company has to say to visitors besides, in any state. Plain text, not HTML. Not there when it has nothing to say. While it closes the widget, `message` is the same. */
  notice?: string;
  /** All metrics of the widget, in its order; none while closed. */
  metrics: Metric[];
}

/** A widget with something to show. */
export interface OpenSnapshot extends SnapshotFields {
  state: "open";
  observed_at: string;
  opens_at?: never;
  message?: never;
}

/** A widget that is closed and says so. */
export interface ClosedSnapshot extends SnapshotFields {
  state: "closed";
  stale: false;
  observed_at?: never;
  message: string;
}

/** A widget of which nothing is known yet. */
export interface InitializingSnapshot extends SnapshotFields {
  state: "initializing";
  stale: false;
  observed_at?: never;
  opens_at?: never;
  message?: never;
}

/** A widget of which nothing is known that is young enough to show. */
export interface UnavailableSnapshot extends SnapshotFields {
  state: "unavailable";
  stale: false;
  observed_at?: never;
  opens_at?: never;
  message?: never;
}

/** One value of a widget. It has either a `value`, which is null when there is none now, or a `range`. */
export type Metric =
  | RunningDurationMetric
  | DurationMetric
  | CountMetric
  | BooleanMetric
  | TextMetric
  | DurationRangeMetric
  | CountRangeMetric
  | EmptyMetric;

/** What every form of a Metric may have. */
export interface MetricFields {
  /** The metric's ID, which no other metric of the widget has. */
  id: string;
  /** What to show beside it. Plain text, not HTML. */
  label: string;
  /** What kind of value it is. Not there until a value has told; then `value` is null. */
  type?: "duration" | "count" | "boolean" | "text";
  /** A number for a duration, in seconds, and for a count; true or false for a boolean; a string for a text. Null when there is none now, which is not zero. Not there when only a `range` is told. */
  value?: number | boolean | string | null;
  /** The span that holds the value, where only that is told. Only of a duration or a count, and in place of `value`. */
  range?: Range;
  /** Seconds. There for a duration, and only for that. */
  unit?: "s";
  /** How many seconds a running duration gains per second, such as 1 while a caller waits; never 0. Its value at time t is `value + rate · (t − as_of)`, never below zero. Omitted for a duration that stands still, and for one that display settings changed. */
  rate?: number;
  /** The instant at which a running duration was `value`, in UTC. Present when `rate` is. */
  as_of?: string;
  /** The value or the range in words, ready to show. Plain text, not HTML. Durations are rounded up to the minute, unless the company tells them more exactly. */
  text: string;
  /** How bad it is. Only where the company has said from which value on, and there is a value. */
  level?: "low" | "moderate" | "high";
  /** What a visitor may do instead of waiting. Only where the company offers something at this level. */
  link?: Link;
  /** There, and true, if this metric is not up to date. */
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

/** A yes or a no. */
export interface BooleanMetric extends MetricFields {
  type: "boolean";
  value: boolean;
  range?: never;
  unit?: never;
  rate?: never;
  as_of?: never;
}

/** A text of the phone system's. Plain text, not HTML. */
export interface TextMetric extends MetricFields {
  type: "text";
  value: string;
  range?: never;
  unit?: never;
  rate?: never;
  as_of?: never;
}

/** A duration of which only a span is told. */
export interface DurationRangeMetric extends MetricFields {
  type: "duration";
  value?: never;
  range: Range;
  unit: "s";
  rate?: never;
  as_of?: never;
}

/** A number of something of which only a span is told. */
export interface CountRangeMetric extends MetricFields {
  type: "count";
  value?: never;
  range: Range;
  unit?: never;
  rate?: never;
  as_of?: never;
}

/** A metric that has no value now. */
export interface EmptyMetric extends MetricFields {
  value: null;
  range?: never;
  rate?: never;
  as_of?: never;
  level?: never;
  link?: never;
}

/** A span that holds a value which itself is not told: from `min` up to, not including, `max`. One of them may be missing: then the span is open at that end. */
export interface Range {
  /** Its lower end, included. Seconds for a duration. */
  min?: number;
  /** Its upper end, not included. Seconds for a duration. */
  max?: number;
}

/** What a visitor may do instead of waiting, such as asking for a callback. */
export interface Link {
  /** Its text. Plain text, not HTML. */
  label: string;
  /** Where it leads: http, https, tel or mailto. */
  url: string;
}

/** What a stream tells now and then besides snapshots: that it goes on, and how old the last of them has become. */
export interface Heartbeat {
  /** The widget's ID. */
  id: string;
  /** The service's time, in UTC. */
  now: string;
  /** The snapshot's `observed_at` as it is by now, which moves on without another snapshot. There while open, and only then. */
  observed_at?: string;
  /** The snapshot's `stale`. */
  stale: boolean;
}
