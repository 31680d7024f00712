import { GatewayError } from '../../errors/gateway-error.ts';
import type { VacuumRequest, VacuumResult } from '../lake.ts';
import type { AddFile, RemoveFile } from '../log/actions.ts';
import { checkWritable } from '../log/protocol.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { deletedFileRetention } from '../log/table-properties.ts';
import { deletionVectorKey } from '../parquet/deletion-vector.ts';
import { fileKeyOf } from '../table/file-path.ts';
import type { LakeTable } from '../table/lake-table.ts';

const HOUR_MS = 3_600_000;
/** A file that the log does not name may be about to be committed; so young a one is never deleted. */
const LEAST_ORPHAN_AGE_MS = HOUR_MS;
/** Property that lifts the lower limit of the retention. */
const ALLOW_SHORT = 'ucode.vacuum.allowShortRetention';

/**
 * Deletes files that no version within the retention needs: those removed longer ago, and those never committed that
 * are older. Directories and files whose names begin with `_` or `.` are left alone, as Delta does.
 * @throws GatewayError `caller_invalid_parameter` for a retention below the table's own (unless
 *   `ucode.vacuum.allowShortRetention` is `true`): old versions that readers may be at would lose their files.
 */
export async function vacuumTable(
  table: LakeTable,
  request: VacuumRequest = {},
  userName?: string,
): Promise<VacuumResult> {
  const snapshot = await table.log.snapshot();
  checkWritable(snapshot.protocol, snapshot.metadata);
  const retention = retentionOf(snapshot, request.retentionHours);
  const keys = await unneeded(table, snapshot, retention);
  const deleted = keys.map((key) => key.slice(table.location.length + 1));
  if (request.dryRun || keys.length === 0) return { deleted };
  await table.store.delete(keys);
  if (userName !== undefined) await logVacuum(table, snapshot, retention, deleted.length, userName);
  return { deleted };
}

function retentionOf({ metadata }: Snapshot, hours: number | undefined): number {
  const least = deletedFileRetention(metadata);
  if (hours === undefined) return least;
  if (!Number.isFinite(hours) || hours < 0) {
    throw new GatewayError('caller_invalid_parameter', 'The retention must be a number of hours, 0 or more.');
  }
  if (hours * HOUR_MS < least && metadata.configuration[ALLOW_SHORT]?.toLowerCase() !== 'true') {
    throw new GatewayError(
      'caller_invalid_parameter',
      `A retention of ${hours} hours is below the table's ${least / HOUR_MS}: readers of old versions would lose files. Set the table property \`${ALLOW_SHORT}\` to true if no one reads them.`,
    );
  }
  return hours * HOUR_MS;
}

async function unneeded(table: LakeTable, snapshot: Snapshot, retention: number): Promise<string[]> {
  const now = table.now();
  const live = keysOf(table, snapshot.files);
  const recent = keysOf(
    table,
    snapshot.tombstones.filter((file) => (file.deletionTimestamp ?? 0) > now - retention),
  );
  const known = keysOf(table, snapshot.tombstones);
  const orphansBefore = now - Math.max(retention, LEAST_ORPHAN_AGE_MS);
  const keys: string[] = [];
  for await (const { key, modifiedAt } of table.store.list(`${table.location}/`)) {
    if (isHidden(key.slice(table.location.length + 1), snapshot) || live.has(key) || recent.has(key)) continue;
    if (known.has(key) || modifiedAt < orphansBefore) keys.push(key);
  }
  return keys;
}

/** Keys of the files and of their deletion vectors. Files outside of the table are not ours to look after. */
function keysOf(
  { store, location }: LakeTable,
  files: readonly Pick<AddFile | RemoveFile, 'path' | 'deletionVector'>[],
): Set<string> {
  const keys = new Set<string>();
  const add = (keyOf: () => string | undefined): void => {
    try {
      const key = keyOf();
      if (key !== undefined) keys.add(key);
    } catch (error) {
      if (!(error instanceof GatewayError && error.code === 'gateway_lake_unsupported')) throw error;
    }
  };
  for (const { path, deletionVector } of files) {
    add(() => fileKeyOf(location, path));
    if (deletionVector) add(() => deletionVectorKey(store, location, deletionVector));
  }
  return keys;
}

function isHidden(path: string, { metadata }: Snapshot): boolean {
  return path
    .split('/')
    .some((part) => /^[._]/.test(part) && !metadata.partitionColumns.some((name) => part.startsWith(`${name}=`)));
}

async function logVacuum(
  table: LakeTable,
  snapshot: Snapshot,
  retention: number,
  count: number,
  userName: string,
): Promise<void> {
  await table.log.commit({
    read: snapshot,
    actions: [],
    operation: 'VACUUM END',
    operationParameters: { status: 'COMPLETED', retentionMillis: retention },
    operationMetrics: { numDeletedFiles: String(count) },
    isBlindAppend: true,
    userName,
  });
}
