import type { MaintenanceResult, OptimizeResult } from '../lake.ts';
import { checkWritable } from '../log/protocol.ts';
import { checkpointDue } from '../log/delta-log.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { LakeTable } from '../table/lake-table.ts';
import { compactionBins, isSmall } from './bins.ts';
import { optimizeTable } from './optimize.ts';
import { vacuumTable } from './vacuum.ts';

/** So many small files are too many at once, ... */
const MOST_SMALL_FILES = 50;
/** ... so many once they are that old. */
const OLD_SMALL_FILES = 10;
const OLD_MS = 600_000;
/** How often the directory of a table is gone through. */
const CLEAN_UP_MS = 3_600_000;

const nothing: MaintenanceResult = {
  optimized: undefined,
  checkpointed: false,
  expiredRows: 0,
  vacuumedFiles: 0,
  cleanedLogFiles: 0,
};

/** Keeps tables in good order, round by round. */
export class Upkeep {
  /** When the directory of a table was last gone through, by location. */
  readonly #cleaned = new Map<string, number>();

  /** One round: what is due is done. Tables that cannot be written here are left alone. */
  async maintain(table: LakeTable): Promise<MaintenanceResult> {
    const snapshot = await table.log.snapshot();
    if (!isWritable(snapshot)) return nothing;
    const optimized = await this.#optimize(table, snapshot);
    const checkpointed = checkpointDue(await table.log.snapshot()) && (await table.log.checkpoint());
    const cleaned = await this.#cleanUp(table);
    return { ...nothing, optimized, checkpointed, ...cleaned };
  }

  /** Forgets a table that is gone. */
  forget(location: string): void {
    this.#cleaned.delete(location);
  }

  async #optimize(table: LakeTable, snapshot: Snapshot): Promise<OptimizeResult | undefined> {
    return optimizationDue(snapshot, table.now()) ? optimizeTable(table, { effort: 'worthwhile' }) : undefined;
  }

  async #cleanUp(table: LakeTable): Promise<Pick<MaintenanceResult, 'vacuumedFiles' | 'cleanedLogFiles'>> {
    const last = this.#cleaned.get(table.location);
    const now = table.now();
    if (last !== undefined && now - last < CLEAN_UP_MS) return { vacuumedFiles: 0, cleanedLogFiles: 0 };
    this.#cleaned.set(table.location, now);
    const { deleted } = await vacuumTable(table);
    return { vacuumedFiles: deleted.length, cleanedLogFiles: await table.log.cleanUp() };
  }
}

/** Whether there are so many small files, or old ones, that queries suffer; and putting them together changes that. */
export function optimizationDue({ files }: Pick<Snapshot, 'files'>, now: number): boolean {
  const small = files.filter(isSmall);
  const old = small.filter((file) => now - file.modificationTime > OLD_MS);
  return (
    (small.length > MOST_SMALL_FILES || old.length >= OLD_SMALL_FILES) && compactionBins(files, 'worthwhile').length > 0
  );
}

function isWritable({ protocol, metadata }: Snapshot): boolean {
  try {
    checkWritable(protocol, metadata);
    return true;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'gateway_lake_unsupported') return false;
    throw error;
  }
}
