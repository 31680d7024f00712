import type { ErrorCode } from '../errors/catalogue.ts';
import type { GatewayError } from '../errors/gateway-error.ts';

/** SQLSTATE by error code (Databricks error classes and ISO 9075). */
const states: Partial<Record<ErrorCode, string>> = {
  caller_sql_syntax: '42601',
  caller_sql_refused: '0A000',
  caller_sql_limit: '54000',
  caller_sql_cancelled: 'HY008',
  caller_catalog_not_found: '42704',
  caller_schema_not_found: '42704',
  caller_table_not_found: '42P01',
  caller_already_exists: '42710',
  caller_invalid_parameter: '22023',
  policy_forbidden: '42501',
  gateway_lake_unsupported: '0A000',
};

/** SQLSTATE of an error; `HY000`, the general one, where no other fits. */
export function sqlState(error: GatewayError): string {
  return states[error.code] ?? 'HY000';
}
