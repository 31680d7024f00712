import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { StructType } from '../schema/delta-type.ts';
import type { ParquetEngine } from './engine.ts';
import { fileStatistics, type ColumnFacts } from './file-statistics.ts';
import { sqlString } from './sql-text.ts';

/** A Parquet file on the local disk, not yet in a table. */
export interface WrittenFile {
  readonly localFile: string;
  readonly rows: number;
  /** Bytes. */
  readonly size: number;
  /** JSON text for `add.stats`. */
  readonly stats: string;
}

export interface QueryToWrite {
  /** Gives the columns of `schema`, in its order. */
  readonly sql: string;
  /** Columns of the file. */
  readonly schema: StructType;
  /** Bytes that a row takes in memory, about: rows are gathered in groups of bounded size. */
  readonly rowBytes: number;
  /** `delta.dataSkippingNumIndexedCols`. */
  readonly indexedColumns?: number | undefined;
}

/** What DuckDB gathers before it writes: about so many bytes, so many rows. */
const GROUP_BYTES = 32 * 1024 * 1024;
const LEAST_GROUP_ROWS = 2048;
const MOST_GROUP_ROWS = 122_880;

/**
 * Writes the rows of a query to a Parquet file in the engine's temporary directory. Who asks removes or moves it;
 * after an error nothing is left. `undefined` where the query has no rows.
 */
export async function writeQuery(engine: ParquetEngine, query: QueryToWrite): Promise<WrittenFile | undefined> {
  const localFile = path.join(engine.temporaryDirectory, `${randomUUID()}.parquet`);
  const groupRows = Math.floor(GROUP_BYTES / Math.max(1, query.rowBytes));
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${clamp(groupRows)}, RETURN_STATS`;
  try {
    const [answer] = await engine.rows(`COPY (${query.sql}) TO ${sqlString(localFile)} (${options})`);
    const rows = Number(answer?.['count']);
    if (rows > 0) {
      const stats = fileStatistics(rows, query.schema, factsOf(answer?.['column_statistics']), query.indexedColumns);
      return { localFile, rows, size: Number(answer?.['file_size_bytes']), stats };
    }
  } catch (error) {
    await rm(localFile, { force: true });
    throw error;
  }
  await rm(localFile, { force: true });
  return undefined;
}

function clamp(rows: number): number {
  return Math.min(Math.max(rows, LEAST_GROUP_ROWS), MOST_GROUP_ROWS);
}

interface Entry<T> {
  readonly key: string;
  readonly value: T;
}

function factsOf(column: unknown): Map<string, ColumnFacts> {
  const entries = (column ?? []) as readonly Entry<readonly Entry<string>[]>[];
  return new Map(entries.map(({ key, value }) => [key, new Map(value.map((fact) => [fact.key, fact.value]))]));
}
