import { GatewayError } from '../../errors/gateway-error.ts';
import type { ResultTable } from '../../unity/result-table.ts';
import { rowBytes } from '../result-chunks.ts';
import { sqlState } from '../sql-state.ts';
import { resultSetMetadata, rowSet } from './row-set.ts';
import type { Operation, SessionRegistry } from './sessions.ts';
import { success, successWithInfo } from './status.ts';
import { operationStates } from './tcli-constants.ts';
import type { ThriftStruct } from './thrift-struct.ts';
import { binary, bool, i32, i64, struct, text, type Written } from './write-message.ts';

/** Bytes and rows of one answer at most, whatever is asked for. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_ROWS = 1_000_000;
const DEFAULT_ROWS = 100_000;
/** How long a call that wants results at once waits for them, milliseconds. */
const DIRECT_WAIT_MS = 5_000;
/** How long a call that cannot be polled waits, milliseconds. */
const SYNCHRONOUS_WAIT_MS = 600_000;

/** A TGetOperationStatusResp. */
export function operationStatus({ statement }: Operation): Written {
  const { state, error, result, startedAt } = statement;
  const failure = state === 'FAILED' || state === 'CANCELED' ? error : undefined;
  return struct({
    1: result?.table.truncated
      ? successWithInfo('The result was cut off at the limit of rows or bytes; more rows were there.')
      : success,
    2: i32(operationStates[state]),
    3: failure && text(sqlState(failure)),
    5: failure && text(failure.message),
    7: i64(startedAt),
    9: bool(true),
    1281: failure && text(failure.message),
  });
}

/**
 * The answer to a call that begins an operation: TExecuteStatementResp and its siblings, which have the
 * same fields. Where results are wanted at once and are there, they are in it; where that is all of
 * them, the operation is closed already.
 * @param request its `getDirectResults` is field 1281.
 */
export async function operationResponse(
  operation: Operation,
  request: ThriftStruct,
  runAsync: boolean,
  sessions: SessionRegistry,
): Promise<Written> {
  const direct = request.struct(1281);
  await operation.statement.wait(direct ? DIRECT_WAIT_MS : runAsync ? 0 : SYNCHRONOUS_WAIT_MS);
  const { identifier, type } = operation;
  const handle = struct({
    1: struct({ 1: binary(identifier.guid), 2: binary(identifier.secret) }),
    2: i32(type),
    3: bool(true),
  });
  return struct({ 1: success, 2: handle, 1281: direct && directResults(operation, direct, sessions) });
}

function directResults(operation: Operation, limits: ThriftStruct, sessions: SessionRegistry): Written {
  const status = operationStatus(operation);
  const result = operation.statement.result?.table;
  if (!result) return struct({ 1: status });
  const table = withColumns(result);
  const { response, complete } = nextRows(operation, table, { rows: limits.long(1), bytes: limits.long(2) });
  if (complete) sessions.closeOperation(operation);
  return struct({
    1: status,
    2: resultSetMetadata(table),
    3: response,
    4: complete ? struct({ 1: success }) : undefined,
  });
}

/** What one answer may hold, as the caller asked; without a wish, the usual. */
export interface FetchLimits {
  readonly rows: number | undefined;
  readonly bytes: number | undefined;
}

/** A TFetchResultsResp with the next rows of the operation. */
export function nextRows(
  operation: Operation,
  table: ResultTable,
  limits: FetchLimits,
  withMetadata = false,
): { response: Written; complete: boolean } {
  const from = operation.nextRow;
  const to = endOfPage(table, from, limits);
  operation.nextRow = to;
  const complete = to >= table.rows.length;
  const response = struct({
    1: success,
    2: bool(!complete),
    3: rowSet(table, from, to),
    1281: withMetadata ? resultSetMetadata(table) : undefined,
  });
  return { response, complete };
}

/**
 * The table of an operation, waited for.
 * @throws GatewayError its own error, or what keeps it from having a result.
 */
export async function resultOf({ statement }: Operation): Promise<ResultTable> {
  await statement.wait(SYNCHRONOUS_WAIT_MS);
  if (statement.result) return withColumns(statement.result.table);
  throw (
    statement.error ??
    new GatewayError('caller_invalid_state', `The operation is ${statement.state}; its result is not kept any longer.`)
  );
}

/** The row after the last one that fits; at least one fits. */
function endOfPage({ rows }: ResultTable, from: number, limits: FetchLimits): number {
  const maxRows = Math.min(limits.rows && limits.rows > 0 ? limits.rows : DEFAULT_ROWS, MAX_ROWS);
  const maxBytes = Math.min(limits.bytes && limits.bytes > 0 ? limits.bytes : MAX_BYTES, MAX_BYTES);
  const last = Math.min(rows.length, from + maxRows);
  let bytes = 0;
  for (let at = from; at < last; at++) {
    bytes += rowBytes(rows[at]!);
    if (bytes > maxBytes && at > from) return at;
  }
  return last;
}

/**
 * Statements without columns, such as DDL, answer one without rows, as Spark's server does: drivers go
 * round in circles when they are given none.
 */
function withColumns(table: ResultTable): ResultTable {
  return table.columns.length > 0 ? table : { ...table, columns: [{ name: 'Result', type: 'string' }] };
}
