// Hides values in the server's HTML when they are too old, until the element replaces them.

import { quietly, ticks } from './page';

/** Marks elements whose values are too old and that have had no update since the page loaded. Stylesheets then show a note instead. */
export function watchLost() {
  const waiting = new Set(document.querySelectorAll<HTMLElement>('wait-time[data-stale]'));
  addEventListener('wait-time:update', ({ target }) => {
    const element = target as HTMLElement;
    waiting.delete(element);
    element.classList.remove('lost');
  });
  setInterval(
    quietly(() => {
      for (const element of waiting) if (ticks() > +element.dataset.stale! * 1e3) element.classList.add('lost');
    }),
    1e3,
  );
}
