// The script of our own pages of one widget, /embed/ID and /w/ID: it puts the element in place of what the server wrote, in
// the page's own styles, and tells a page around it how high the widget is. docs/frames.md has the format of the messages.

import { setStyles, WaitTime } from './element';
import { start as startFeeds } from './feed';
import { watchLost } from './lost';
import { quietly } from './page';

const page = document.documentElement;
const own = document.currentScript as HTMLScriptElement;
const { widget, refresh, ...given } = page.dataset;
const origins = given.origins ? given.origins.split(' ') : undefined; // undefined: any site may embed the widget

/** Where the page around us is, as far as the browser tells; Firefox tells only by the referrer. */
function parentOrigin() {
  if (location.ancestorOrigins?.length) return location.ancestorOrigins[0];
  try {
    return new URL(document.referrer).origin;
  } catch {
    return 'null';
  }
}

/** https://*.example.com stands for every name below example.com, as it does to the server. */
function matches(origin: string, pattern: string) {
  const [start, end] = pattern.split('*');
  return end == null ? origin == pattern : origin.length > pattern.length - 1 && origin.startsWith(start) && origin.endsWith(end);
}

/**
 * Who may be told the height. It is no secret, so any page may have it of a widget that any page may embed. Otherwise it goes
 * only to those that may; where the browser does not say who is around us, it makes sure of that itself.
 */
function listeners() {
  if (!origins) return ['*'];
  const parent = parentOrigin();
  if (parent == 'null') return origins.filter(o => !o.includes('*'));
  return origins.some(o => matches(parent, o)) ? [parent] : [];
}

function tellHeight() {
  const targets = listeners();
  let last = 0;
  const tell = (again?: unknown) => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (!height || (height == last && again !== true)) return;
    last = height;
    for (const target of targets) parent.postMessage({ type: 'wait-time:height', widget, height }, target);
  };
  new ResizeObserver(tell).observe(document.body);
  // Whoever listens may have begun to only now: scripts come late.
  for (let after = 250; after < 2e4; after *= 2) setTimeout(tell, after, true);
  addEventListener('message', ({ source, data }) => {
    if (source == parent && data?.type == 'wait-time:measure') tell(true);
  });
}

/** The server wrote the time of day in the widget's zone; a visitor's is better, and needs no name. */
function ownClock() {
  const clock = document.querySelector<HTMLTimeElement>('.updated time');
  if (!clock) return;
  clock.textContent = new Date(clock.dateTime).toLocaleTimeString(page.lang, { timeStyle: 'short' });
  document.querySelector('.zone')!.remove();
}

/** A link to another page must not open in the frame, where there is no room for it. */
function openOutside() {
  addEventListener('click', event => {
    const link = (event.composedPath()[0] as Element).closest('a');
    if (link?.protocol.startsWith('http')) link.target = '_blank';
  });
}

/**
 * Where the element can't run the page is loaded again when there may be something new. First it is asked for on the side: if
 * the service can't be reached, a page with older values is better than an error, until they are too old (watchLost).
 */
function keepFresh() {
  setTimeout(async () => {
    if (document.hidden) {
      document.addEventListener('visibilitychange', keepFresh, { once: true });
      return;
    }
    try {
      await fetch(location.href, { mode: 'no-cors', cache: 'no-store' });
      location.reload();
    } catch {
      keepFresh();
    }
  }, +refresh! * 1e3);
}

/** Shows the widget by the element, in what our page has of its styles. */
function upgrade() {
  let css = '';
  for (const rule of document.styleSheets[0].cssRules) css += rule.cssText;
  setStyles(css);
  const element = document.querySelector('wait-time')!;
  element.setAttribute('api', own.src.split('/assets/')[0]);
  // Once it has something to show it needs no place kept by what the server wrote, and is as high as it needs to be.
  addEventListener('wait-time:update', () => element.replaceChildren(), { once: true });
  startFeeds();
  customElements.define('wait-time', WaitTime);
}

quietly(() => {
  if (parent != window) tellHeight();
})();
quietly(openOutside)();
quietly(ownClock)();
quietly(watchLost)();
try {
  // In a sandbox our origin is nobody's, and the element may not read a widget that is kept to some sites.
  if (origins && origin == 'null') throw origin;
  upgrade();
} catch {
  keepFresh();
}
