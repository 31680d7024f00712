import { createHash } from 'node:crypto';
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { systemCode } from '../lib/system-error.ts';
import { FileUnreadable } from './file-edit.ts';

/** What stands at a path. */
export type FileState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'file';
      readonly bytes: Buffer;
      /** Permission bits. */
      readonly mode: number;
      /** Where the bytes are: another path where the path is a symbolic link. */
      readonly realPath: string;
    };

/**
 * Reads what stands at a path, following symbolic links.
 * @throws the error of the operating system; one of its own where something else than a file stands there.
 */
export async function readState(file: string): Promise<FileState> {
  try {
    const realPath = await realpath(file);
    const { mode } = await stat(realPath);
    return { kind: 'file', bytes: await readFile(realPath), mode: mode & 0o7777, realPath };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error;
    if (await isLink(file))
      throw new Error(`${file} is a symbolic link to a file that does not exist`, { cause: error });
    return { kind: 'absent' };
  }
}

/**
 * The text of a file, `undefined` where there is none.
 * @throws FileUnreadable where the bytes are no text: writing them again would change them.
 */
export function textOf(file: string, state: FileState): string | undefined {
  if (state.kind === 'absent') return undefined;
  const text = state.bytes.toString('utf8');
  if (!Buffer.from(text).equals(state.bytes)) throw new FileUnreadable(file, 'it is not UTF-8 text');
  return text;
}

/** SHA-256 of bytes, in hex. */
export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isSymbolicLink();
  } catch {
    return false;
  }
}
