import type { GatewayConfig } from '../config/gateway-config.ts';
import type { DialectId } from '../dialects/dialect.ts';
import type { Principal } from '../identity/principal.ts';
import type { StatementStore } from '../sql/statement-store.ts';
import type { SqlEngine } from '../sql/statement.ts';
import type { Catalog } from '../unity/catalog.ts';

/** Services that handlers use. */
export interface RestContext {
  /** The configuration in force at this moment. */
  config(): GatewayConfig;
  readonly catalog: Catalog;
  readonly sql: SqlEngine;
  readonly statements: StatementStore;
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
}

export interface RestAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Serialised as JSON; `undefined` is an empty body. */
  readonly body: unknown;
}

export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path; `{name}` matches one segment. A trailing `:verb` is literal. `GET` answers `HEAD` too. */
  readonly path: string;
  /** Served without a token. */
  readonly public?: boolean;
  /** Whose error shape callers of this path expect. Without it, the vendor's REST shape. */
  readonly dialect?: DialectId;
  /** @throws GatewayError answered in the shape of `dialect`, or as `{error_code, message, details}`. */
  handle(request: RestRequest, context: RestContext): RestAnswer | Promise<RestAnswer>;
}
