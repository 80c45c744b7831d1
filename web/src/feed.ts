// The shared feed: one for each service, for all elements of the page that show its widgets. It requests all their widgets at once, and
// phrases until it has those that it needs.

import { follow } from './live';
import { slept, ticks, warn } from './page';
import type { Snapshot } from './snapshot';
import type { Language, Words } from './text';

/** The answer to a request for several widgets. */
interface Answer {
  widgets: Snapshot[];
  phrases?: Words;
}

/** The last state of a widget. */
export interface Known {
  snapshot_?: Snapshot; // undefined: the answer lacked the widget
  heard_: number; // in ticks: when the answer arrived
  stood_?: number; // in ticks: when running values were paused; undefined: they run
}

/** An element that shows a widget of the feed. */
export interface Member {
  id_: string;
  tag_: string; // its language tag, from the page; und: that of the widget
  live_?: boolean; // whether it wants the event stream
  show_(event?: string, detail?: unknown): void; // with an event after an update or a failure
}

export type Feed = ReturnType<typeof newFeed>;

const enum Limit {
  patience = 10e3, // milliseconds, for a request
  parsing = 200, // milliseconds, for more elements while the page is still being read
  longest = 120, // seconds between two requests
  shortest = 5, // seconds, until a snapshot sets the interval
  silence = 45e3, // milliseconds without an event before a poll; events are more frequent
  pause = 36e5, // milliseconds, the longest Retry-After that counts
  ids = 100, // widgets in one request
}

function newFeed(api: string) {
  const known_ = new Map<string, Known>();
  const languages_ = new Map<string, Language>(); // by the requested tag
  const members_ = new Set<Member>();
  let before = 0; // the offset between the server's clock and the browser's monotonic clock in the previous answer
  let due = Infinity; // in ticks; the first member makes it sooner
  let notBefore = 0; // in ticks: by Retry-After, which the service sends in seconds
  let timer: number | undefined;
  let busy: boolean | undefined;

  const lacks = (m: Member) => !known_.has(m.id_) || !languages_.has(m.tag_);

  /** Sets the timer for the next request, but not while the page is hidden. With hope, a request after failures is due at once. */
  const arm_ = (hope?: unknown) => {
    if (hope && self.fails_) due = notBefore;
    clearTimeout(timer);
    if (LIVE)
      follow(api, known_, members_, widgets => {
        receive({ widgets }, ticks(), known_);
        // Events carry no phrases: missing ones are still requested when they are due.
        let lacking: unknown;
        for (const m of members_) lacking ||= lacks(m);
        if (!lacking) due = ticks() + Limit.silence;
        arm_();
      });
    if (members_.size && !busy && !document.hidden) timer = setTimeout(load, due - ticks());
  };

  /** Requests all widgets, and the phrases of one missing language. */
  const load = async () => {
    let tag: string | undefined;
    const all = new Set<string>();
    for (const m of members_) {
      all.add(m.id_);
      if (!languages_.has(m.tag_)) tag ||= m.tag_;
    }
    const ids = [...all];
    busy = true;
    try {
      while (ids[0]) {
        const asked = new Set(ids.splice(0, Limit.ids));
        const query = new URLSearchParams();
        for (const id of asked) query.append('id', id);
        if (tag) query.append('phrases', tag);
        // It sets no header that would need a CORS preflight.
        const response = await fetch(api + '/v1/widgets?' + query, {
          signal: AbortSignal.timeout(Limit.patience),
          cache: 'no-cache',
        });
        const received = ticks();
        const header = (name: string) => response.headers.get(name)!;
        const age = Math.max(0, +header('Age') * 1e3) || 0;
        notBefore = received + Math.min(+header('Retry-After') * 1e3, Limit.pause) || 0;
        if (!response.ok) throw response;
        // Date and Age are cut to seconds, so each answer bounds the offset of the clocks. The offset moves only as far as the bounds demand: it
        // becomes more precise, and follows a clock that is set. An answer that falls behind the previous one comes from a cache without Age and
        // must not look fresh. The browser's monotonic clock decides this, because the visitor's clock may be set forward.
        const apart = Date.parse(header('Date')) + age - received;
        if (apart + slept + 2e3 > before) self.skew_ = Math.max(apart, Math.min(self.skew_ || apart + 500, apart + 2e3));
        before = apart + slept || before;
        receive(await response.json(), received - age, asked, tag);
      }
      self.fails_ = 0;
    } catch (error) {
      self.fails_++;
      warn(`${(error as Response).status || error}, api=${api}?`);
      for (const m of [...members_]) m.show_('error', error); // listeners may remove and add elements
    }
    busy = false;
    // Random delays spread pages that were opened at once. After the phrases of one language, those of the next are requested at once.
    let wait: number = Limit.longest;
    for (const m of members_) {
      wait = Math.min(wait, self.fails_ ? Limit.shortest * 2 ** self.fails_ : lacks(m) ? +!languages_.has(tag!) : known_.get(m.id_)?.snapshot_?.refresh_after || Limit.shortest);
    }
    due = Math.max(notBefore, ticks() + wait * (1e3 + Math.random() * 125));
    arm_();
  };

  /**
   * Stores an answer that arrived at some tick, for the requested IDs; elements of other IDs may have joined since. A live connection passes
   * its snapshots here too, and postpones the next request.
   */
  const receive = ({ widgets, phrases }: Answer, heard_: number, asked: { has(id: string): boolean }, tag?: string) => {
    if (tag && phrases) {
      languages_.set(tag, { tag_: phrases.locale as string, words_: phrases });
      if (phrases.warning) warn(phrases.warning);
    }
    const news = new Set<unknown>(widgets);
    for (const snapshot_ of widgets) {
      const { id, observed_at } = snapshot_;
      const last = known_.get(id);
      // If the server's time is unknown or impossible, only newer snapshots count as heard: a cache may repeat an old one.
      known_.set(id, { snapshot_, heard_: self.skew_ + heard_ + 2e3 > Date.parse(observed_at!) || !(last?.snapshot_?.observed_at! >= observed_at!) ? heard_ : last!.heard_ });
    }
    for (const { id_, show_ } of [...members_]) {
      const known = known_.get(id_);
      if (news.has(known?.snapshot_)) show_('update', known!.snapshot_);
      else if (asked.has(id_)) {
        if (!known || known.snapshot_) warn(`unknown widget="${id_}"`);
        known_.set(id_, { heard_ });
        show_('error');
      }
    }
  };

  const self = {
    known_,
    languages_,
    members_,
    arm_,
    /** From ticks to the server's time, in milliseconds; NaN: unknown. */
    skew_: NaN,
    /** How many requests have failed one after the other. */
    fails_: 0,
    join_(m: Member) {
      members_.add(m);
      if (!self.fails_ && lacks(m)) due = Math.max(notBefore, Math.min(due, ticks() + +(document.readyState == 'loading') * Limit.parsing));
      arm_();
    },
  };
  return self;
}

const feeds = new Map<string, Feed>();

export function feedOf(api: string) {
  let feed = feeds.get(api);
  if (!feed) feeds.set(api, (feed = newFeed(api)));
  return feed;
}

/** Starts the timer that renders all elements every second, and the listeners for events of the page. */
export function start() {
  const look = (event?: Event) => {
    for (const f of feeds.values()) {
      for (const m of f.members_) m.show_();
      if (event) f.arm_(event);
    }
  };
  setInterval(look, 1e3);
  for (const event of ['visibilitychange', 'pageshow', 'online']) addEventListener(event, look);
}
