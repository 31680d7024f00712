import { randomBytes } from 'node:crypto';
import { chmod, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file as a whole or not at all: into a file beside it, flushed, then renamed over it. The directory exists.
 * @param mode permission bits of the file.
 */
export async function atomicWrite(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // The mask of the process may have taken bits away.
    await chmod(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Removes what killed runs of `atomicWrite` left beside a file. Nobody may be writing the file. */
export async function removeLeftovers(file: string): Promise<void> {
  const directory = path.dirname(file);
  const prefix = `.${path.basename(file)}.`;
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.startsWith(prefix) && /^[\da-f]{12}\.tmp$/.test(name.slice(prefix.length)))
      await rm(path.join(directory, name), { force: true });
  }
}
