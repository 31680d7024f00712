import { chmod, copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './local-store-errors.ts';
import { syncDirectory } from '../../lib/sync-directory.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Names of files that are being written. A crash may leave them behind. */
const temporaryName = /^\.tmp-[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

export function isTemporaryName(name: string): boolean {
  return temporaryName.test(name);
}

/** Makes a file of the bytes where there is none. False: there is one. Durable when resolved. */
export async function createDurably(file: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = await writeTemporary(file, bytes);
  try {
    await link(temporary, file);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(path.dirname(file));
  return true;
}

/** Makes or replaces a file. Durable when resolved. */
export async function replaceDurably(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(file, bytes);
  await renameInto(temporary, file);
}

/** Moves a file to another place, on another file system too. Durable when resolved. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await chmod(from, FILE_MODE);
  await syncFile(from);
  await inDirectory(path.dirname(to), async () => {
    try {
      await rename(from, to);
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      const temporary = temporaryBeside(to);
      try {
        await copyFile(from, temporary);
        await syncFile(temporary);
      } catch (failure) {
        await rm(temporary, { force: true });
        throw failure;
      }
      await renameInto(temporary, to);
      await rm(from, { force: true });
    }
  });
  await syncDirectory(path.dirname(to));
}

/** Writes and flushes a temporary file in the directory of `file`, which is made where it is missing. */
async function writeTemporary(file: string, bytes: Uint8Array): Promise<string> {
  const temporary = temporaryBeside(file);
  const handle = await inDirectory(path.dirname(file), () => open(temporary, 'wx', FILE_MODE));
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

async function renameInto(temporary: string, file: string): Promise<void> {
  try {
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(path.dirname(file));
}

/** Tries again where the directory is missing, or is removed beside us because it was empty. */
async function inDirectory<T>(directory: string, use: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await use();
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || attempt === 5) throw error;
      await makeDirectories(directory);
    }
  }
}

/** Makes the directory and those above it, each flushed into its parent. */
async function makeDirectories(directory: string): Promise<void> {
  const parent = path.dirname(directory);
  try {
    await mkdir(directory, { mode: DIRECTORY_MODE });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT' || parent === directory) throw error;
    await makeDirectories(parent);
    await makeDirectories(directory);
    return;
  }
  await syncDirectory(parent);
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function temporaryBeside(file: string): string {
  return path.join(path.dirname(file), `.tmp-${crypto.randomUUID()}`);
}
