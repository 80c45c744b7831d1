// What the server wrote into an element of a page of ours, until the element shows the widget: it must not outlive its data.

import { quietly, ticks } from './page';

/** Replaces what the server wrote by a note once it may be too old, where no answer has come since the page was asked for; the stylesheets know how. */
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
