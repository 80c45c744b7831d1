// What is said, in the words of package locale: phrases come from the server, numbers from the browser. Units are not
// the browser's, so that the script goes on counting in the words that the server began with.

import type { Metric } from './snapshot';

/** The phrases of one language: texts, or texts by plural category. `locale` is its tag, `warning` is for the author of the page. */
export type Words = Record<string, string | Record<string, string>>;

/** A language to speak in. Its numbers are formatted as a tag of it says. */
export interface Language {
  tag_: string;
  words_: Words;
}

/** A phrase, with a second value in the place of {high} or {second} and the first one in any other. */
export function say(l: Language, key: string, first?: string, second?: string, n?: number): string {
  const phrase = (l.words_[key] || '') as Record<string, string>;
  const text = phrase.other ? phrase[new Intl.PluralRules(l.tag_).select(n!)] || phrase.other : (phrase as unknown as string);
  return text.replace(/{(high|second)?\w*}/g, (_, other) => (other ? second! : first!));
}

const format = (l: Language, n: number) => n.toLocaleString(l.tag_);

const units = ['hour', 'minute', 'second'];
const sizes = [3600, 60, 1];

/** So many of a unit. */
const quantity = (l: Language, unit: number, n: number, text = format(l, n)) => say(l, units[unit], text, '', n);

function duration(l: Language, seconds: number) {
  let text = '';
  let rest = seconds;
  for (let unit = 0; unit < 3; unit++) {
    const n = Math.floor(rest / sizes[unit]);
    rest -= n * sizes[unit];
    if (!n && (seconds || unit != 1)) continue; // nothing is zero minutes
    const next = quantity(l, unit, n);
    text = text ? say(l, 'duration_list', text, next) : next;
  }
  return text;
}

/** "5–10 min", or "50 min–1 h 10 min". */
const durationRange = (l: Language, min: number, max: number) =>
  min % 60 || max % 60 || max >= 3600
    ? say(l, 'duration_range', duration(l, min), duration(l, max))
    : quantity(l, 1, max / 60, countRange(l, min / 60, max / 60));

const countRange = (l: Language, min: number, max: number) =>
  min == max ? format(l, min) : say(l, 'count_range', format(l, min), format(l, max));

/**
 * A duration's seconds as they are shown at the server's time t, which may be unknown or wrong: it is at least so long since it was heard. They are in whole minutes, rounded up since an underestimate is
 * worse than none; exactly if it stands still and the server's text has it so, because the company chose seconds: then its
 * minutes are not rounded up.
 */
export function secondsAt(m: Metric, t: number, since: number) {
  if (m.type != 'duration' || m.value == null) return;
  const rate = m.rate || 0;
  const now = Math.max(0, +m.value + (rate * Math.max(since, t - Date.parse(m.as_of!) || 0)) / 1e3);
  const exact = !rate && RegExp(`\\b${Math.floor(now / 60) % 60 || now}\\b`).test(m.text);
  return exact ? now : Math.ceil(now / 60 - 1e-5) * 60;
}

/** A metric in words; a duration by its seconds as above. `same` tells that the server's text is in this language and region, and stands for all that does not run. */
export function metricText(l: Language, m: Metric, seconds: number | undefined, same?: boolean | null): string {
  const { value, range } = m;
  if (same && !m.rate) return m.text;
  if (seconds != null) return duration(l, seconds);
  if (range) {
    const { min, max } = range;
    const timed = m.type == 'duration';
    const one = timed ? duration : format;
    if (min == null) return say(l, timed ? 'under' : 'fewer_than', one(l, max!));
    if (max == null) return say(l, timed ? 'over' : 'or_more', one(l, min));
    // A span of whole numbers is told without its end, a span of others with it.
    return timed ? durationRange(l, min, max) : countRange(l, min, m.text.includes('' + max) ? max : max - 1);
  }
  if (typeof value == 'number') return format(l, +value.toFixed(1));
  return typeof value == 'string' ? value : say(l, value == null ? 'not_available' : value ? 'yes' : 'no');
}

/** When it was updated, in steps that are calm to look at, if that is known and can be; and that this is too long ago. */
export function updated(l: Language, seconds: number, stale?: boolean | null) {
  let text = '';
  if (seconds > -3) {
    const unit = seconds < 60 ? 2 : seconds < 3600 ? 1 : 0;
    const n = unit < 2 ? Math.floor(seconds / sizes[unit]) : seconds < 20 && !stale ? 0 : Math.floor(seconds / 10) * 10;
    text = say(l, n ? 'updated' : 'updated_now', new Intl.RelativeTimeFormat(l.tag_, { numeric: 'auto' }).format(-n, units[unit] as 'hour'));
  }
  return stale ? say(l, 'not_up_to_date', text) : text;
}
