import {
  DuckDBArrayType,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
  type DuckDBType,
} from '@duckdb/node-api';
import { array, field, map, struct, type DeltaType, type PrimitiveName } from '../../lake/schema/delta-type.ts';

const primitives: Readonly<Partial<Record<DuckDBTypeId, PrimitiveName>>> = {
  [DuckDBTypeId.BOOLEAN]: 'boolean',
  [DuckDBTypeId.TINYINT]: 'byte',
  [DuckDBTypeId.SMALLINT]: 'short',
  [DuckDBTypeId.INTEGER]: 'integer',
  [DuckDBTypeId.BIGINT]: 'long',
  [DuckDBTypeId.UTINYINT]: 'short',
  [DuckDBTypeId.USMALLINT]: 'integer',
  [DuckDBTypeId.UINTEGER]: 'long',
  [DuckDBTypeId.UBIGINT]: 'long',
  [DuckDBTypeId.HUGEINT]: 'long',
  [DuckDBTypeId.UHUGEINT]: 'long',
  [DuckDBTypeId.FLOAT]: 'float',
  [DuckDBTypeId.DOUBLE]: 'double',
  [DuckDBTypeId.DATE]: 'date',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp_ntz',
  [DuckDBTypeId.TIMESTAMP_S]: 'timestamp_ntz',
  [DuckDBTypeId.TIMESTAMP_MS]: 'timestamp_ntz',
  [DuckDBTypeId.TIMESTAMP_NS]: 'timestamp_ntz',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamp',
  [DuckDBTypeId.BLOB]: 'binary',
};

/**
 * The column type that a DuckDB type is shown as. Databricks has no wider whole number than BIGINT: DuckDB's
 * HUGEINT, the type of its sums, is one too, and a value that does not fit is an error. What has no
 * counterpart (intervals, times, UUIDs) is text.
 */
export function deltaType(type: DuckDBType): DeltaType {
  if (type instanceof DuckDBDecimalType) return `decimal(${type.width},${type.scale})`;
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return array(deltaType(type.valueType));
  if (type instanceof DuckDBMapType) return map(deltaType(type.keyType), deltaType(type.valueType));
  if (type instanceof DuckDBStructType) {
    return struct(...type.entryNames.map((name, index) => field(name, deltaType(type.entryTypes[index]!))));
  }
  return primitives[type.typeId] ?? 'string';
}
