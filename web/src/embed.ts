// The script of the service's pages of one widget, /embed/ID and /w/ID. It replaces the server's HTML by the element, with the styles of the
// page, and sends the height of the widget to the embedding page. docs/frames.md has the format of the messages.

import { setStyles, WaitTime } from './element';
import { start as startFeeds } from './feed';
import { watchLost } from './lost';
import { more, quietly } from './page';
import type { Snapshot } from './snapshot';

const page = document.documentElement;
const own = document.currentScript as HTMLScriptElement;
const { widget, refresh, ...given } = page.dataset;
const origins = given.origins ? given.origins.split(' ') : undefined; // undefined: any site may embed the widget

/** The origin of the embedding page, as far as the browser reveals it. Firefox reveals only the referrer. */
function parentOrigin() {
  if (location.ancestorOrigins?.length) return location.ancestorOrigins[0];
  try {
    return new URL(document.referrer).origin;
  } catch {
    return 'null';
  }
}

/** https://*.example.com matches every name below example.com, as on the server. */
function matches(origin: string, pattern: string) {
  const [start, end] = pattern.split('*');
  return end == null ? origin == pattern : origin.length > pattern.length - 1 && origin.startsWith(start) && origin.endsWith(end);
}

/**
 * The origins that may receive the height: any for a widget that any page may embed, otherwise the permitted ones. If the embedding page is
 * unknown, the browser checks the origin of each message.
 */
function listeners() {
  if (!origins) return ['*'];
  const parent = parentOrigin();
  if (parent == 'null') return origins.filter(o => !o.includes('*'));
  return origins.some(o => matches(parent, o)) ? [parent] : [];
}

function sendHeight() {
  const targets = listeners();
  let last = 0;
  const send = (again?: unknown) => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (!height || (height == last && again !== true)) return;
    last = height;
    for (const target of targets) parent.postMessage({ type: 'wait-time:height', widget, height }, target);
  };
  new ResizeObserver(send).observe(document.body);
  // The embedding page may start to listen late.
  for (let after = 250; after < 2e4; after *= 2) setTimeout(send, after, true);
  addEventListener('message', ({ source, data }) => {
    if (source == parent && data?.type == 'wait-time:measure') send(true);
  });
}

/** Shows the time in the visitor's time zone instead of the widget's, without the name of the zone. */
function ownClock() {
  const clock = document.querySelector<HTMLTimeElement>('.updated time');
  if (!clock) return;
  clock.textContent = new Date(clock.dateTime).toLocaleTimeString(page.lang, { timeStyle: 'short' });
  document.querySelector('.zone')!.remove();
}

/** Opens links in a new tab, because the frame is too small for a page. */
function openOutside() {
  addEventListener('click', event => {
    const link = (event.composedPath()[0] as Element).closest('a');
    if (link?.protocol.startsWith('http')) link.target = '_blank';
  });
}

/** An address without its scheme, as people read it. */
const address = (url: string) => url.replace(/^(https?:\/\/|tel:|mailto:)/i, '');

/**
 * Adds its address to the label of each link. A sandbox, such as that of WordPress, may block links, and no script can ask it. A visitor can call the
 * number or type the address. The event comes before the element shows its snapshot.
 */
function writeAddresses() {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.link')) link.append(': ' + address(link.getAttribute('href')!));
  addEventListener('wait-time:update', event => {
    for (const { link } of (event as CustomEvent<Snapshot>).detail.metrics) if (link) link.label += ': ' + address(link.url);
  }, true);
}

/**
 * Reloads the page when there may be new values, where the element can't run. It first requests the page in the background: if the service
 * can't be reached, older values are better than an error page, until they are too old (watchLost).
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

/** Replaces the server's HTML by the element, with the styles of the page. */
function upgrade() {
  let css = '';
  for (const rule of document.styleSheets[0].cssRules) css += rule.cssText;
  setStyles(css);
  const element = document.querySelector('wait-time')!;
  const api = own.src.split('/assets/')[0];
  element.setAttribute('api', api);
  // Ranges in another language than the widget's.
  addEventListener('wait-time:update', ({ detail }) => detail.locale != page.lang && more(api));
  // The first update removes the server's HTML, so the element gets its own height.
  addEventListener('wait-time:update', () => element.replaceChildren(), { once: true });
  startFeeds();
  customElements.define('wait-time', WaitTime);
}

quietly(() => {
  if (parent != window) sendHeight();
})();
quietly(openOutside)();
if (origin == 'null') quietly(writeAddresses)();
quietly(ownClock)();
quietly(watchLost)();
try {
  // A sandboxed page has no origin, so the element may not read a widget with origins.
  if (origins && origin == 'null') throw origin;
  upgrade();
} catch {
  keepFresh();
}
