import { GatewayError } from '../../errors/gateway-error.ts';
import type { ScanFilter } from '../lake.ts';
import type { Action, AddFile } from '../log/actions.ts';
import { checkRemovals, checkWritable } from '../log/protocol.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { sqlName, sqlString } from '../parquet/sql-text.ts';
import { findColumn } from '../schema/find-column.ts';
import { committing, removal, removeUploaded, uploadFiles } from '../table/data-files.ts';
import { liveRows } from '../table/file-stats.ts';
import { withSnapshot, type LakeTable } from '../table/lake-table.ts';
import { pruneFiles } from '../table/prune.ts';
import { scanFiles } from '../table/scan.ts';
import { rewriteFiles } from './rewrite.ts';

/** The time limit as the column spells it. */
interface Limit {
  readonly column: readonly string[];
  /** For filters. */
  readonly text: string;
  /** A DuckDB condition that old rows meet. */
  readonly isOld: string;
}

/**
 * Deletes rows whose time lies before a limit; rows without a time stay. Files that hold only old rows are removed
 * without being read, those that hold both are written anew.
 * @param before milliseconds since 1970.
 */
export async function deleteBefore(
  table: LakeTable,
  column: readonly string[],
  before: number,
): Promise<{ readonly rows: number }> {
  return withSnapshot(table, async (snapshot) => {
    checkWritable(snapshot.protocol, snapshot.metadata);
    const limit = limitOf(snapshot, column, before);
    const touched = pruneFiles(snapshot, snapshot.files, [filter(limit, '<')]);
    checkRemovals(
      snapshot.metadata,
      touched.map((file) => removing(table, file)),
    );
    const kept = new Set([
      ...pruneFiles(snapshot, touched, [filter(limit, '>=')]),
      ...pruneFiles(snapshot, touched, [filter(limit, 'is null')]),
    ]);
    const changes: Change[] = [];
    try {
      for (const file of touched) {
        const rows = kept.has(file) ? undefined : liveRows(file);
        const change = rows === undefined ? await deleteInFile(table, snapshot, file, limit) : { file, rows };
        if (change) changes.push(change);
      }
    } catch (error) {
      await removeUploaded(
        table,
        changes.flatMap((change) => change.add ?? []),
      );
      throw error;
    }
    return commitChanges(table, snapshot, limit, changes);
  });
}

/** A file that goes, what comes in its place, and how many rows are gone. */
interface Change {
  readonly file: AddFile;
  readonly add?: AddFile;
  readonly rows: number;
}

async function deleteInFile(
  table: LakeTable,
  snapshot: Snapshot,
  file: AddFile,
  limit: Limit,
): Promise<Change | undefined> {
  const { sql } = await scanFiles(table, snapshot, [file]);
  const [counted] = await table.engine.rows(`SELECT count(*) AS n FROM (${sql}) rows WHERE ${limit.isOld}`);
  const rows = Number(counted?.['n']);
  if (rows === 0) return undefined;
  const written = await rewriteFiles(table, snapshot, [file], `(${limit.isOld}) IS NOT TRUE`);
  if (!written) return { file, rows };
  const [add] = await uploadFiles(table, [{ written, partitionValues: file.partitionValues }], { dataChange: true });
  return { file, rows, ...(add ? { add } : {}) };
}

async function commitChanges(
  table: LakeTable,
  snapshot: Snapshot,
  limit: Limit,
  changes: readonly Change[],
): Promise<{ readonly rows: number }> {
  const rows = changes.reduce((sum, change) => sum + change.rows, 0);
  if (changes.length === 0) return { rows };
  const adds = changes.flatMap((change) => change.add ?? []);
  const actions: Action[] = [...changes.map(({ file }) => removing(table, file)), ...adds.map((add) => ({ add }))];
  await committing(table, adds, () =>
    table.log.commit({
      read: snapshot,
      actions,
      operation: 'DELETE',
      operationParameters: { predicate: JSON.stringify([limit.isOld]) },
      operationMetrics: {
        numRemovedFiles: String(changes.length),
        numAddedFiles: String(adds.length),
        numDeletedRows: String(rows),
      },
      isBlindAppend: false,
    }),
  );
  return { rows };
}

function removing(table: LakeTable, file: AddFile): Action {
  return { remove: removal(file, { dataChange: true, now: table.now() }) };
}

function filter(limit: Limit, operator: ScanFilter['operator']): ScanFilter {
  return { column: limit.column, operator, values: operator === 'is null' ? [] : [limit.text] };
}

/** @throws GatewayError `caller_invalid_parameter` where the column holds no time. */
function limitOf({ schema }: Snapshot, column: readonly string[], before: number): Limit {
  const fields = findColumn(schema, column);
  const type = fields?.at(-1)?.type;
  const [first, ...rest] = fields ?? [];
  const value = rest.reduce(
    (expression, field) => `struct_extract(${expression}, ${sqlString(field.name)})`,
    sqlName(first?.name ?? ''),
  );
  if (type === 'long') {
    const nanoseconds = String(BigInt(Math.floor(before)) * 1_000_000n);
    return { column, text: nanoseconds, isOld: `${value} < ${nanoseconds}` };
  }
  if (type === 'timestamp' || type === 'timestamp_ntz') {
    const text = new Date(before).toISOString();
    const literal =
      type === 'timestamp' ? `TIMESTAMPTZ ${sqlString(text)}` : `TIMESTAMP ${sqlString(text.slice(0, -1))}`;
    return { column, text, isOld: `${value} < ${literal}` };
  }
  throw new GatewayError(
    'caller_invalid_parameter',
    `The column \`${column.join('.')}\` ${type === undefined ? 'does not exist' : 'is neither a TIMESTAMP nor a LONG of nanoseconds'}.`,
  );
}
