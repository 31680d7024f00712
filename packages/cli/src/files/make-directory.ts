import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../lib/system-error.ts';

/**
 * Makes a directory and those above it, private where they are new. Node's own way says of a read-only disk that a
 * directory is missing; this one says what is the matter.
 * @throws the error of the operating system.
 */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || path.dirname(directory) === directory) throw error;
    await makeDirectory(path.dirname(directory));
    await mkdir(directory, { mode: 0o700 });
  }
}
