// What every part needs: the time that passes, to warn, to fail quietly, and to know where the service is.

/** Milliseconds since some instant; unlike the visitor's clock it is never wrong and never set. */
export const ticks = () => performance.now();

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

const ours = 'script[src*="/v1/widget."]';

/** All scripts of ours in the page that say which widget they stand for. */
export const placing = () => document.querySelectorAll<HTMLScriptElement>(ours + '[data-widget]');

/** The script that runs right now. A browser does not tell of one that was added in some ways, so then it is looked for. */
export const running = (document.currentScript || document.querySelector(ours)) as HTMLScriptElement | null;

/** Where the service of a script is: what stands before /v1/ in its address, which may have a path. */
export const baseOf = (script: HTMLScriptElement | null) => script?.src.split('/v1/widget.')[0] || '';
