// Texts in the words of package locale: phrases come from the server, number formats from the browser. Units come from the server too, so
// that running values look the same as in the server's text.

import { extra, home, more } from './page';
import type { Metric } from './snapshot';

/** The phrases of one language: texts, or texts by plural category. `locale` is its tag, `warning` is for the author of the page. */
export type Words = Record<string, string | Record<string, string>>;

/** A language: its phrases, and a tag that formats numbers. */
export interface Language {
  tag_: string;
  words_: Words;
}

/** A phrase, with the second value for {high} or {second}, and the first for any other placeholder. */
export function say(l: Language, key: string, first?: string, second?: string, n?: number): string {
  const phrase = (l.words_[key] || '') as Record<string, string>;
  const text = phrase.other ? phrase[new Intl.PluralRules(l.tag_).select(n!)] || phrase.other : (phrase as unknown as string);
  return text.replace(/{(high|second)?\w*}/g, (_, other) => (other ? second! : first!));
}

export const format = (l: Language, n: number | Date) => n.toLocaleString(l.tag_);

const units = ['hour', 'minute', 'second'];
const sizes = [3600, 60, 1];

function duration(l: Language, seconds: number) {
  let text = '';
  let rest = seconds;
  for (let unit = 0; unit < 3; unit++) {
    const n = (rest / sizes[unit]) | 0;
    rest -= n * sizes[unit];
    if (!n && (seconds || unit != 1)) continue; // zero is zero minutes
    const next = say(l, units[unit], format(l, n), '', n);
    text = text ? say(l, 'duration_list', text, next) : next;
  }
  return text;
}

/**
 * The seconds of a duration to show at the server's time t. t may be unknown or wrong, but at least since milliseconds have passed. The result
 * is in whole minutes, rounded up, because too short a wait is worse than none. It is exact if the duration stands still and the server's
 * text shows seconds.
 */
export function secondsAt(m: Metric, t: number, since: number) {
  if (m.type != 'duration' || m.value == null) return;
  const rate = m.rate || 0;
  const now = Math.max(0, +m.value + (rate * Math.max(since, t - Date.parse(m.as_of!) || 0)) / 1e3);
  const exact = !rate && m.text.includes(((now / 60 | 0) % 60 || now) + '');
  return exact ? now : Math.ceil(now / 60 - 1e-5) * 60;
}

/** A metric in words; a duration by its seconds as above. With `same`, the server's text has this language and region, and is used for values that do not run. */
export function metricText(l: Language, m: Metric, seconds: number | undefined, same?: boolean | null): string {
  const { value, range } = m;
  if (same && !m.rate) return m.text;
  if (range) {
    more(home); // until the next look
    return extra?.span(m, l, say, duration, format) || m.text;
  }
  if (m.basis) return say(l, m.basis); // an estimate without a range
  if (seconds != null) return duration(l, seconds);
  if (value === +value!) return format(l, +value.toFixed(1));
  if (value === '' + value) return value;
  return say(l, value == null ? 'not_available' : value ? 'yes' : 'no');
}

/** The age of the values, in coarse steps, if it is known and possible; with a note if they are stale. */
export function updated(l: Language, seconds: number, stale?: boolean | null) {
  let text = '';
  if (seconds > -3) {
    const unit = seconds < 60 ? 2 : seconds < 3600 ? 1 : 0;
    const n = unit < 2 ? (seconds / sizes[unit]) | 0 : seconds < 20 && !stale ? 0 : ((seconds / 10) | 0) * 10;
    text = say(l, n ? 'updated' : 'updated_now', new Intl.RelativeTimeFormat(l.tag_).format(-n, units[unit] as 'hour'));
  }
  return marked(l, text, stale);
}

/** A text, with a note if it is stale. */
export const marked = (l: Language, text: string, stale: unknown) => (stale ? say(l, 'not_up_to_date', text) : text);
