// What every part needs: the time that passes, to warn, to fail quietly, and to know where the service is.

/** The time that the browser's own clock has missed, in milliseconds. */
export let slept = 0;
let apart = Infinity; // how far the visitor's clock was ahead of the browser's own, at the last look

/**
 * Milliseconds since some instant; unlike the visitor's clock it is never wrong and never set back. While a machine sleeps, most browsers' own
 * clock stands still, and only the visitor's goes on; if that was set forward instead, what is shown passes for older than it is until the next answer.
 */
export const ticks = () => {
  const now = performance.now();
  const ahead = Date.now() - now;
  if (ahead > apart + 2e3) slept += ahead - apart;
  apart = ahead;
  return now + slept;
};

type More = typeof import('./more');

/** Loads what few pages need from the service at api. */
export let more = (api: string): Promise<More> => import(/* webpackIgnore: true */ /* @vite-ignore */ api + '/v1/widget.more.js');

/** Has it come with this copy instead. */
export const bring = (module: More) => {
  more = async () => module;
};

export const warn = (problem: unknown) => console.warn('wait-time:', problem);

/** Whatever goes wrong in here stays here: the page around us is not ours to break. */
export function quietly<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      work(...args);
    } catch (error) {
      warn(error);
    }
  };
}

/** Selects the scripts of ours in the page. */
export const ours = 'script[src*="/v1/widget."]';

/**
 * The script that runs right now. A browser does not tell of one that was added in some ways, so then it is looked for; as it is
 * where something else of the page goes by that name.
 */
const current = document.currentScript;
const running = (current?.matches?.(ours) ? current : document.querySelector(ours)) as HTMLScriptElement | null;

/** Where the service of a script is: what stands before /v1/ in its address, which may have a path. */
export const baseOf = (script: HTMLScriptElement | null) => script?.src.split('/v1/widget.')[0];

/** Where the service of the running script is, if that is known. */
export const home = baseOf(running);
