// The script of the element, for <script src=…/v1/widget.js>. It may run any number of times in a page.

import css from './style.css'; // first, which compresses better
import { start as startFeeds } from './feed';
import { setStyles, WaitTime } from './element';
import { baseOf, extra, home, more, quietly, ours } from './page';

const name = 'wait-time';

/**
 * Puts an element before each script with a widget, unless it has one, or the page was saved with it. Pages that update themselves from
 * their server's HTML remove the element together with the mark.
 */
const place = () => {
  for (const script of document.querySelectorAll<HTMLScriptElement>(ours + '[data-widget]:not([data-placed])')) {
    const { dataset, style } = script;
    // Another service has scripts of that name too. Consent managers and optimizers block scripts by their type.
    if (baseOf(script) != home || !/^(\w+\/j|mod|$)/.test(script.type)) continue;
    dataset.placed = name;
    const element = document.createElement(name);
    element.setAttribute('api', home!);
    for (const key of WaitTime.observedAttributes) if (dataset[key]) element.setAttribute(key, dataset[key]!);
    // A script that reserves space passes it on.
    if (style.length) element.style = style.cssText;
    script.removeAttribute('style');
    script.before(element);
  }
};

quietly(() => {
  const defined = customElements.get(name) as typeof WaitTime | undefined;
  if (!defined) {
    setStyles(css);
    startFeeds();
    customElements.define(name, WaitTime);
    addEventListener('message', event => event.data?.type == 'wait-time:height' && more(home, () => extra!.size(home!, event)));
    setInterval(place, 1e3);
  } else if (home && home != defined.api) defined.api = ''; // two services: each element must name its own
  place();
})();
