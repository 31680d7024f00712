import type { OptimizeResult } from '../lake.ts';
import type { Action, AddFile } from '../log/actions.ts';
import { checkWritable } from '../log/protocol.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { committing, removal, removeUploaded, uploadFiles } from '../table/data-files.ts';
import { withSnapshot, type LakeTable } from '../table/lake-table.ts';
import { compactionBins, type CompactionEffort } from './bins.ts';
import { rewriteFiles } from './rewrite.ts';

/** Puts small files together, one commit for all. Rows stay as they are; deletion vectors are worked in. */
export async function optimizeTable(
  table: LakeTable,
  options: { readonly effort: CompactionEffort; readonly userName?: string | undefined },
): Promise<OptimizeResult> {
  return withSnapshot(table, async (snapshot) => {
    checkWritable(snapshot.protocol, snapshot.metadata);
    const bins = compactionBins(snapshot.files, options.effort);
    if (bins.length === 0) {
      return { version: snapshot.version, filesRemoved: 0, filesAdded: 0, bytesRemoved: 0, bytesAdded: 0 };
    }
    const adds = await compact(table, snapshot, bins);
    return commitCompaction(table, snapshot, { removed: bins.flat(), adds }, options);
  });
}

/** Writes and uploads bin by bin, so that no more than one is on the local disk. */
async function compact(table: LakeTable, snapshot: Snapshot, bins: readonly AddFile[][]): Promise<AddFile[]> {
  const adds: AddFile[] = [];
  try {
    for (const bin of bins) {
      const written = await rewriteFiles(table, snapshot, bin);
      const partitionValues = bin[0]?.partitionValues ?? {};
      if (written) adds.push(...(await uploadFiles(table, [{ written, partitionValues }], { dataChange: false })));
    }
  } catch (error) {
    await removeUploaded(table, adds);
    throw error;
  }
  return adds;
}

async function commitCompaction(
  table: LakeTable,
  snapshot: Snapshot,
  { removed, adds }: { readonly removed: readonly AddFile[]; readonly adds: readonly AddFile[] },
  { effort, userName }: { readonly effort: CompactionEffort; readonly userName?: string | undefined },
): Promise<OptimizeResult> {
  const bytesRemoved = removed.reduce((sum, file) => sum + file.size, 0);
  const bytesAdded = adds.reduce((sum, file) => sum + file.size, 0);
  const { version } = await committing(table, adds, () =>
    table.log.commit({
      read: snapshot,
      actions: [
        ...removed.map((file): Action => ({ remove: removal(file, { dataChange: false, now: table.now() }) })),
        ...adds.map((add): Action => ({ add })),
      ],
      operation: 'OPTIMIZE',
      operationParameters: { predicate: '[]', zOrderBy: '[]', auto: effort === 'worthwhile' },
      operationMetrics: {
        numRemovedFiles: String(removed.length),
        numAddedFiles: String(adds.length),
        numRemovedBytes: String(bytesRemoved),
        numAddedBytes: String(bytesAdded),
      },
      isBlindAppend: false,
      ...(userName === undefined ? {} : { userName }),
    }),
  );
  return { version, filesRemoved: removed.length, filesAdded: adds.length, bytesRemoved, bytesAdded };
}
