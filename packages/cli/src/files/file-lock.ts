import { randomBytes } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../lib/system-error.ts';
import { makeDirectory } from './make-directory.ts';

/** Milliseconds between two tries. */
const RETRY_MS = 25;
/** A lock of this age belongs to nobody any more, whatever it says: longer than anything that is done under one. */
const STALE_MS = 60_000;
/** Longest that a step takes which is a matter of microseconds, milliseconds. */
const CLEARING_MS = 5_000;

/**
 * Runs `work` while no other process that asks for the same lock does. A lock whose owner has died is taken over.
 * @param timeoutMs how long to wait for it.
 * @throws Error when the wait is over.
 */
export async function withFileLock<T>(file: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const mine = `${process.pid} ${randomBytes(8).toString('hex')}`;
  const deadline = Date.now() + timeoutMs;
  await makeDirectory(path.dirname(file));
  while (!(await take(file, mine))) {
    if (Date.now() > deadline)
      throw new Error(`Another ucode holds ${file}. Try again, or delete the file if none runs.`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())));
  }
  try {
    return await work();
  } finally {
    if ((await contentOf(file)) === mine) await rm(file, { force: true });
  }
}

async function take(file: string, mine: string): Promise<boolean> {
  try {
    await writeFile(file, mine, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const holder = await contentOf(file);
  if (holder !== undefined && (await isAbandoned(file, holder))) await clearAway(file, holder);
  return false;
}

/**
 * Removes an abandoned lock. Of several that find it at once one may, under a lock of its own: else the last would
 * remove what the first has taken meanwhile.
 */
async function clearAway(file: string, holder: string): Promise<void> {
  const guard = `${file}.clearing`;
  try {
    await writeFile(guard, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    if ((await ageOf(guard)) > CLEARING_MS) await rm(guard, { force: true });
    return;
  }
  try {
    if ((await contentOf(file)) === holder) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function isAbandoned(file: string, holder: string): Promise<boolean> {
  const age = await ageOf(file);
  if (age > STALE_MS) return true;
  const pid = Number(holder.split(' ')[0]);
  // Written in two steps by whoever makes it: empty for a moment, or for ever where it died between them.
  if (!Number.isInteger(pid) || pid <= 0) return age > CLEARING_MS;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

/** Milliseconds since a file was written; 0 where there is none. */
function ageOf(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs),
    () => 0,
  );
}

function contentOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
