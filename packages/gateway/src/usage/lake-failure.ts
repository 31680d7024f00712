import { GatewayError } from '../errors/gateway-error.ts';

/**
 * What a failed call of the lake means for rows. `passing`: the same call may succeed later. `gone`: the table was
 * dropped. `lasting`: the table does not take these rows until somebody changes it.
 */
export type LakeFailure = 'passing' | 'gone' | 'lasting';

const passing: ReadonlySet<string> = new Set([
  'gateway_lake_unavailable',
  'gateway_lake_conflict',
  'gateway_shutting_down',
]);

/** Errors that nobody foresaw count as lasting: rows are kept aside and tried again, and others are not held up. */
export function lakeFailure(error: unknown): LakeFailure {
  if (!(error instanceof GatewayError)) return 'lasting';
  if (passing.has(error.code)) return 'passing';
  return error.code === 'caller_table_not_found' ? 'gone' : 'lasting';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the log may hold of a failed append. Errors of DuckDB quote values of rows, so only their kind is told. */
export function loggableReason(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  return /^[A-Z][A-Za-z ]* Error(?=:)/.exec(messageOf(error))?.[0] ?? (error instanceof Error ? error.name : 'Error');
}
