import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Process ids of the children whose command line has `part`. */
export async function childrenOf(parent: number, part: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [status, line] = await Promise.all(
      ['status', 'cmdline'].map((file) => readFile(path.join('/proc', name, file), 'utf8').catch(() => '')),
    );
    if (new RegExp(`^PPid:\\s*${parent}$`, 'm').test(status!) && line!.includes(part)) found.push(Number(name));
  }
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
