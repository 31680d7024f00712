const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** Thrown where work was given up because of a stop. */
export class Stopped extends Error {
  constructor() {
    super('The loader was stopped.');
  }
}

/**
 * Waits before try `failures + 1`: 0.1 s, doubled each time, 10 s at most.
 * @throws Stopped as soon as `signal` is aborted.
 */
export function backOff(failures: number, signal: AbortSignal): Promise<void> {
  return sleep(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10)), signal);
}

/** @throws Stopped as soon as `signal` is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Stopped());
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new Stopped());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
