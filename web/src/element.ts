// <wait-time>: attributes in, a shadow tree and events out.

import { patch, tag } from './dom';
import { feedOf, type Feed, type Known, type Member } from './feed';
import { home, more, quietly, ticks, warn } from './page';
import type { Snapshot } from './snapshot';
import { view, type View } from './view';

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

/** Makes the private state of an element, which scripts of the page can't reach. */
function newInside(host: HTMLElement) {
  const root = host.attachShadow({ mode: 'open' });
  let feed: Feed | undefined;
  let layout: string;
  let metric: string;
  let joined: number;
  let frozen: Known | null; // the state to show while updates are paused
  let seen: boolean | null;
  let kind: string | null | undefined;
  let spoken: string | undefined;
  let spokeAt: number | undefined; // in ticks; undefined: never
  let api: string;
  let watched: boolean | undefined; // whether more.ts watches an element that may lack its end tag
  let loading: unknown; // more.ts

  root.adoptedStyleSheets = [sheet];
  root.addEventListener('click', quietly(event => {
    if (!(event.target as Element).matches('.pause')) return;
    frozen = frozen ? null : { ...feed!.known_.get(member.id_)!, stood_: ticks() };
    member.show_();
  }));

  const member: Member = {
    id_: '',
    tag_: '',
    show_: quietly((event, detail) => {
      if (event) host.dispatchEvent(new CustomEvent('wait-time:' + event, { detail, bubbles: true, composed: true }));
      const known = frozen || feed!.known_.get(member.id_);
      let s: Snapshot | null | undefined = known?.snapshot_;
      const l = feed!.languages_.get(member.tag_) || [...feed!.languages_.values()][0]; // another language until its own arrives
      const silence = (ticks() - (known?.heard_ ?? joined)) / 1e3;
      const fallback = host.innerHTML.trim();
      // An element without its end tag holds what follows in the page, which must stay visible.
      const open = fallback && !watched && !(host.nextSibling as Text)?.data;
      if (open)
        loading ||= more(api).then(m => {
          watched = m.watch(host);
          member.show_();
        }, warn);
      const waiting = open || (silence < Limit.hideAfter && (fallback || !feed!.fails_) && (!known || !l));
      if (waiting && seen) return; // texts arrive in a moment
      seen = !waiting;
      const at = known?.stood_ || ticks();
      const age_ = (ticks() + feed!.skew_ - Date.parse(s?.observed_at!)) / 1e3;
      // The service would have marked an old snapshot as stale, so an unmarked one comes from a cache. The service hides the old metrics of a
      // stale snapshot in time.
      const old = Math.max(silence, age_ - (s?.stale ? s.refresh_after * 2 : Limit.slack) || 0);
      if (!l || old > (s?.hide_after || Limit.hideAfter)) {
        s = null;
        if (frozen) {
          frozen = null; // the pause ends
          return member.show_();
        }
      }
      const v: View = {
        snapshot_: s,
        metric_: metric,
        age_,
        stood_: at + feed!.skew_,
        since_: at - known?.heard_!,
        lost_: !s?.stale && old > s?.stale_after!,
        paused_: frozen,
        layout_: layout,
      };
      const box = seen
        ? view(l || { tag_: 'en', words_: { wait_not_available: 'Wait time not available' } }, v)
        : !fallback && tag('div', { class: 'box ' + layout });
      patch(root, [
        tag('div', { class: 'grid' }, [box, tag('slot', { class: seen && 'hidden' })]),
        tag('span', { class: 'status', role: 'status' }, spoken),
      ]);
      // Screen readers announce a change of kind at the next look, at most once a minute, and not the first state.
      if (waiting || v.kind_ == kind || ticks() - spokeAt! < Limit.quietFor) return;
      if (kind) {
        spokeAt = ticks();
        spoken = (root.firstChild as HTMLElement).innerText;
      }
      kind = v.kind_;
    }),
  };

  const word = (name: string) => host.getAttribute(name) || '';

  /** Adds the element to its feed, or removes it. It reads all attributes again, since they change rarely. */
  return quietly((connected: boolean) => {
    feed?.leave_(member);
    if (!connected) return;
    seen = frozen = kind = null;
    const id = (member.id_ = word('widget'));
    metric = word('metric');
    layout = word('layout') || 'card';
    if (!/^(card|line|compact|bare)$/.test(layout)) {
      warn(`unknown layout="${layout}"`);
      layout = 'card';
    }
    if (LIVE) member.live_ = host.hasAttribute('live');
    joined = ticks();
    api = word('api') || home!;
    if (!/^https?:/.test(api) || !id) {
      warn('unknown widget or api');
      patch(root, [tag('slot', {})]);
      return;
    }
    member.tag_ = word('locale') || (host.closest<HTMLElement>('[lang]') || document.documentElement).lang || 'und';
    api = api.replace(/\/+$/, '');
    feed = feedOf(api);
    feed.join_(member);
    member.show_();
  });
}

export class WaitTime extends HTMLElement {
  static observedAttributes = LIVE ? ['widget', 'metric', 'layout', 'theme', 'locale', 'api', 'live'] : ['widget', 'metric', 'layout', 'theme', 'locale', 'api'];
  #connect = newInside(this);

  connectedCallback() {
    this.#connect(true);
  }

  disconnectedCallback() {
    this.#connect(false);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#connect(true);
  }
}
