import { literalPath } from '../log/literal-path.ts';
import type { ParquetEngine } from './engine.ts';
import { sqlList } from './sql-text.ts';

/** What the fields of a Parquet file are called, by `field_id`. */
export type FieldNames = ReadonlyMap<number, string>;

/** Reads the names from the footers of files. @returns by path. */
export async function readFieldNames(
  engine: ParquetEngine,
  paths: readonly string[],
): Promise<Map<string, FieldNames>> {
  const found = new Map<string, Map<number, string>>(paths.map((path) => [path, new Map()]));
  if (paths.length === 0) return found;
  const rows = await engine.rows(
    `SELECT file_name, name, field_id::INTEGER AS id FROM parquet_schema(${sqlList(paths.map(literalPath))}) WHERE field_id IS NOT NULL`,
  );
  for (const row of rows) found.get(String(row['file_name']))?.set(Number(row['id']), String(row['name']));
  return found;
}
