import { GatewayError } from '../../errors/gateway-error.ts';
import type { Append, AppendResult, TableRef } from '../lake.ts';
import type { Action } from '../log/actions.ts';
import { checkWritable } from '../log/protocol.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { withRows } from '../parquet/write-rows.ts';
import { committing, removeLocal, removeUploaded, uploadFiles, type DataFile } from './data-files.ts';
import { withSnapshot, type LakeTable } from './lake-table.ts';
import { writePartitions } from './write-partitions.ts';

/**
 * Appends rows as one commit. Rows that do not fit are named by `UnfitRowsError`, and then nothing is appended: whoever
 * appends leaves them out and tries again. Without rows, only the transaction is committed.
 */
export async function appendRows(table: LakeTable, append: Append): Promise<AppendResult> {
  return withSnapshot(table, async (snapshot) => {
    checkTable(snapshot, append.table);
    checkWritable(snapshot.protocol, snapshot.metadata);
    const { transaction } = append;
    if (transaction && (snapshot.transactions.get(transaction.appId)?.version ?? -1) >= transaction.version) {
      return { version: snapshot.version, skipped: true, rows: 0 };
    }
    const files = await writeFiles(table, snapshot, append.rows);
    if (files.length === 0 && !transaction) return { version: snapshot.version, skipped: false, rows: 0 };
    return commitFiles(table, snapshot, append, files);
  });
}

/** @throws GatewayError `caller_table_not_found` where the table was dropped and made again. */
export function checkTable(snapshot: Snapshot, table: TableRef): void {
  if (snapshot.metadata.id === table.id) return;
  throw new GatewayError('caller_table_not_found', 'The table was dropped; another one is at its place.');
}

async function writeFiles(table: LakeTable, snapshot: Snapshot, rows: readonly Uint8Array[]): Promise<DataFile[]> {
  if (rows.every((part) => part.length === 0)) return [];
  return withRows(
    table.engine,
    snapshot.schema,
    rows,
    (source) => writePartitions(table.engine, snapshot, source),
    (files) => removeLocal(files.map((file) => file.written)),
  );
}

async function commitFiles(
  table: LakeTable,
  snapshot: Snapshot,
  append: Append,
  files: readonly DataFile[],
): Promise<AppendResult> {
  const rows = files.reduce((sum, file) => sum + file.written.rows, 0);
  const adds = await uploadFiles(table, files, { dataChange: true });
  const committed = await committing(table, adds, () =>
    table.log.commit({
      read: snapshot,
      actions: adds.map((add): Action => ({ add })),
      operation: 'WRITE',
      operationParameters: { mode: 'Append', partitionBy: JSON.stringify(snapshot.metadata.partitionColumns) },
      operationMetrics: {
        numFiles: String(adds.length),
        numOutputRows: String(rows),
        numOutputBytes: String(adds.reduce((sum, add) => sum + add.size, 0)),
      },
      isBlindAppend: true,
      ...(append.transaction ? { transaction: append.transaction } : {}),
    }),
  );
  if (committed.skipped) await removeUploaded(table, adds);
  return { ...committed, rows: committed.skipped ? 0 : rows };
}
