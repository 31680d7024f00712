import type { Snapshot } from '../log/snapshot.ts';
import type { StructType } from '../schema/delta-type.ts';

/** Columns that stand in the data files: all but the partition columns. */
export function storedSchema({ schema, metadata }: Pick<Snapshot, 'schema' | 'metadata'>): StructType {
  return { ...schema, fields: schema.fields.filter((field) => !metadata.partitionColumns.includes(field.name)) };
}

/** `delta.dataSkippingNumIndexedCols`; `undefined` where the table does not say. */
export function indexedColumns({ metadata }: Pick<Snapshot, 'metadata'>): number | undefined {
  const text = metadata.configuration['delta.dataSkippingNumIndexedCols'];
  return text !== undefined && /^-?\d{1,6}$/.test(text) ? Number(text) : undefined;
}
