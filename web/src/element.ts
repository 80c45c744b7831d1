// <wait-time>: attributes in, a shadow tree and events out.

import { patch, tag } from './dom';
import { feedOf, type Feed, type Known, type Member } from './feed';
import { baseOf, quietly, running, ticks, warn } from './page';
import type { Snapshot } from './types';
import { view, type View } from './view';

const enum Limit {
  hideAfter = 300, // seconds, of what is not known
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
  let seen = false;
  let kind: string | null | undefined;
  let spoken = '';
  let spokeAt = -Limit.quietFor;

  root.adoptedStyleSheets = [sheet];
  root.addEventListener('click', quietly(event => {
    if (!(event.target as Element).matches('.pause')) return;
    frozen = frozen ? null : { ...feed!.known_.get(member.id_)!, stood_: feed!.now_() };
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
      const silence = ticks() - (known ? known.heard_ : joined);
      const hideAfter = (s?.hide_after || Limit.hideAfter) * 1e3;
      const fallback = host.innerHTML.trim();
      const waiting = silence < hideAfter && (fallback || !feed!.fails_()) && (!known || !l);
      if (waiting && seen) return; // there will be words in a moment
      seen = !waiting;
      const now = feed!.now_();
      const age_ = now - Date.parse(s?.observed_at!);
      const lost_ = silence > s?.stale_after! * 1e3;
      // The service's own judgement comes first. But it would have marked what is too old by now: a cache has made that look fresh, or a clock on
      // the way is wrong.
      if (!l || silence > hideAfter || (age_ > hideAfter && (lost_ || !s?.stale))) {
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
        stood_: known?.stood_ || now,
        lost_,
        paused_: !!frozen,
        layout_: layout,
      };
      const box = seen
        ? view(l || { tag_: 'en', words_: { wait_not_available: 'Wait time not available' } }, v)
        : !fallback && tag('div', { class: 'box ' + layout });
      patch(root, [tag('div', { class: 'grid' }, [tag('slot', { class: seen && 'hidden' }), box]), tag('span', { class: 'status', role: 'status' }, spoken)]);
      // What changes in kind is said aloud, by the next look, once a minute at most, and nothing to begin with.
      if (waiting || v.kind_ == kind || ticks() - spokeAt < Limit.quietFor) return;
      if (kind) {
        spokeAt = ticks();
        spoken = (root.firstChild as HTMLElement).innerText;
      }
      kind = v.kind_;
    }),
  };

  const word = (name: string) => host.getAttribute(name) || '';

  const oneOf = (name: string, known: RegExp) => {
    const given = word(name);
    if (!given || known.test(given)) return given;
    warn(`unknown ${name}="${given}"`);
    return '';
  };

  const disconnect_ = quietly(() => feed?.leave_(member));

  return {
    disconnect_,
    /** Reads the attributes, all of them: they change seldom. */
    connect_: quietly(() => {
      disconnect_();
      frozen = kind = null;
      seen = false;
      const id = (member.id_ = word('widget'));
      metric = word('metric');
      layout = oneOf('layout', /^(card|line|compact|bare)$/) || 'card';
      oneOf('theme', /^(auto|light|dark)$/); // the stylesheet reads it
      member.tag_ = 'und';
      if (LIVE) member.live_ = host.hasAttribute('live');
      joined = ticks();
      const api = oneOf('api', /^https?:/) || baseOf(running);
      if (!api || !id) {
        warn('unknown widget or api');
        patch(root, [tag('slot', {})]);
        return;
      }
      member.tag_ = word('locale') || (host.closest<HTMLElement>('[lang]') || document.documentElement).lang || 'und';
      feed = feedOf(api.replace(/\/+$/, ''));
      feed.join_(member);
      member.show_();
    }),
  };
}

export class WaitTime extends HTMLElement {
  static observedAttributes = LIVE ? ['widget', 'metric', 'layout', 'theme', 'locale', 'api', 'live'] : ['widget', 'metric', 'layout', 'theme', 'locale', 'api'];
  #inside = newInside(this);

  connectedCallback() {
    this.#inside.connect_();
  }

  disconnectedCallback() {
    this.#inside.disconnect_();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.connectedCallback();
  }
}
