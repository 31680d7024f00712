import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { WrittenFile } from '../parquet/write-query.ts';
import type { AddFile, RemoveFile } from '../log/actions.ts';
import { encodePath } from './file-path.ts';
import { isConflict, type LakeTable } from './lake-table.ts';

export type PartitionValues = Readonly<Record<string, string | null>>;

/** A file for a table, and which partition its rows belong to. */
export interface DataFile {
  readonly written: WrittenFile;
  readonly partitionValues: PartitionValues;
}

/** Moves files into the table's directory; no reader sees them before they are committed. Local files are gone afterwards. */
export async function uploadFiles(
  table: LakeTable,
  files: readonly DataFile[],
  options: { readonly dataChange: boolean },
): Promise<AddFile[]> {
  const adds: AddFile[] = [];
  try {
    for (const { written, partitionValues } of files) {
      const path = `part-${String(adds.length).padStart(5, '0')}-${randomUUID()}.c000.zstd.parquet`;
      await table.store.putFile(`${table.location}/${path}`, written.localFile);
      adds.push({
        path: encodePath(path),
        partitionValues,
        size: written.size,
        modificationTime: table.now(),
        dataChange: options.dataChange,
        stats: written.stats,
      });
    }
  } catch (error) {
    await removeUploaded(table, adds);
    throw error;
  } finally {
    await removeLocal(files.map((file) => file.written));
  }
  return adds;
}

/**
 * Commits with uploaded files. Where the commit was surely lost they are deleted again; after any other failure it may
 * stand, so they stay, for vacuum to find if it does not.
 */
export async function committing<T>(table: LakeTable, adds: readonly AddFile[], commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (error) {
    if (isConflict(error)) await removeUploaded(table, adds);
    throw error;
  }
}

/** Deletes uploaded files that no commit names. What cannot be deleted is left to vacuum. */
export async function removeUploaded(table: LakeTable, adds: readonly AddFile[]): Promise<void> {
  const keys = adds.map((add) => `${table.location}/${add.path}`);
  await table.store.delete(keys).catch(() => undefined);
}

export async function removeLocal(files: readonly WrittenFile[]): Promise<void> {
  await Promise.all(files.map((file) => rm(file.localFile, { force: true })));
}

/** The action that takes a file out of the table. */
export function removal(file: AddFile, options: { readonly dataChange: boolean; readonly now: number }): RemoveFile {
  const { path, partitionValues, size, stats, tags, deletionVector } = file;
  return {
    path,
    deletionTimestamp: options.now,
    dataChange: options.dataChange,
    extendedFileMetadata: true,
    partitionValues,
    size,
    ...(stats === undefined ? {} : { stats }),
    ...(tags === undefined ? {} : { tags }),
    ...(deletionVector === undefined ? {} : { deletionVector }),
  };
}
