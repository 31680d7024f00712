import type { AuditOrigin } from '../audit/audit-event.ts';
import type { Caller } from '../unity/caller.ts';
import type { NameDefaults } from '../unity/catalog.ts';
import type { ResultTable } from '../unity/result-table.ts';

export interface StatementParameter {
  readonly name: string;
  /** Text of the value, `null` for NULL. */
  readonly value: string | null;
  /** A SQL type name, `STRING` when left out. */
  readonly type?: string | undefined;
}

export interface StatementRequest {
  /** One statement in Databricks SQL; a `;` at its end is fine. */
  readonly sql: string;
  readonly caller: Caller;
  readonly parameters?: readonly StatementParameter[] | undefined;
  readonly defaults?: NameDefaults | undefined;
  /** Rows given at most; below the configured limit. */
  readonly rowLimit?: number | undefined;
  /** Bytes of the result at most; below the configured limit. */
  readonly byteLimit?: number | undefined;
  /** Milliseconds the statement may run; below the configured limit. */
  readonly timeoutMs?: number | undefined;
  /** From where it was asked, for the audit log. */
  readonly from?: AuditOrigin | undefined;
}

/** The SQL warehouse. */
export interface SqlEngine {
  /**
   * Runs one statement: DDL and catalog statements through Unity Catalog, queries in a sandboxed process.
   * Ends with `caller_sql_cancelled` when `signal` is aborted.
   * @throws GatewayError `caller_sql_*`, `caller_*_not_found`, `policy_forbidden`, `gateway_sql_busy`, `gateway_lake_*`. Messages begin
   *   with a Databricks error class in brackets where one exists: `[PARSE_SYNTAX_ERROR]`, `[TABLE_OR_VIEW_NOT_FOUND]`, `[INSUFFICIENT_PERMISSIONS]`.
   */
  execute(request: StatementRequest, signal?: AbortSignal): Promise<ResultTable>;
  /** Ends all processes. */
  close(): Promise<void>;
}
