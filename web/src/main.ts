// The script of the element, for <script src=…/v1/widget.js>. It may run any number of times in a page.

import { setStyles, WaitTime } from './element';
import { start as startFeeds } from './feed';
import { start as startFrames } from './frame';
import { baseOf, placing, quietly, running } from './page';
import css from './style.css';

const name = 'wait-time';

/** Puts an element where a script stands, unless a run before this one has, or the page was saved with it. */
const place = quietly((script: HTMLScriptElement) => {
  const { dataset, style } = script;
  if ((script.previousElementSibling as HTMLElement | null)?.dataset.placed) return;
  const element = document.createElement(name);
  for (const key of Object.keys(dataset)) element.setAttribute(key, dataset[key]!);
  element.setAttribute('api', dataset.api || baseOf(script));
  element.dataset.placed = '1';
  // A script that keeps a place free hands it over.
  if (style.length) {
    element.style = style.cssText;
    script.style = '';
  }
  script.before(element);
});

quietly(() => {
  if (!customElements.get(name)) {
    setStyles(css);
    startFeeds();
    customElements.define(name, WaitTime);
    if (running) startFrames(baseOf(running));
  }
  for (const script of placing()) place(script);
})();
