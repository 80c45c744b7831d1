// The script of the service's pages with a chart. It replaces the chart by that of the page when an hour has passed.

import { become } from './morph';

/** Some time zones differ by half an hour. */
const every = 18e5;

async function renew() {
  const answer = await fetch(location.href);
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.chart');
  if (next) become(document.querySelector('.chart')!, next);
}

function wait() {
  setTimeout(
    () => {
      renew().catch(() => {}); // a sandboxed page may not read itself; embed.ts reloads it
      wait();
    },
    every - (Date.now() % every) + 2e3 + Math.random() * 3e4,
  );
}

wait();
