// <wait-time>: attributes in, a shadow tree and events out.

import { patch, tag } from './dom';
import { feedOf, type Feed, type Known, type Member } from './feed';
import { home, more, quietly, ticks, warn } from './page';
import type { Snapshot } from './snapshot';
import { view, type View } from './view';

const enum Limit {
  hideAfter = 300, // seconds, of what is not known
  slack = 2, // seconds by which the server's time may be off
  quietFor = 60e3, // after an announcement
}

let sheet: CSSStyleSheet;

/** Makes the stylesheet of all elements. In a browser that has no such thing, what stands in for them is all there is. */
export function setStyles(css: string) {
  sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
}

/** The inside of an element; a page that adds to elements can't collide with what is in here. */
function newInside(host: HTMLElement) {
  const root = host.attachShadow({ mode: 'open' });
  let feed: Feed | undefined;
  let layout: string;
  let metric: string;
  let joined: number;
  let frozen: Known | null; // what is shown while updates are paused
  let seen: boolean | null;
  let kind: string | null | undefined;
  let spoken: string | undefined;
  let spokeAt: number | undefined; // in ticks; not there: never
  let api: string;
  let watched: boolean | undefined; // an element that may not be closed
  let loading: unknown; // what watches it

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
      const l = feed!.languages_.get(member.tag_) || [...feed!.languages_.values()][0]; // another's words until its own are there
      const silence = (ticks() - (known?.heard_ ?? joined)) / 1e3;
      const fallback = host.innerHTML.trim();
      // A tag without its end tag takes in all that follows in the page, which must stay to be seen.
      const open = fallback && !watched && !(host.nextSibling as Text)?.data;
      if (open)
        loading ||= more(api).then(m => {
          watched = m.watch(host);
          member.show_();
        }, warn);
      const waiting = open || (silence < Limit.hideAfter && (fallback || !feed!.fails_) && (!known || !l));
      if (waiting && seen) return; // there will be words in a moment
      seen = !waiting;
      const at = known?.stood_ || ticks();
      const age_ = (ticks() + feed!.skew_ - Date.parse(s?.observed_at!)) / 1e3;
      // The service would have marked what is too old by now: a cache has made that look fresh. Of what the service has marked, it knows
      // which of the metrics are old, and it hides them in time.
      const old = Math.max(silence, age_ - (s?.stale ? s.refresh_after * 2 : Limit.slack) || 0);
      if (!l || old > (s?.hide_after || Limit.hideAfter)) {
        s = null;
        if (frozen) {
          frozen = null; // there must be a way on
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
      // What changes in kind is said aloud, by the next look, once a minute at most, and nothing to begin with.
      if (waiting || v.kind_ == kind || ticks() - spokeAt! < Limit.quietFor) return;
      if (kind) {
        spokeAt = ticks();
        spoken = (root.firstChild as HTMLElement).innerText;
      }
      kind = v.kind_;
    }),
  };

  const word = (name: string) => host.getAttribute(name) || '';

  /** Puts the element into its feed, or takes it out. It reads the attributes, all of them: they change seldom. */
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
