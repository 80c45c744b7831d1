import type { ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from 'react';
import type { WaitTime as WaitTimeElement, WaitTimeAttributes, WaitTimeErrorEvent, WaitTimeUpdateEvent } from './index.js';

/** The element's attributes, and the attributes of any element. Its content is shown until the first response. */
export interface WaitTimeProps extends WaitTimeAttributes, Omit<HTMLAttributes<WaitTimeElement>, 'onError'> {
  /** Called after every response, with the snapshot as `event.detail`. */
  onUpdate?: (event: WaitTimeUpdateEvent) => void;
  /** Called after every failure. */
  onError?: (event: WaitTimeErrorEvent) => void;
}

/** The element as a component, for any React from 16.8. Its ref is the element. */
export declare const WaitTime: ForwardRefExoticComponent<WaitTimeProps & RefAttributes<WaitTimeElement>>;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      /** The element itself, for React 19, which supports custom elements. Import '@waitboard/wait-time' to register it. */
      'wait-time': WaitTimeAttributes &
        HTMLAttributes<WaitTimeElement> &
        RefAttributes<WaitTimeElement> & {
          class?: string;
          'onwait-time:update'?: (event: WaitTimeUpdateEvent) => void;
          'onwait-time:error'?: (event: WaitTimeErrorEvent) => void;
        };
    }
  }
}
