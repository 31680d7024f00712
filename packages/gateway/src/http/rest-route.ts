import type { z } from 'zod';
import type { AuditChange } from '../audit/audit-event.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { AgentConfigs } from '../governance/agent-configs/agent-configs.ts';
import type { BudgetBook } from '../governance/budgets/budget-book.ts';
import type { SpendView } from '../governance/budgets/caller-spend.ts';
import type { SpendSource } from '../governance/budgets/spend.ts';
import type { LimitView } from '../governance/limits/caller-limits.ts';
import type { DialectId } from '../dialects/dialect.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import type { AccountDirectory } from '../identity/account-directory.ts';
import type { Principal } from '../identity/principal.ts';
import type { StatementStore } from '../sql/statement-store.ts';
import type { SqlEngine } from '../sql/statement.ts';
import type { Catalog } from '../unity/catalog.ts';

/** Services that handlers use. */
export interface RestContext {
  /** The configuration in force at this moment, with the services that were made by API. */
  config(): GatewayConfig;
  readonly directory: AccountDirectory;
  /** Personal access tokens. */
  readonly tokens: AccessTokens;
  readonly catalog: Catalog;
  readonly sql: SqlEngine;
  readonly statements: StatementStore;
  readonly agentConfigs: AgentConfigs;
  readonly budgets: BudgetBook;
  readonly spend: SpendSource;
  readonly spendView: SpendView;
  readonly limitView: LimitView;
  /** Refuses changes while they cannot be audited. @throws GatewayError `gateway_audit_unavailable` */
  readonly audit: { requireWritable(): void };
}

/** A control-plane request, body already read. */
export interface RestRequest {
  readonly method: string;
  /** Path parameters by name, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Who calls; for `public` routes without a token, `undefined`. */
  readonly principal: Principal | undefined;
  /** The JSON object of the body; `{}` where the method has none or the body is empty. Not validated. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Origin as the caller sees it, e.g. `http://127.0.0.1:8484`. */
  readonly origin: string;
  readonly requestId: string;
  /** The caller's address, behind trusted proxies too. */
  readonly sourceIp: string | undefined;
  /** Tells the audit log what a change did: before, after. Secrets never. */
  noteChange(change: AuditChange): void;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Serialised as JSON; `undefined` is an empty body. */
  readonly body: unknown;
  /** Sent instead of `body`, for what is not JSON (CSV, PDF). */
  readonly content?: { readonly type: string; readonly bytes: string | Uint8Array };
}

/**
 * Who may call a route, for the matrix of routes and roles. `user` is everyone with a valid token: what they get depends on
 * their grants. `admin` needs the group `admins`; the router refuses others before the handler runs.
 */
export type RouteAccess = 'public' | 'user' | 'admin';

/** What a route is, for the OpenAPI document, the audit log and the matrix of routes and roles. */
export interface RouteDescription {
  /** `operationId`, unique: `createModelService`. For changes it is the audit log's `action_name`. */
  readonly id: string;
  /** One sentence. */
  readonly summary: string;
  readonly access: RouteAccess;
  /** Of the API family, in OpenAPI's `tags`; the audit log's `service_name`. */
  readonly tag: string;
  /** The schema that validates the body, where there is one. */
  readonly body?: z.ZodType;
  /** The schemas of query parameters, by name. */
  readonly query?: Readonly<Record<string, z.ZodType>>;
  /** The schema of a successful answer. */
  readonly answer?: z.ZodType;
  /** A method other than GET that changes nothing (a search, a recommendation): not audited. */
  readonly reads?: boolean;
  /** Status of a successful answer. Default 200. */
  readonly status?: number;
}

export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path; `{name}` matches one segment. A trailing `:verb` is literal. `GET` answers `HEAD` too. */
  readonly path: string;
  readonly describe: RouteDescription;
  /** Served without a token. */
  readonly public?: boolean;
  /** A token with any of these scopes will do, beside `all-apis`. Default: `all-apis` only. */
  readonly scopes?: readonly string[];
  /** `scim`: errors as RFC 7644 3.12 has them. */
  readonly errorShape?: 'scim';
  /** Whose error shape callers of this path expect. Without it, the vendor's REST shape. */
  readonly dialect?: DialectId;
  /** @throws GatewayError answered in the shape of `dialect`, or as `{error_code, message, details}`. */
  handle(request: RestRequest, context: RestContext): RestAnswer | Promise<RestAnswer>;
}
