import { mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a directory and those above it, readable by this user alone. An existing one is left as it is.
 * Node's own recursive `mkdir` never returns where a parent exists but can hold nothing (`/proc`), so
 * this asks for one level at a time.
 * @throws the file system's error, naming the path.
 */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || parent === directory) throw error;
    makeDirectory(parent);
    mkdirSync(directory, { mode: 0o700 });
  }
}
