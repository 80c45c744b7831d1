// The element as a module, for the npm package in web/npm. It may be imported any number of times, in any number of copies, and
// where there is no page at all.

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

/** The class of the page's elements, which is another one than ours if another copy of us, or the script, was here before. */
export const WaitTime: typeof Declared = registry?.get(name) || Ours;
