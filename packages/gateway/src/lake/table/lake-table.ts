import { GatewayError } from '../../errors/gateway-error.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { DeltaLog } from '../log/delta-log.ts';
import type { TableFiles } from './scan.ts';

/** One table with everything that work on it needs. */
export interface LakeTable extends TableFiles {
  readonly log: DeltaLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How often a change is tried where other writers keep changing the table. */
const ATTEMPTS = 3;

/**
 * Reads the newest version and tries a change on it; again, on a newer version, where another writer came between in a
 * way that the change cannot be combined with.
 */
export async function withSnapshot<T>(table: LakeTable, change: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change(await table.log.snapshot());
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Whether a commit was lost to another writer: then nothing of it is in the table. */
export function isConflict(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'gateway_lake_conflict';
}
