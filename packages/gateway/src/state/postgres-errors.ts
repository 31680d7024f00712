import { stateUnavailable } from './state-errors.ts';

/** `serialization_failure` and `deadlock_detected` (PostgreSQL manual, appendix A). */
const RUN_AGAIN: ReadonlySet<string> = new Set(['40001', '40P01']);
/**
 * Classes of errors that are about the server, not about the statement: connection, resources, operator
 * intervention (which has the statement timeout), system (PostgreSQL manual, appendix A).
 */
const OF_THE_SERVER = /^(?:08|25P03|53|57|58|XX)/;

/** Whether the transaction ran into another one and is to be run again from its beginning. */
export function isToBeRunAgain(error: unknown): boolean {
  return RUN_AGAIN.has(sqlState(error) ?? '');
}

/** Whether the server answered; else it is not known what has become of the connection. */
export function isAnswer(error: unknown): boolean {
  return sqlState(error) !== undefined;
}

/** The error of a statement as the store throws it: `gateway_state_unavailable` where the database is away. */
export function postgresError(error: unknown): unknown {
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const state = sqlState(error);
  return state === undefined || OF_THE_SERVER.test(state) ? stateUnavailable(error) : error;
}

/** What is wrong with a database, in words that have no password in them. */
export function problemOf(error: unknown): string {
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
  if (typeof message === 'string' && message !== '') return message.replace(/\.$/, '');
  return typeof code === 'string' ? code : 'it cannot be reached';
}

/** The SQLSTATE of an error that the server sent. */
function sqlState(error: unknown): string | undefined {
  const { code, severity } = error as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' ? code : undefined;
}
