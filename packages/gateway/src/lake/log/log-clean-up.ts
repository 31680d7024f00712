import type { ObjectStore } from '../object-store/object-store.ts';
import { parseEntry } from './log-entry.ts';
import { commitName, parseLogFileName, SIDECAR_DIRECTORY } from './log-file-name.ts';
import { listLog, type Checkpoint } from './log-listing.ts';
import type { Snapshot } from './snapshot.ts';
import { logRetention } from './table-properties.ts';

/** However short the table says that its log is kept: readers and writers at work need what they began with. */
const SHORTEST_RETENTION_MS = 3_600_000;
/** Deleted together, oldest first, so that an end in between leaves no hole. */
const BATCH = 1000;

export interface CleanUpOptions {
  readonly store: ObjectStore;
  /** Key of `_delta_log`. */
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether a checkpoint can be read whole: nothing before it is given up otherwise. */
  readonly isSound: (checkpoint: Checkpoint) => Promise<boolean>;
}

/**
 * Deletes commits, checksums, compacted commits and checkpoints before the newest checkpoint that is older than the
 * log's retention. That checkpoint and all from its own commit on stay (PROTOCOL.md, "Metadata Cleanup").
 * Tables with sidecars are left to their own writers.
 * @returns how many files were deleted.
 */
export async function cleanUpLog(snapshot: Snapshot, options: CleanUpOptions): Promise<number> {
  const { store, directory, now } = options;
  if (snapshot.metadata.configuration['delta.enableExpiredLogCleanup']?.toLowerCase() === 'false') return 0;
  const retention = Math.max(SHORTEST_RETENTION_MS, logRetention(snapshot.metadata));
  const cutoff = (await cutoffCheckpoint(options, now - retention))?.version ?? 0;
  if (await hasSidecars(options)) return 0;
  const expired: string[] = [];
  for await (const { key } of store.list(`${directory}/`)) {
    const name = key.slice(directory.length + 1);
    if (isExpired(name, cutoff)) expired.push(key);
  }
  for (let start = 0; start < expired.length; start += BATCH) await store.delete(expired.slice(start, start + BATCH));
  return expired.length;
}

/** Files of older versions, and half-written ones that a crash left: the store lists those once they are stale. */
function isExpired(name: string, cutoff: number): boolean {
  if (name.startsWith('.tmp-')) return true;
  const file = parseLogFileName(name);
  if (!file) return false;
  return file.version < cutoff || (file.kind === 'compacted' && file.version === cutoff && cutoff > 0);
}

/** The newest sound checkpoint whose version was committed before a time. */
async function cutoffCheckpoint(options: CleanUpOptions, before: number): Promise<Checkpoint | undefined> {
  const { store, directory, isSound } = options;
  for (const checkpoint of (await listLog(store, directory)).checkpoints) {
    const bytes = await store.get(`${directory}/${commitName(checkpoint.version)}`);
    const timestamp = bytes && parseEntry(checkpoint.version, bytes).commitInfo?.timestamp;
    if (timestamp !== undefined && timestamp < before && (await isSound(checkpoint))) return checkpoint;
  }
  return undefined;
}

async function hasSidecars({ store, directory }: CleanUpOptions): Promise<boolean> {
  for await (const _ of store.list(`${directory}/${SIDECAR_DIRECTORY}/`)) return true;
  return false;
}
