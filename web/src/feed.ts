// The shared feed: one for each service that the page shows something of, however many elements show it. It asks for all
// their widgets at once, and for phrases until it has those that are needed.

import { follow } from './live';
import { quietly, slept, ticks, warn } from './page';
import type { Snapshot } from './snapshot';
import type { Language, Words } from './text';

/** The answer to a request for several widgets. */
interface Answer {
  widgets: Snapshot[];
  phrases?: Words;
}

/** What is known of a widget. */
export interface Known {
  snapshot_?: Snapshot; // undefined: the service left it out
  heard_: number; // in ticks: when the service said so
  stood_?: number; // in ticks: when running values were paused; not there: they run
}

/** An element that shows a widget of the feed. */
export interface Member {
  id_: string;
  tag_: string; // the language that it would speak, as the page has it, which the service reads; und: that of the widget
  live_?: boolean; // it would follow the service's events
  show_(event?: string, detail?: unknown): void; // with an event if the feed has news, good or bad
}

export type Feed = ReturnType<typeof newFeed>;

const enum Limit {
  patience = 10e3, // milliseconds, with a request
  parsing = 200, // milliseconds, for more elements while the page is still being read
  longest = 120, // seconds between two requests
  shortest = 5, // seconds, as long as there is nothing to say how many
  silence = 45e3, // milliseconds without an event, more than there are between two, after which the service is asked
  pause = 36e5, // milliseconds that the service may demand: more is a mistake on the way
  ids = 100, // widgets in one request
}

function newFeed(api: string) {
  const known_ = new Map<string, Known>();
  const languages_ = new Map<string, Language>(); // by the tag asked for
  const members_ = new Set<Member>();
  let before = 0; // how far the browser's own clock seemed to be from it by the answer before
  let due = Infinity; // in ticks; the first who joins makes it sooner
  let notBefore = 0; // in ticks: what Retry-After demands, in seconds as our service puts it
  let timer = 0;
  let busy = false;

  const lacks = (m: Member) => !known_.has(m.id_) || !languages_.has(m.tag_);

  /** Sets the timer for what is due; there is none while nobody looks. After failures there may be new hope. */
  const arm_ = (hope?: unknown) => {
    if (hope && self.fails_) due = notBefore;
    clearTimeout(timer);
    if (LIVE)
      follow(api, known_, members_, widgets => {
        receive({ widgets }, ticks(), known_);
        // Phrases do not come this way: what is lacking is asked for when it was to be, however much is told.
        let lacking: unknown;
        for (const m of members_) lacking ||= lacks(m);
        if (!lacking) due = ticks() + Limit.silence;
        arm_();
      });
    if (members_.size && !busy && !document.hidden) timer = setTimeout(load, due - ticks());
  };

  /** One request, with the phrases of a language. It has no header that would need the service's leave first. */
  const ask = async (ids: Set<string>, tag?: string) => {
    let query = '';
    for (const id of ids) query += '&id=' + encodeURIComponent(id);
    if (tag) query += '&phrases=' + encodeURIComponent(tag);
    const response = await fetch(api + '/v1/widgets?' + query.slice(1), {
      signal: AbortSignal.timeout(Limit.patience),
      cache: 'no-cache',
    });
    const received = ticks();
    const header = (name: string) => response.headers.get(name)!;
    const age = Math.max(0, +header('Age') * 1e3) || 0;
    notBefore = received + Math.min(+header('Retry-After') * 1e3, Limit.pause) || 0;
    if (!response.ok) throw response;
    // The date was cut to seconds, as was the age. Each answer bounds how far the clocks are apart; what is known is moved
    // only as far as the bounds demand, so that it gains in precision and follows a clock that is set. An answer that falls back
    // behind the one before is no clock: a cache that tells no age says the same again, which must not look fresh.
    // That is judged by the browser's own clock, since a visitor's that is set forward must not look like it.
    const apart = Date.parse(header('Date')) + age - received;
    if (apart + slept + 2e3 > before) self.skew_ = Math.max(apart, Math.min(self.skew_ || apart + 500, apart + 2e3));
    before = apart + slept || before;
    receive(await response.json(), received - age, ids, tag);
  };

  /** Asks for everything, and for the phrases of one language that is lacking. */
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
      while (ids[0]) await ask(new Set(ids.splice(0, Limit.ids)), tag);
      self.fails_ = 0;
    } catch (error) {
      self.fails_++;
      warn(error);
      for (const m of [...members_]) m.show_('error', error); // those who hear of it may take elements away and put them back
    }
    busy = false;
    // Pages that were opened at once must not ask at once for ever. Once the phrases of a language have come, the next are asked for without delay.
    let wait: number = Limit.longest;
    for (const m of members_) {
      wait = Math.min(wait, self.fails_ ? Limit.shortest * 2 ** self.fails_ : lacks(m) ? +!languages_.has(tag!) : known_.get(m.id_)?.snapshot_?.refresh_after || Limit.shortest);
    }
    due = Math.max(notBefore, ticks() + wait * (1e3 + Math.random() * 125));
    arm_();
  };

  /**
   * Takes in what the service said at some tick when it was asked for some IDs; an element of another has come since. This is where all news comes in: a live connection, when there is one,
   * hands its snapshots over here and moves what is due out of the way.
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
      // Where the server's time is not known, or can't be what it seems, only what is newer counts as heard: a cache may say the same again.
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
    /** From ticks to the server's time, in milliseconds; NaN: no answer could say. */
    skew_: NaN,
    /** How many requests have failed one after the other. */
    fails_: 0,
    join_(m: Member) {
      members_.add(m);
      if (!self.fails_ && lacks(m)) due = Math.max(notBefore, Math.min(due, ticks() + (document.readyState == 'loading' ? Limit.parsing : 0)));
      arm_();
    },
    leave_(m: Member) {
      members_.delete(m);
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

/** Starts what all feeds share: one timer, by which everything that tells a time is shown anew, and the page's own news. */
export function start() {
  const look = quietly((event?: Event) => {
    for (const f of feeds.values()) {
      if (!document.hidden) for (const m of f.members_) m.show_();
      if (event) f.arm_(event);
    }
  });
  setInterval(look, 1e3);
  addEventListener('visibilitychange', look);
  addEventListener('pageshow', look);
  addEventListener('online', look);
}
