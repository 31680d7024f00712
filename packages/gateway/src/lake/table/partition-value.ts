import type { DeltaType } from '../schema/delta-type.ts';
import { duckdbType } from '../schema/duckdb-type.ts';
import { sqlString } from '../parquet/sql-text.ts';

/** A partition value as a DuckDB expression (PROTOCOL.md, "Partition Value Serialization"): the empty string is null. */
export function partitionValueSql(text: string | null | undefined, type: DeltaType): string {
  if (text === null || text === undefined || text === '') return `CAST(NULL AS ${duckdbType(type)})`;
  if (type === 'binary') return `encode(${sqlString(text)})`;
  return `CAST(${sqlString(text)} AS ${duckdbType(type)})`;
}

/** A DuckDB expression for the text that stands in `partitionValues` for the value. */
export function partitionTextSql(expression: string, type: DeltaType): string {
  if (type === 'timestamp') return `strftime(${expression} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (type === 'binary') return `decode(${expression})`;
  return `CAST(${expression} AS VARCHAR)`;
}
