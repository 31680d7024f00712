import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * Every path below a directory with what it is, permissions and content, to compare homes to the byte.
 * @param without paths that are left out.
 */
export function snapshot(directory: string, without?: RegExp): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (without?.test(name)) continue;
    const file = path.join(directory, name);
    const status = lstatSync(file);
    const content = status.isSymbolicLink()
      ? readlinkSync(file)
      : status.isFile()
        ? createHash('sha256').update(readFileSync(file)).digest('hex')
        : '';
    found[name] = `${(status.mode & 0o170777).toString(8)} ${content}`;
  }
  return found;
}
