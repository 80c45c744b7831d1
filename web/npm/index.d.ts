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
  /** The ID of the only metric to show. All are shown without it. */
  metric?: string;
  /** How it looks; a card by default. `bare` is the value alone, for inside a sentence. */
  layout?: 'card' | 'line' | 'compact' | 'bare';
  /** Its colours; by default those of the page's `color-scheme`. */
  theme?: 'auto' | 'light' | 'dark';
  /** A language tag; by default that of the nearest `lang`. */
  locale?: string;
  /** Whether it follows changes as they happen, where the service is reached by HTTP/2 or newer. It is being there that counts: leave it out for no. */
  live?: '';
}

/** After every answer: what the service says of the widget. */
export type WaitTimeUpdateEvent = CustomEvent<Snapshot>;

/** After every failure: what went wrong, or null if the service knows no such widget or keeps it from this page. */
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
