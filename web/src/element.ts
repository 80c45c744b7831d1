// <wait-time>: attributes in, a shadow tree and events out.

import { patch, tag } from './dom';
import { feedOf, type Feed, type Known, type Member } from './feed';
import { extra, home, more, quietly, ticks, warn } from './page';
import type { Snapshot } from './snapshot';
import { view } from './view';

const enum Limit {
  hideAfter = 300, // seconds, before a snapshot arrives
  slack = 2, // seconds, the error of the server's time
  quietFor = 60e3, // after an announcement
}

let sheet: CSSStyleSheet;

/** Makes the stylesheet of all elements. It throws in browsers without constructable stylesheets, which then show the fallback. */
export function setStyles(css: string) {
  sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
}

/** The language of a node: that of the nearest ancestor with one, also outside shadow trees. */
const langOf = (n: Node | null): string => (n ? (n as Element).getAttribute?.('lang') || langOf(n.parentNode || (n as ShadowRoot).host) : 'und');

/** Makes the private state of an element, which scripts of the page can't reach. */
function newInside(host: HTMLElement) {
  const root = host.attachShadow({ mode: 'open' });
  const word = (name: string) => host.getAttribute(name) || '';
  let feed: Feed | null;
  let inputs: unknown; // what chose the feed and the member's words
  let joined: number;
  let frozen: Known | null; // the state to show while updates are paused
  let seen: boolean | null;
  let kind: string | null | undefined;
  let spoken: string | undefined;
  let spokeAt: number | undefined; // in ticks; undefined: never

  root.adoptedStyleSheets = [sheet];
  root.addEventListener('click', event => {
    if (!(event.target as Element).matches('.pause')) return;
    frozen = frozen ? null : { ...feed!.known_.get(member.id_)!, stood_: ticks() };
    show();
  });

  /** Adds the element to its feed, or removes it, and renders it. The attributes and the page's language may change at any time. */
  const show = quietly((event?: string, detail?: unknown) => {
    const id_ = word('widget');
    const tag_ = word('locale') || langOf(host);
    const api = (word('api') || WaitTime.api).replace(/\/+$/, '');
    const now = host.isConnected && id_ + ' ' + tag_ + api + (LIVE && host.hasAttribute('live') ? ' live' : '');
    if (now != inputs) {
      inputs = now;
      feed?.members_.delete(member);
      feed = seen = frozen = kind = null;
      joined = ticks();
      member.id_ = id_;
      member.tag_ = tag_;
      if (LIVE) member.live_ = host.hasAttribute('live');
      if (now)
        if (id_ && /^https?:(?!.*\w\/cache)/.test(api) && !host.closest('head')) (feed = feedOf(api)).join_(member);
        else {
          warn('set widget and api');
          patch(root, [tag('slot', {})]);
        }
    }
    if (event && feed) host.dispatchEvent(new CustomEvent('wait-time:' + event, { detail, bubbles: true, composed: true }));
    if (!feed) return; // not anymore
    const chosen = word('layout');
    const layout = /^(line|compact|bare)$/.test(chosen) ? chosen : 'card';
    const known = frozen || feed.known_.get(id_);
    let s: Snapshot | null | undefined = known?.snapshot_;
    const l = feed.languages_.get(tag_) || [...feed.languages_.values()][0]; // another language until its own arrives
    const silence = (ticks() - (known?.heard_ ?? joined)) / 1e3;
    const fallback = host.innerHTML.trim();
    // An element without its end tag holds what follows in the page, which must stay visible.
    const open = !extra && fallback && !(host.nextSibling as Text)?.data;
    if (open || (!extra && word('chart'))) more(api, show);
    extra?.watch(host, api);
    const waiting = open || (silence < Limit.hideAfter && (fallback || !feed.fails_) && (!known || !l));
    if (waiting && seen) return; // texts arrive in a moment
    seen = !waiting;
    const at = known?.stood_ || ticks();
    const age_ = (ticks() + feed.skew_ - Date.parse(s?.observed_at!)) / 1e3;
    // The service would have marked an old snapshot as stale, so an unmarked one comes from a cache. The service hides the old metrics of a
    // stale snapshot in time.
    const old = Math.max(silence, age_ - (s?.stale ? s.refresh_after * 2 : Limit.slack) || 0);
    if (!l || old > (s?.hide_after || Limit.hideAfter)) {
      s = null;
      if (frozen) {
        frozen = null; // the pause ends
        return show();
      }
    }
    const [box, news] = seen
      ? view(l || { tag_: 'en', words_: {} }, s, word('metric'), layout, age_, at + feed.skew_, at - known?.heard_!, !s?.stale && old > s?.stale_after!, frozen)
      : [!fallback && tag('div', { class: 'box ' + layout })];
    patch(root, [
      tag('div', { class: 'grid' }, [box, tag('slot', { class: seen && 'hidden' })]),
      tag('span', { class: 'status', role: 'status' }, spoken),
    ]);
    // Screen readers announce a change of kind at the next look, at most once a minute, and not the first state.
    if (waiting || news == kind || ticks() - spokeAt! < Limit.quietFor) return;
    if (kind) {
      spokeAt = ticks();
      spoken = (root.firstChild as HTMLElement).innerText;
    }
    kind = news;
  });

  const member: Member = { id_: '', tag_: '', show_: show };
  return show;
}

export class WaitTime extends HTMLElement {
  static observedAttributes = (LIVE ? 'metric layout widget locale api theme chart live' : 'metric layout widget locale api theme chart').split(' ');
  static api = home || ''; // of elements that name none; empty: unknown, or that of several services
  #show = newInside(this);

  connectedCallback() {
    this.#show();
  }

  disconnectedCallback() {
    this.#show();
  }

  attributeChangedCallback() {
    this.#show();
  }
}
