import { literalPath } from '../log/literal-path.ts';
import { sqlList, sqlName } from '../parquet/sql-text.ts';
import { writeQuery, type WrittenFile } from '../parquet/write-query.ts';
import type { AddFile } from '../log/actions.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { LakeTable } from '../table/lake-table.ts';
import { scanFiles } from '../table/scan.ts';
import { indexedColumns, storedSchema } from '../table/stored-schema.ts';

/**
 * Writes the rows of some files of one partition that meet a condition to one new file, in their order. `undefined` where
 * there are none.
 * @param where a DuckDB condition.
 */
export async function rewriteFiles(
  table: LakeTable,
  snapshot: Snapshot,
  files: readonly AddFile[],
  where = 'true',
): Promise<WrittenFile | undefined> {
  const schema = storedSchema(snapshot);
  const { sql, paths } = await scanFiles(table, snapshot, files);
  const columns = schema.fields.map((field) => sqlName(field.name)).join(', ');
  return writeQuery(table.engine, {
    sql: `SELECT ${columns} FROM (${sql}) rows WHERE ${where}`,
    schema,
    rowBytes: await bytesPerRow(table, paths),
    indexedColumns: indexedColumns(snapshot),
  });
}

/** What a row takes uncompressed, as the files' footers say. */
async function bytesPerRow({ engine }: LakeTable, paths: readonly string[]): Promise<number> {
  const files = sqlList(paths.map(literalPath));
  const [answer] = await engine.rows(
    `SELECT (sum(total_uncompressed_size) / greatest(max(rows), 1))::DOUBLE AS bytes FROM parquet_metadata(${files}),
      (SELECT sum(num_rows) AS rows FROM parquet_file_metadata(${files}))`,
  );
  return Number(answer?.['bytes'] ?? 0);
}
