// Code that few pages need, in a separate script that others load on demand: /v1/widget.more.js. Scripts of other releases may call its
// exports, so their names stay.

import type { Metric } from './snapshot';
import type { Language } from './text';

/**
 * Gives the frame that has sent its height that height. It goes into the attribute, and into the style because stylesheets override the
 * attribute. A script may set a style where the page's policy forbids styles in its HTML.
 */
export function size(_base: string, { data, origin, source }: MessageEvent) {
  for (const frame of document.querySelectorAll('iframe')) {
    // The property src is resolved. A frame in a sandbox has no origin.
    if (frame.contentWindow != source || !/\/embed\//.test(frame.src) || (origin != 'null' && !frame.src.startsWith(origin + '/'))) continue;
    frame.height = data.height;
    const edges = getComputedStyle(frame).boxSizing == 'border-box' ? frame.offsetHeight - frame.clientHeight : 0;
    frame.style.setProperty('height', data.height + edges + 'px', 'important');
  }
}

type Say = (l: Language, key: string, first?: string, second?: string, n?: number) => string;
type Format = (l: Language, n: number) => string;

/** A range of durations or numbers in another language than the server's text. The functions are those of text.ts. */
export function span(m: Metric, l: Language, say: Say, duration: Format, format: Format) {
  const { min, max } = m.range!;
  const timed = m.type == 'duration';
  const one = timed ? duration : format;
  if (min == null) return say(l, timed ? 'under' : 'fewer_than', one(l, max!));
  if (max == null) return say(l, timed ? 'over' : 'or_more', one(l, min));
  // "5–10 min", or "50 min–1 h 10 min".
  if (timed && (min % 60 || max % 60 || max >= 3600)) return say(l, 'duration_range', duration(l, min), duration(l, max));
  const size = timed ? 60 : 1;
  // A range of whole numbers is shown without its end, any other range with it.
  const last = timed || m.text.includes('' + max) ? max / size : max - 1;
  const text = min / size == last ? format(l, last) : say(l, 'count_range', format(l, min / size), format(l, last));
  return timed ? say(l, 'minute', text, '', last) : text;
}

/** The fallback of a widget. Everything else in an element belongs to the page. */
const standIns = 'a[href*="/w/"], img[src*="/v1/widgets/"], .box, noscript, [data-fallback]';

/** The styles of an element without its end tag: the widget, and below it what follows in the page, as if it were outside. */
const repair =
  ':host(:not([hidden])),.grid,.grid>.hidden{display:contents!important}.hidden{visibility:visible}.box{position:relative;max-width:22em;box-sizing:border-box}.line,.compact{display:inline-flex}';

const sheets = new WeakMap<HTMLElement, CSSStyleSheet & { warned_?: boolean }>();
let charts: Promise<{ draw(host: HTMLElement, api: string): void }> | undefined;

/**
 * Shows what follows an element in the page below the widget, if the element holds it because it lacks its end tag: <wait-time widget="support" />.
 * The parser puts such an element last in its parent; after a closed one comes text, at least a line feed. The element calls it at each look.
 */
export function watch(host: HTMLElement, api?: string) {
  let open: unknown;
  if (api && host.hasAttribute('chart'))
    (charts ||= import(/* webpackIgnore: true */ /* @vite-ignore */ api + '/v1/widget.chart.js')).then(m => m.draw(host, api)).catch(() => {});
  if ((host.nextSibling as Text)?.data == null && !host.hasAttribute('data-fallback'))
    for (const n of host.childNodes) open ||= n instanceof Element ? !n.matches(standIns) : n instanceof Text && n.data.trim();
  let sheet = sheets.get(host);
  if (open && !sheet) {
    sheets.set(host, (sheet = new CSSStyleSheet()));
    sheet.replaceSync(repair);
    const root = host.shadowRoot!;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; // pages may break push
  }
  if (!sheet) return;
  sheet.disabled = !open;
  if (!open || sheet.warned_ || document.readyState == 'loading') return;
  sheet.warned_ = true;
  console.warn('wait-time: close the tag, or give its content data-fallback');
}
