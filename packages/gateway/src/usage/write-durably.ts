import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from '../lib/sync-directory.ts';

/** Writes a whole file so that after a crash or power cut it is there with all its bytes, or not at all. */
export async function writeDurably(file: string, parts: readonly Uint8Array[]): Promise<void> {
  const unfinished = `${file}.tmp`;
  const handle = await open(unfinished, 'w', 0o600);
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
  await syncDirectory(path.dirname(file));
}
