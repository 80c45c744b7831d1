// Shared helpers: the clock, warnings, error handling, and the address of the service.

/** How long the browser's monotonic clock stood still, in milliseconds. */
export let slept = 0;
let apart = Infinity; // how far the visitor's clock was ahead of the monotonic clock at the last call

/**
 * Milliseconds since some instant; unlike the visitor's clock, they are never wrong and never set back. While a machine sleeps, the monotonic
 * clock of most browsers stands still, so ticks adds a jump of the visitor's clock. A clock that is set forward makes values look too old
 * until the next answer.
 */
export const ticks = () => {
  const now = performance.now();
  const ahead = Date.now() - now;
  if (ahead > apart + 2e3) slept += ahead - apart;
  apart = ahead;
  return now + slept;
};

type More = typeof import('./more');

export const warn = (problem: unknown) => console.warn('wait-time:', problem);

/** more.ts, once it is loaded. */
export let extra: More | undefined;
let loading: Promise<unknown> | undefined;

/** Uses this copy of more.ts. */
export const bring = (module: More) => {
  loading = Promise.resolve((extra = module));
};

/** Loads more.ts from the service at api, and calls use when extra is set. */
export const more = (api?: string, use?: () => void) =>
  api && (loading ||= import(/* webpackIgnore: true */ /* @vite-ignore */ api + '/v1/widget.more.js').then(m => (extra = m), warn)).then(() => extra && use?.());

/** Catches and logs errors, so that the element never breaks the page. */
export function quietly<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      work(...args);
    } catch (error) {
      warn(error);
    }
  };
}

/** Selects the element's scripts in the page. */
export const ours = 'script[src*="/v1/widget."]';

/**
 * The running script. For scripts that were added in some ways, browsers do not report it, so a selector finds it; also where something else
 * in the page has that name.
 */
const current = document.currentScript;
const running = (current?.matches?.(ours) ? current : document.querySelector(ours)) as HTMLScriptElement | null;

/** The address of a script's service: the part of its URL before /v1/, perhaps with a path. */
export const baseOf = (script: HTMLScriptElement | null) => script?.src.split('/v1/widget.')[0];

/** The address of the running script's service; empty: unknown. */
export const home = baseOf(running);
