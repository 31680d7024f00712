import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { syncDirectory } from './sync-directory.ts';

/** A file of keys in base64, one a line, the current one first. Readable by this user alone. */
export class KeyFile {
  readonly path: string;

  constructor(file: string) {
    this.path = file;
  }

  /** The keys, or `undefined` where there is no file. @throws Error where it holds something else. */
  read(): Buffer[] | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const keys = lines.map((line) => Buffer.from(line.trim(), 'base64'));
    if (keys.length > 0 && keys.every((key) => key.length === 32)) return keys;
    throw new Error(`${this.path} does not hold keys of 32 bytes in base64. Restore it from a backup.`);
  }

  /** Changes whenever the file does; empty where there is none. */
  get mark(): string {
    const stat = statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : '';
  }

  /** Makes the file. False where it is there already: another process was faster. */
  async make(keys: readonly Uint8Array[]): Promise<boolean> {
    const temporary = this.#writeTemporary(keys);
    try {
      linkSync(temporary, this.path);
      await syncDirectory(path.dirname(this.path));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  /** Puts other keys into the file, whole or not at all. */
  async replace(keys: readonly Uint8Array[]): Promise<void> {
    renameSync(this.#writeTemporary(keys), this.path);
    await syncDirectory(path.dirname(this.path));
  }

  #writeTemporary(keys: readonly Uint8Array[]): string {
    const temporary = `${this.path}.${randomUUID()}`;
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join(''));
      fsyncSync(file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return temporary;
  }
}
