import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeDurably } from './write-durably.ts';

const FILE = 'spool-id';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The id of the spool in a directory: a UUID, made and made durable when there is none yet. Positions of two spools
 * can be equal, so whatever remembers positions elsewhere remembers the id with them.
 */
export async function ensureSpoolId(directory: string): Promise<string> {
  const known = await readSpoolId(directory);
  if (known !== undefined) return known;
  const made = randomUUID();
  await writeDurably(path.join(directory, FILE), [Buffer.from(`${made}\n`)]);
  return made;
}

/**
 * The id of the spool in a directory, or `undefined` where none was ever opened.
 * @throws Error when the file holds something else: with a new id, records would be loaded twice.
 */
export async function readSpoolId(directory: string): Promise<string | undefined> {
  const file = path.join(directory, FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const id = text.trim();
  if (!UUID.test(id)) throw new Error(`${file} does not hold the id of a spool. Restore it from a backup.`);
  return id;
}
