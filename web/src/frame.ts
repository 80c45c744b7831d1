// The parent's side of our iframes: each gets the height of what is in it. A page may refuse inline styles, so the height
// goes into the attribute of that name.

import { quietly } from './page';

export function start(base: string) {
  // A message counts if it comes from our service and out of a frame that shows it.
  addEventListener('message', quietly(({ data, origin, source }) => {
    if (data?.type == 'wait-time:height' && origin == new URL(base).origin)
      for (const frame of document.querySelectorAll<HTMLIFrameElement>(`iframe[src^="${base}/embed/"]`)) if (frame.contentWindow == source) frame.height = data.height;
  }));
}
