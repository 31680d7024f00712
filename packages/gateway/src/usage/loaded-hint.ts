import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { comparePositions, type SpoolPosition } from './spool-format.ts';

const FILE = 'loaded';

/**
 * Notes that every record of a spool before `position` is in its table or parked, so that a restart need not read
 * them again. Only a hint: it may get lost or be old, which costs time and nothing else.
 */
export async function writeLoadedHint(directory: string, spoolId: string, position: SpoolPosition): Promise<void> {
  const file = path.join(directory, FILE);
  const { segment, offset } = position;
  try {
    await writeFile(`${file}.tmp`, `${JSON.stringify({ spoolId, segment, offset })}\n`, { mode: 0o600 });
    await rename(`${file}.tmp`, file);
  } catch {
    // The older hint serves.
  }
}

/** The noted position. `undefined` where there is none, or one of another spool, or one behind `committed`. */
export async function readLoadedHint(
  directory: string,
  spoolId: string,
  committed: SpoolPosition,
): Promise<SpoolPosition | undefined> {
  try {
    const noted = JSON.parse(await readFile(path.join(directory, FILE), 'utf8')) as {
      spoolId: unknown;
    } & SpoolPosition;
    const { segment, offset } = noted;
    if (noted.spoolId !== spoolId || !Number.isSafeInteger(segment) || !Number.isSafeInteger(offset)) return undefined;
    return comparePositions({ segment, offset }, committed) <= 0 ? { segment, offset } : undefined;
  } catch {
    return undefined;
  }
}
