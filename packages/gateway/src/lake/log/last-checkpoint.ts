import { asRecord, parseJson } from '../../lib/json-value.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import { LAST_CHECKPOINT } from './log-file-name.ts';

/** PROTOCOL.md, "Last Checkpoint File Schema", as far as we use it. */
export interface LastCheckpoint {
  readonly version: number;
  /** Actions in it. */
  readonly size: number;
  readonly sizeInBytes: number;
  readonly numOfAddFiles: number;
}

/** Version that `_last_checkpoint` names. `undefined` where it is missing or damaged: it is only a hint. */
export async function readLastCheckpoint(store: ObjectStore, directory: string): Promise<number | undefined> {
  const bytes = await store.get(`${directory}/${LAST_CHECKPOINT}`);
  const version = asRecord(parseJson(bytes?.toString('utf8') ?? ''))?.['version'];
  return Number.isSafeInteger(version) && (version as number) >= 0 ? (version as number) : undefined;
}

/** Writes the hint. That it fails is no failure: readers list the log then. */
export async function writeLastCheckpoint(store: ObjectStore, directory: string, hint: LastCheckpoint): Promise<void> {
  await store.put(`${directory}/${LAST_CHECKPOINT}`, Buffer.from(JSON.stringify(hint))).catch(() => {});
}
