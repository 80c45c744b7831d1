// The event stream of a service, one connection for all its widgets in the page.

import type { Known, Member } from './feed';
import { quietly, ticks } from './page';
import type { Heartbeat, Snapshot } from './snapshot';

// After a rejected stream, in milliseconds: the limit of streams is reached, or a proxy does not support them.
const pause = 60e3;

/** How many widgets a stream can have. */
const most = 100;

/**
 * Whether the connection to the service multiplexes requests (HTTP/2, HTTP/3). With HTTP/1.1, the streams of six tabs would block all other
 * requests. The service allows pages to see the protocol (Timing-Allow-Origin).
 */
function multiplexed(api: string) {
  for (const e of performance.getEntriesByType('resource') as PerformanceResourceTiming[])
    if (e.name.startsWith(api + '/v1/widgets?') && /^h[23]/.test(e.nextHopProtocol)) return true;
  return false;
}

/**
 * Makes the function that opens, replaces or closes the stream of a service. The stream is open after the first poll, while the page is
 * visible and has a live element. Call the function whenever one of these may have changed. Each event passes all snapshots to hear.
 */
function newFollower(api: string, known: Map<string, Known>, members: Set<Member>, hear: (widgets: Snapshot[]) => void) {
  let source: EventSource | undefined;
  let followed = '';
  let notBefore = 0; // in ticks

  // An event is a whole snapshot, or a heartbeat with the age of one.
  const receive = quietly(({ data }: Event & { data?: string }) => {
    const news: Snapshot | Heartbeat = JSON.parse(data!);
    const widgets = [{ ...known.get(news.id)?.snapshot_, ...news } as Snapshot];
    for (const [id, { snapshot_ }] of known) if (id != news.id && snapshot_) widgets[widgets.length] = snapshot_; // unchanged
    hear(widgets);
  });

  return quietly(() => {
    let query = '';
    let live: boolean | undefined;
    for (const m of members) live ||= m.live_;
    const ids = new Set<string>();
    if (live && !document.hidden && multiplexed(api)) for (const m of members) ids.add(m.id_);
    if (ids.size > most) ids.clear(); // polls, in several requests
    for (const id of ids) query += '&id=' + encodeURIComponent(id);
    if (source?.readyState == EventSource.CLOSED) { // rejected; otherwise the browser reconnects automatically
      source = undefined;
      notBefore = ticks() + pause;
    }
    if (query == followed && source) return;
    source?.close();
    source = undefined;
    followed = query;
    if (!query || ticks() < notBefore) return;
    source = new EventSource(api + '/v1/events?' + query.slice(1));
    for (const kind of ['snapshot', 'heartbeat']) source.addEventListener(kind, receive);
  });
}

const followers = new Map<string, () => void>();

/** Calls that function of a service. The first call makes it. */
export function follow(api: string, ...rest: [Map<string, Known>, Set<Member>, (widgets: Snapshot[]) => void]) {
  if (!followers.has(api)) followers.set(api, newFollower(api, ...rest));
  followers.get(api)!();
}
