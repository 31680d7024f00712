import type { ObjectStore } from '../object-store/object-store.ts';
import { parseLogFileName, versionPrefix, type CheckpointFile, type LogFile } from './log-file-name.ts';

/** A checkpoint with all its parts. */
export interface Checkpoint {
  readonly version: number;
  readonly format: 'parquet' | 'json';
  /** Names in `_delta_log`. */
  readonly names: readonly string[];
  /** When it was written, milliseconds since 1970. */
  readonly modifiedAt: number;
}

export interface LogListing {
  /** Commits and when their files were written, milliseconds since 1970; ascending. */
  readonly commits: ReadonlyMap<number, number>;
  /** Complete checkpoints, newest first; of one version those in one file first. */
  readonly checkpoints: readonly Checkpoint[];
}

interface ListedFile {
  readonly file: LogFile;
  readonly name: string;
  readonly modifiedAt: number;
}

/** All files of the log in order, from those of version `from` on. Other files in the directory are left out. */
export async function* listLogFiles(store: ObjectStore, directory: string, from = 0): AsyncIterable<ListedFile> {
  const prefix = `${directory}/`;
  for await (const { key, modifiedAt } of store.list(prefix, { startAfter: prefix + versionPrefix(from) })) {
    const name = key.slice(prefix.length);
    const file = parseLogFileName(name);
    if (file) yield { file, name, modifiedAt };
  }
}

/** What there is in versions `from` to `through`. */
export async function listLog(
  store: ObjectStore,
  directory: string,
  from = 0,
  through = Number.MAX_SAFE_INTEGER,
): Promise<LogListing> {
  const commits = new Map<number, number>();
  const parts = new Map<string, { file: CheckpointFile; modifiedAt: number }[]>();
  for await (const { file, modifiedAt } of listLogFiles(store, directory, from)) {
    if (file.version > through) break;
    if (file.kind === 'commit') commits.set(file.version, modifiedAt);
    if (file.kind !== 'checkpoint') continue;
    const group = file.parts === 1 ? file.name : `${file.version}/${file.parts}`;
    const files = parts.get(group) ?? [];
    parts.set(group, files);
    files.push({ file, modifiedAt });
  }
  const complete = [...parts.values()].filter((files) => files.length === files[0]!.file.parts);
  const checkpoints = complete.map((files) => ({
    version: files[0]!.file.version,
    format: files[0]!.file.format,
    names: files.map(({ file }) => file.name),
    modifiedAt: Math.max(...files.map((one) => one.modifiedAt)),
  }));
  return {
    commits,
    checkpoints: checkpoints.toSorted((a, b) => b.version - a.version || a.names.length - b.names.length),
  };
}

/**
 * The oldest version that the listed files can still give, with `newest` the newest one: the log is complete from it
 * on, and it is 0 or has a checkpoint.
 */
export function oldestVersion(listing: LogListing, newest: number): number {
  let first = newest + 1;
  while (listing.commits.has(first - 1)) first--;
  if (first === 0) return 0;
  const usable = listing.checkpoints.filter(({ version }) => version >= first - 1);
  return usable.at(-1)?.version ?? newest;
}
