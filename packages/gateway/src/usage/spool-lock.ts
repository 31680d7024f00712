import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Keeps a second writer out of a spool directory. */
export interface SpoolLock {
  release(): void;
}

/**
 * Takes the lock of a spool directory, without waiting. It is an exclusive SQLite transaction on an empty
 * database, because Node has no file locks of its own: the system releases it when the process dies,
 * however it dies, so there is nothing stale to clean up.
 * @throws Error saying that another process has the spool open.
 */
export function lockSpool(directory: string): SpoolLock {
  const database = new DatabaseSync(path.join(directory, 'lock.db'), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new Error(
      `The spool in ${directory} is in use by another ucode-gateway. Stop it, or give this one its own --data.`,
      { cause },
    );
  }
  return { release: () => database.close() };
}
