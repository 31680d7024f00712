import type { GatewayError } from '../../errors/gateway-error.ts';
import { typeText, type DeltaType } from '../../lake/schema/delta-type.ts';
import { sqlState } from '../../sql/sql-state.ts';
import type { StoredResult, StoredStatement } from '../../sql/stored-statement.ts';
import type { ResultColumn } from '../../unity/result-table.ts';

export const statementsPath = '/api/2.0/sql/statements';

/** `error_code` values of the Statement Execution API. Clients parse them into an enumeration. */
const errorCodes = new Set([
  'INTERNAL_ERROR',
  'TEMPORARILY_UNAVAILABLE',
  'BAD_REQUEST',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'RESOURCE_EXHAUSTED',
  'ABORTED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'UNAUTHENTICATED',
]);

/** A statement as submitting and polling answer it, with the first chunk of its result. */
export function statementJson(statement: StoredStatement) {
  const { id, state, error, result } = statement;
  return {
    statement_id: id,
    status: { state, ...(state === 'FAILED' && error ? errorJson(error) : {}) },
    ...(result ? { manifest: manifestJson(result), result: chunkJson(id, result, 0) } : {}),
  };
}

/** One chunk; the first one of an empty result has no rows. `undefined` where there is none of that index. */
export function chunkJson(id: string, { table, chunks }: StoredResult, index: number) {
  const chunk = chunks[index];
  if (!chunk && (index !== 0 || chunks.length > 0)) return undefined;
  const { rowOffset, rowCount } = chunk ?? { rowOffset: 0, rowCount: 0 };
  const next = chunks[index + 1];
  return {
    chunk_index: index,
    row_offset: rowOffset,
    row_count: rowCount,
    ...(next
      ? {
          next_chunk_index: next.index,
          next_chunk_internal_link: `${statementsPath}/${id}/result/chunks/${next.index}?row_offset=${next.rowOffset}`,
        }
      : {}),
    data_array: table.rows.slice(rowOffset, rowOffset + rowCount),
  };
}

function errorJson(error: GatewayError) {
  const { vendorCode, message, status } = error;
  const fallback = status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR';
  return {
    error: { error_code: errorCodes.has(vendorCode) ? vendorCode : fallback, message },
    sql_state: sqlState(error),
  };
}

function manifestJson({ table, chunks, bytes }: StoredResult) {
  return {
    format: 'JSON_ARRAY',
    schema: { column_count: table.columns.length, columns: table.columns.map(columnJson) },
    total_chunk_count: chunks.length,
    chunks: chunks.map(({ index, rowOffset, rowCount }) => ({
      chunk_index: index,
      row_offset: rowOffset,
      row_count: rowCount,
    })),
    total_row_count: table.rows.length,
    total_byte_count: bytes,
    truncated: table.truncated,
  };
}

function columnJson({ name, type }: ResultColumn, position: number) {
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(String(type)) ?? [];
  return {
    name,
    type_text: typeof type === 'string' ? typeText(type).toUpperCase() : typeText(type),
    type_name: typeName(type),
    position,
    ...(precision === undefined ? {} : { type_precision: Number(precision), type_scale: Number(scale) }),
  };
}

/** Vendor's names that differ from the Delta ones in upper case. */
const typeNames: Readonly<Record<string, string>> = {
  integer: 'INT',
  timestamp_ntz: 'TIMESTAMP',
  variant: 'STRING',
};

function typeName(type: DeltaType): string {
  if (typeof type !== 'string') return type.type.toUpperCase();
  return type.startsWith('decimal') ? 'DECIMAL' : (typeNames[type] ?? type.toUpperCase());
}
