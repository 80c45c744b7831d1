// The element as a module, for the npm package in web/npm. Pages may import several copies, and servers without a page may import it.

import type { WaitTime as Declared } from '../npm/index';
import { setStyles, WaitTime as Ours } from './element';
import { start } from './feed';
import * as more from './more';
import { bring, quietly } from './page';
import css from './style.css';

const name = 'wait-time';
const registry = globalThis.customElements as CustomElementRegistry | undefined;

quietly(() => {
  if (!registry || registry.get(name)) return;
  setStyles(css);
  bring(more);
  start();
  registry.define(name, Ours);
})();

/** The class of the page's elements. If another copy or the script ran before, it is theirs. */
export const WaitTime: typeof Declared = registry?.get(name) || Ours;
