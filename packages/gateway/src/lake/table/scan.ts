import type { ParquetEngine } from '../parquet/engine.ts';
import { deletedRows } from '../parquet/deletion-vector.ts';
import { readFieldNames } from '../parquet/file-field-names.ts';
import { columnMappingMode } from '../schema/column-mapping.ts';
import type { Scan, ScanFilter } from '../lake.ts';
import type { AddFile } from '../log/actions.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import { fileKeyOf } from './file-path.ts';
import { pruneFiles } from './prune.ts';
import { scanSql, type FileToRead } from './scan-sql.ts';

export interface TableFiles {
  readonly store: ObjectStore;
  readonly engine: ParquetEngine;
  readonly location: string;
}

/** How DuckDB reads a version of a table, without the files that no filter's row can be in. */
export async function scanTable(
  table: TableFiles,
  snapshot: Snapshot,
  filters: readonly ScanFilter[] = [],
): Promise<Scan> {
  const files = pruneFiles(snapshot, snapshot.files, filters);
  const { sql, paths } = await scanFiles(table, snapshot, files);
  return { version: snapshot.version, schema: snapshot.schema, sql, paths, totalFiles: snapshot.files.length };
}

/** The same for some of a version's files. */
export async function scanFiles(
  table: TableFiles,
  snapshot: Snapshot,
  files: readonly AddFile[],
): Promise<{ readonly sql: string; readonly paths: readonly string[] }> {
  const mapping = columnMappingMode(snapshot.metadata.configuration);
  const read = await inBatches(files, (file) => fileToRead(table, file));
  const paths = read.map((file) => file.path);
  const names = mapping === 'id' ? await readFieldNames(table.engine, paths) : undefined;
  const shape = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns, mapping };
  const sql = scanSql(shape, names ? read.map((file) => ({ ...file, fieldNames: names.get(file.path) })) : read);
  return { sql, paths };
}

/** Files fetched at the same time. */
const BATCH = 32;

async function inBatches<A, B>(items: readonly A[], one: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (let start = 0; start < items.length; start += BATCH) {
    results.push(...(await Promise.all(items.slice(start, start + BATCH).map(one))));
  }
  return results;
}

async function fileToRead({ store, location }: TableFiles, file: AddFile): Promise<FileToRead> {
  const path = await store.localPath(fileKeyOf(location, file.path));
  const vector = file.deletionVector;
  return {
    path,
    partitionValues: file.partitionValues,
    deletedRows: vector ? await deletedRows(store, location, vector) : [],
  };
}
