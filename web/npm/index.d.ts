import type { Snapshot } from './snapshot.js';

export type * from './snapshot.js';

/**
 * The element `<wait-time>`. Importing this module registers it, unless the page has one of that name.
 *
 * It can be made by `new WaitTime()` in a browser only; the import itself does no harm elsewhere.
 */
export declare class WaitTime extends HTMLElement {}

/** The element's attributes. */
export interface WaitTimeAttributes {
  /** The service's address, such as https://wait.example.com. */
  api: string;
  /** The widget's ID. */
  widget: string;
  /** The ID of the only metric to show. Default: all. */
  metric?: string;
  /** The layout. Default: `card`. `bare` is the value alone, inside a sentence. */
  layout?: 'card' | 'line' | 'compact' | 'bare';
  /** A chart of what is typical of each hour of the day or the week, below a card. Default: none. */
  chart?: 'day' | 'week';
  /** Its colors. Default: the page's `color-scheme`. */
  theme?: 'auto' | 'light' | 'dark';
  /** A language tag. Default: the nearest `lang`. */
  locale?: string;
  /** The service pushes changes, if the page reaches it over HTTP/2 or newer. Only its presence counts: omit it for no. */
  live?: '';
}

/** After every response: the widget's snapshot. */
export type WaitTimeUpdateEvent = CustomEvent<Snapshot>;

/** After every failure: the reason, or null if the service has no such widget or does not serve it to this page. */
export type WaitTimeErrorEvent = CustomEvent<unknown>;

declare global {
  interface HTMLElementTagNameMap {
    'wait-time': WaitTime;
  }
  // The events bubble, so that elements, documents and windows hear them: all those have these.
  interface GlobalEventHandlersEventMap {
    'wait-time:update': WaitTimeUpdateEvent;
    'wait-time:error': WaitTimeErrorEvent;
  }
}
