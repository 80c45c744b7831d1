// The parent's side of our iframes: each gets the height of what is in it. A page may refuse inline styles, so the height
// goes into the attribute of that name.

import { quietly } from './page';

export function start(base: string) {
  const frames = () => document.querySelectorAll<HTMLIFrameElement>(`iframe[src^="${base}/embed/"]`);
  // A message counts if it comes from our service and out of a frame that shows it.
  addEventListener('message', quietly(({ data, origin, source }) => {
    if (data?.type == 'wait-time:height' && origin == new URL(base).origin)
      for (const frame of frames()) if (frame.contentWindow == source) frame.height = data.height;
  }));
  // Those that told their height before we listened are asked for it.
  for (const frame of frames()) frame.contentWindow!.postMessage({ type: 'wait-time:measure' }, base);
}
