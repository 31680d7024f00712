import type { DurableAuditLog, AuditChange } from '../audit/audit-event.ts';
import { isRefusal } from '../audit/refusal.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { DEFAULT_NAMES, type Catalog } from '../unity/catalog.ts';
import { catalogChangeOf, stateOf, targetOf, type CatalogChange } from '../unity/catalog-change.ts';
import type { CatalogStatement } from '../unity/ddl/catalog-statement.ts';
import type { ResultTable } from '../unity/result-table.ts';
import type { StatementRequest } from './statement.ts';

export interface SqlAuditOptions {
  readonly catalog: Catalog;
  readonly audit: DurableAuditLog;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Tells the audit log of statements that change the catalog or its grants, and of those that are refused. */
export class SqlAudit {
  readonly #options: SqlAuditOptions;

  constructor(options: SqlAuditOptions) {
    this.#options = options;
  }

  /**
   * Runs a statement. One that changes something is answered once its audit event is on disk.
   * @throws GatewayError `gateway_audit_unavailable` before a change that could not be kept, and whatever `run` throws.
   */
  async around(
    request: StatementRequest,
    statement: CatalogStatement | undefined,
    run: () => Promise<ResultTable>,
  ): Promise<ResultTable> {
    const { audit, catalog, now = Date.now } = this.#options;
    const change = statement && catalogChangeOf(statement, request.defaults ?? DEFAULT_NAMES);
    if (change === undefined) return run().catch((error: unknown) => this.#refused(request, now(), error));
    audit.requireWritable();
    const at = now();
    const before = stateOf(change, catalog, request.caller);
    try {
      const result = await run();
      const after = stateOf(change, catalog, request.caller);
      this.#record(request, at, change, { target: targetOf(change), before, after });
      await audit.settled();
      return result;
    } catch (error) {
      if (error instanceof GatewayError) this.#record(request, at, change, { target: targetOf(change) }, error);
      throw error;
    }
  }

  #refused(request: StatementRequest, at: number, error: unknown): never {
    if (error instanceof GatewayError && isRefusal(error)) {
      this.#record(request, at, { service: 'sql', action: 'executeStatement' }, undefined, error);
    }
    throw error;
  }

  #record(
    { caller, from }: StatementRequest,
    at: number,
    { service, action }: Pick<CatalogChange, 'service' | 'action'>,
    change: AuditChange | undefined,
    error?: GatewayError,
  ): void {
    this.#options.audit.record({
      at,
      requestId: from?.requestId ?? '',
      service,
      action,
      actor: caller.userName,
      actorType: from?.actorType,
      sourceIp: from?.sourceIp,
      userAgent: from?.userAgent,
      status: error?.status ?? 200,
      errorCode: error?.code,
      errorMessage: error?.message,
      parameters: { through: 'sql' },
      change,
    });
  }
}
