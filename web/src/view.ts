// Renders a snapshot to nodes. All layouts have the same parts; the stylesheet arranges them and hides some.

import { tag, type Attributes, type Kid, type Tag } from './dom';
import { format, marked, metricText, say, secondsAt, updated, type Language } from './text';
import type { Snapshot } from './snapshot';

/** A part has classes for the stylesheet, and the same part names for the styles of a page. */
const part = (names: string, kids: Tag['kids_'], attributes?: Attributes, name = 'span') =>
  tag(name, { part: names, class: names, ...attributes }, kids);

/**
 * Returns the node of a snapshot, if there is one to show, and its kind: screen readers announce when it changes. metric is the ID of the only
 * metric to show; unknown or empty: all. age is in seconds; NaN: unknown. now is the server's time for running values, and since the
 * milliseconds from their arrival to that time. lost: without contact for so long that all values may be stale. paused: whether running
 * values stand still.
 */
export function view(
  l: Language,
  s: Snapshot | null | undefined,
  metric: string,
  layout: string,
  age: number,
  now: number,
  since: number,
  lost: boolean,
  paused: unknown,
): [Kid, string] {
  const stale = s?.stale || lost;
  const same = l.tag_ == s?.locale;
  const own: Attributes = { dir: 'auto', lang: !same && s?.locale };
  const rows: Kid[] = [];
  let runs: number | undefined;
  let kind = s?.state + '';
  let metrics = s?.metrics || [];
  for (const m of metrics) if (m.id == metric) metrics = [m];
  for (const m of metrics) {
    const { typical, level, link } = m;
    if (!(typical || s!.state == 'open')) continue; // what is typical may be shown while no value may be
    const seconds = secondsAt(m, now, since);
    const text = metricText(l, m, seconds, same);
    const old = m.stale || lost;
    runs ||= m.rate;
    kind += level! + (m.value === null);
    rows[rows.length] = part('metric', [
      part('label', m.label, own),
      part(
        'value ' + m.type + (m.value === null ? ' none' : old ? ' old' : ''),
        marked(l, text, old && layout == 'bare'),
        { dir: 'auto', datetime: seconds != null && `PT${seconds}S` },
        seconds != null ? 'time' : 'span',
      ),
      level && part('level ' + level, say(l, 'level_' + level)),
      typical && typical.text != text && part('typical', typical.text, own),
      /^(https?|tel|mailto):/i.test(link?.url!) && part('link', link!.label, { href: link!.url, ...own }, 'a'),
    ]);
  }
  const box = part(
    'box ' + layout + (stale ? ' stale' : '') + (paused ? ' paused' : ''),
    [
      s && part('title', s.title, own),
      s?.notice && s.notice != s.message && part('notice', s.notice, own),
      ...rows,
      rows[0]
        ? part('foot', [
            part('updated', updated(l, age, stale), { title: s!.observed_at && format(l, new Date(s!.observed_at)) }),
            runs && part('pause', '', { 'aria-label': say(l, paused ? 'resume_updates' : 'pause_updates') }, 'button'),
          ])
        : part('message', s?.message || (say(l, s?.state == 'initializing' ? 'nothing_known' : 'wait_not_available') || 'Wait time not available'), (s?.message && own) as Attributes),
    ],
    { role: 'group', lang: l.tag_, dir: say(l, 'dir'), 'aria-label': s?.title },
    'div',
  );
  return [box, kind];
}
