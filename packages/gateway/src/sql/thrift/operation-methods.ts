import { GatewayError } from '../../errors/gateway-error.ts';
import type { Method } from './call.ts';
import { nextRows, operationResponse, operationStatus, resultOf } from './operation-response.ts';
import { bindParameters } from './parameters.ts';
import { resultSetMetadata } from './row-set.ts';
import { success } from './status.ts';
import { OperationType, Orientation } from './tcli-constants.ts';
import { changeDefaults, parseUse } from './use-statement.ts';
import { struct } from './write-message.ts';

/** How long a question for the status waits for an end. Some clients ask again at once. Milliseconds. */
const STATUS_WAIT_MS = 500;
const LONGEST_STATEMENT = 1024 * 1024;

export const executeStatement: Method = async (request, { caller, from, engine, sessions, statements }) => {
  const session = sessions.session(request.struct(1), caller);
  const text = request.text(2) ?? '';
  if (text.trim() === '')
    throw new GatewayError('caller_sql_syntax', '[PARSE_EMPTY_STATEMENT] The statement is empty.');
  if (text.length > LONGEST_STATEMENT) {
    throw new GatewayError('caller_sql_limit', `The statement is longer than ${LONGEST_STATEMENT} characters.`);
  }
  const target = parseUse(text);
  const { sql, parameters } = bindParameters(text, request.structs(1288));
  const timeoutSeconds = request.long(5) ?? 0;
  const rowLimit = request.long(1287) ?? 0;
  const operation = sessions.begin(session, OperationType.EXECUTE_STATEMENT, () =>
    target
      ? statements.start(caller, (signal) => changeDefaults(target, session, engine, caller, signal))
      : statements.submit({
          sql,
          caller,
          parameters,
          defaults: session.defaults,
          from,
          ...(timeoutSeconds > 0 ? { timeoutMs: timeoutSeconds * 1000 } : {}),
          ...(rowLimit > 0 ? { rowLimit } : {}),
        }),
  );
  return operationResponse(operation, request, request.bool(4) ?? false, sessions);
};

export const getOperationStatus: Method = async (request, { caller, sessions }) => {
  const operation = sessions.operation(request.struct(1), caller);
  await operation.statement.wait(STATUS_WAIT_MS);
  return operationStatus(operation);
};

export const getResultSetMetadata: Method = async (request, { caller, sessions }) =>
  resultSetMetadata(await resultOf(sessions.operation(request.struct(1), caller)));

export const fetchResults: Method = async (request, { caller, sessions }) => {
  const operation = sessions.operation(request.struct(1), caller);
  const orientation = request.number(2) ?? Orientation.NEXT;
  if (orientation !== Orientation.NEXT && orientation !== Orientation.FIRST) {
    throw new GatewayError('caller_invalid_parameter', 'Rows can only be fetched forward: FETCH_NEXT or FETCH_FIRST.');
  }
  if ((request.number(4) ?? 0) !== 0) throw new GatewayError('caller_invalid_parameter', 'There are no logs to fetch.');
  const table = await resultOf(operation);
  const offset = request.long(1282);
  if (orientation === Orientation.FIRST) operation.nextRow = 0;
  else if (offset !== undefined && offset >= 0 && offset <= table.rows.length) operation.nextRow = offset;
  const limits = { rows: request.long(3), bytes: request.long(1281) };
  return nextRows(operation, table, limits, request.bool(1283) ?? false).response;
};

export const cancelOperation: Method = (request, { caller, sessions }) => {
  sessions.operation(request.struct(1), caller).statement.cancel();
  return struct({ 1: success });
};

export const closeOperation: Method = (request, { caller, sessions }) => {
  sessions.closeOperation(sessions.operation(request.struct(1), caller));
  return struct({ 1: success });
};
