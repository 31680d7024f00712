import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `probe` every 20 ms until it gives something else than `undefined` or `false`, and gives that
 * back. An error that the probe throws ends the wait. The limit is generous: it only turns a hang into a failure.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs} ms in vain for ${what}.`);
    await sleep(20);
  }
}
