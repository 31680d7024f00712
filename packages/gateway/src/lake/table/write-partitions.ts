import { GatewayError } from '../../errors/gateway-error.ts';
import type { ParquetEngine } from '../parquet/engine.ts';
import { sqlName, sqlString } from '../parquet/sql-text.ts';
import { writeQuery } from '../parquet/write-query.ts';
import type { RowSource } from '../parquet/write-rows.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { StructField } from '../schema/delta-type.ts';
import { removeLocal, type DataFile } from './data-files.ts';
import { partitionTextSql } from './partition-value.ts';
import { indexedColumns, storedSchema } from './stored-schema.ts';

/** Partitions that one append may touch: each is a file, and another pass over the rows. */
const MOST_PARTITIONS = 1000;

/**
 * Writes rows to one file per partition that they belong to, one file for tables without partitions. No rows, no file.
 * After an error nothing is left.
 * @param source columns of the whole schema.
 */
export async function writePartitions(
  engine: ParquetEngine,
  snapshot: Snapshot,
  source: RowSource,
): Promise<DataFile[]> {
  const partition = snapshot.schema.fields.filter((field) => snapshot.metadata.partitionColumns.includes(field.name));
  const schema = storedSchema(snapshot);
  const columns = schema.fields.map((field) => sqlName(field.name)).join(', ');
  const files: DataFile[] = [];
  try {
    for (const { where, values } of await partitionsOf(engine, partition, source)) {
      const sql = `SELECT ${columns} FROM (${source.sql}) rows ${where}`;
      const query = { sql, schema, rowBytes: source.rowBytes, indexedColumns: indexedColumns(snapshot) };
      const written = await writeQuery(engine, query);
      if (written) files.push({ written, partitionValues: values });
    }
  } catch (error) {
    await removeLocal(files.map((file) => file.written));
    throw error;
  }
  return files;
}

interface Partition {
  readonly where: string;
  readonly values: Readonly<Record<string, string | null>>;
}

async function partitionsOf(
  engine: ParquetEngine,
  partition: readonly StructField[],
  source: RowSource,
): Promise<readonly Partition[]> {
  if (partition.length === 0) return [{ where: '', values: {} }];
  const texts = partition.map((field) => partitionTextSql(sqlName(field.name), field.type));
  const selected = texts.map((text, index) => `${text} AS p${index}`).join(', ');
  const rows = await engine.rows(
    `SELECT DISTINCT ${selected} FROM (${source.sql}) rows ORDER BY ALL LIMIT ${MOST_PARTITIONS + 1}`,
  );
  if (rows.length > MOST_PARTITIONS) {
    throw new GatewayError(
      'caller_invalid_parameter',
      `The rows belong to more than ${MOST_PARTITIONS} partitions. Append fewer at once.`,
    );
  }
  return rows.map((row) => {
    const values = partition.map((_, index) => (row[`p${index}`] ?? null) as string | null);
    const conditions = texts.map((text, index) => `${text} IS NOT DISTINCT FROM ${literal(values[index] ?? null)}`);
    return {
      where: `WHERE ${conditions.join(' AND ')}`,
      // An empty string is null in Delta's partition values.
      values: Object.fromEntries(partition.map((field, index) => [field.name, values[index] || null])),
    };
  });
}

function literal(text: string | null): string {
  return text === null ? 'NULL' : sqlString(text);
}
