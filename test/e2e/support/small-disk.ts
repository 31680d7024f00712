import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { waitFor } from './wait-for.ts';

const run = promisify(execFile);

/** A file system of its own, in memory. */
export interface SmallDisk {
  readonly directory: string;
  /** Changes an option of the mount, such as `ro`, `rw` or `size=64m`. */
  remount(option: string): Promise<void>;
}

/** Why no file system can be mounted here, `undefined` where one can. */
export async function noMounting(directory: string): Promise<string | undefined> {
  try {
    await onSmallDisk(directory, '1m', async () => undefined);
    return undefined;
  } catch (error) {
    return `no file system can be mounted here: ${String(error)}`;
  }
}

/** Mounts a file system at a new directory, runs `work` and takes it away again. */
export async function onSmallDisk<T>(
  directory: string,
  size: string,
  work: (disk: SmallDisk) => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]);
  try {
    return await work({
      directory,
      // "Busy" while a file is open for writing.
      remount: async (option) => {
        const remounted = () =>
          run('mount', ['-o', `remount,${option}`, directory]).then(
            () => true,
            () => false,
          );
        await waitFor(`a remount with ${option}`, remounted);
      },
    });
  } finally {
    await run('umount', ['--lazy', directory]);
  }
}
