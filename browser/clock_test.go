package browser

import (
	"fmt"
	"time"
)

// Only the test moves the clocks of the service and the pages, so shown values don't depend on how long a test takes. Event streams use real
// time, which affects when they send, not what.

// now returns the time of the service.
func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// setClock sets the time of the service.
func (s *site) setClock(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = now
}

// passes moves the clocks of the service and of the page, and makes the page update.
func (s *site) passes(b *tab, d time.Duration) {
	s.Helper()
	s.mu.Lock()
	s.clock = s.clock.Add(d)
	s.mu.Unlock()
	eval[any](b, fmt.Sprintf(`skip += %d; `, d.Milliseconds())+look)
}

// look makes the page update immediately instead of at its next timer.
const look = `dispatchEvent(new Event('pageshow'))`

// standing stops the clocks of a page; its timers continue. A test adds milliseconds to skip to let time pass, and to moved to change the
// visitor's clock or to simulate sleep, during which the browser's monotonic clock stops. Requests don't time out. fetched lists the
// requests of scripts. It uses no array methods, because a test breaks them.
const standing = `{
	const ticks = performance.now(), date = Date.now(), ask = window.fetch;
	window.skip = window.moved = 0; window.fetched = [];
	performance.now = () => ticks + skip;
	Date.now = () => date + skip + moved;
	AbortSignal.timeout = () => new AbortController().signal;
	window.fetch = (...args) => { fetched[fetched.length] = '' + args[0]; return ask(...args) };
}`

// stopped also stops a page's timers. pass(ms) lets time pass and runs due timers in order. As in browsers, a delay over 32 bits counts as 0.
const stopped = `{
	let last = 0;
	const timers = new Map();
	const add = (work, after, every, args) => (timers.set(++last, {work, args, every, due: performance.now() + (after > 0 && after < 2 ** 31 ? after : 0)}), last);
	window.setTimeout = (work, after, ...args) => add(work, after, 0, args);
	window.setInterval = (work, every, ...args) => add(work, every, every, args);
	window.clearTimeout = window.clearInterval = id => { timers.delete(id) };
	window.pass = async ms => {
		const end = performance.now() + ms;
		for (;;) {
			let id;
			for (const [other, {due}] of timers) if (due <= end && !(due >= timers.get(id)?.due)) id = other;
			if (!id) break;
			const timer = timers.get(id), {work, args, every, due} = timer;
			skip += Math.max(0, due - performance.now());
			if (every) timer.due += every; else timers.delete(id);
			work(...args);
			await null;
		}
		skip += end - performance.now();
	};
}`
