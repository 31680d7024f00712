import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs that run beside the gateway's own process. */
export type EntryName = 'lake-process' | 'sql-process' | 'decode-worker';

/** The file to start: the source in development (Node strips its types), else the bundle in `dist`. */
export function entryFile(name: EntryName): string {
  const here = fileURLToPath(import.meta.url);
  const directory = path.dirname(here);
  return here.endsWith('.ts') ? path.join(directory, `${name}.ts`) : path.join(directory, `${name}.js`);
}
