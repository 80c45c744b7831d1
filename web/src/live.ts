// What the service tells by itself: its events, over one connection for all that a page shows of it.

import type { Known, Member } from './feed';
import { quietly, ticks } from './page';
import type { Heartbeat, Snapshot } from './snapshot';

// After a refusal, in milliseconds: there are too many streams, or a proxy knows none.
const pause = 60e3;

/** How many widgets a stream can have. */
const most = 100;

/**
 * Whether the connection to the service takes any number of requests at once (HTTP/2, HTTP/3). Over an older one, streams would
 * keep the browser from everything else as soon as six tabs had one. The service lets pages know (Timing-Allow-Origin).
 */
function multiplexed(api: string) {
  for (const e of performance.getEntriesByType('resource') as PerformanceResourceTiming[])
    if (e.name.startsWith(api + '/v1/widgets?') && /^h[23]/.test(e.nextHopProtocol)) return true;
  return false;
}

/**
 * Makes the function that has the events followed of all that the page shows of a service, as soon as that has been asked for once, while
 * somebody looks and some of it is to be live; and otherwise no longer. It is to be called whenever that may have changed. All that is known
 * is handed over whenever something is told.
 */
function newFollower(api: string, known: Map<string, Known>, members: Set<Member>, hear: (widgets: Snapshot[]) => void) {
  let source: EventSource | undefined;
  let followed = '';
  let notBefore = 0; // in ticks

  // An event is a whole snapshot or, with every heartbeat, says of one how old it is.
  const told = quietly(({ data }: Event & { data?: string }) => {
    const news: Snapshot | Heartbeat = JSON.parse(data!);
    const widgets = [{ ...known.get(news.id)?.snapshot_, ...news } as Snapshot];
    for (const [id, { snapshot_ }] of known) if (id != news.id && snapshot_) widgets[widgets.length] = snapshot_; // as it was
    hear(widgets);
  });

  return quietly(() => {
    let query = '';
    let live: boolean | undefined;
    for (const m of members) live ||= m.live_;
    const ids = new Set<string>();
    if (live && !document.hidden && multiplexed(api)) for (const m of members) ids.add(m.id_);
    if (ids.size > most) ids.clear(); // they are asked for, in several requests
    for (const id of ids) query += '&id=' + encodeURIComponent(id);
    if (source?.readyState == EventSource.CLOSED) { // refused; otherwise the browser connects anew by itself
      source = undefined;
      notBefore = ticks() + pause;
    }
    if (query == followed && source) return;
    source?.close();
    source = undefined;
    followed = query;
    if (!query || ticks() < notBefore) return;
    source = new EventSource(api + '/v1/events?' + query.slice(1));
    for (const kind of ['snapshot', 'heartbeat']) source.addEventListener(kind, told);
  });
}

const followers = new Map<string, () => void>();

/** Calls that function of a service, which is made by the first call. */
export function follow(api: string, ...rest: [Map<string, Known>, Set<Member>, (widgets: Snapshot[]) => void]) {
  if (!followers.has(api)) followers.set(api, newFollower(api, ...rest));
  followers.get(api)!();
}
