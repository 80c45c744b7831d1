// The script of the element, for <script src=…/v1/widget.js>. It may run any number of times in a page.

import { setStyles, WaitTime } from './element';
import { start as startFeeds } from './feed';
import { baseOf, home, more, ours, quietly, warn } from './page';
import css from './style.css';

const name = 'wait-time';

/** Puts an element before a script, unless an earlier run has, or the page was saved with it. */
const place = quietly((script: HTMLScriptElement) => {
  const { dataset, style } = script;
  const base = baseOf(script);
  if (dataset.placed || base != home) return; // another service has scripts of that name too
  const element = document.createElement(name);
  for (const key of WaitTime.observedAttributes) if (dataset[key]) element.setAttribute(key, dataset[key]!);
  element.setAttribute('api', dataset.api || base!);
  dataset.placed = name;
  // A script that reserves space passes it on.
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
    addEventListener('message', event => event.data?.type == 'wait-time:height' && more(home!).then(m => m.size(home!, event), warn));
  }
  // All scripts with a widget.
  for (const script of document.querySelectorAll<HTMLScriptElement>(ours + '[data-widget]')) place(script);
})();
