/** One entry of the error catalogue. */
interface Entry {
  /** HTTP status. */
  readonly status: number;
  /** `error_code` of the vendor's REST error shape. */
  readonly vendorCode: string;
  /** What it means and what to do; printed in docs/reference/errors.md. */
  readonly help: string;
}

/** Every error the gateway can answer with. The prefix says whose fault it is. */
export const catalogue = {
  caller_body_not_json: {
    status: 400,
    vendorCode: 'BAD_REQUEST',
    help: 'The body is not a JSON object, or it is cut off.',
  },
  caller_body_invalid: {
    status: 400,
    vendorCode: 'INVALID_PARAMETER_VALUE',
    help: 'A field that the gateway reads has the wrong type or stands twice.',
  },
  caller_body_too_large: {
    status: 413,
    vendorCode: 'REQUEST_TOO_LARGE',
    help: 'The body is larger than server.max_body_bytes.',
  },
  caller_body_encoding: {
    status: 415,
    vendorCode: 'BAD_REQUEST',
    help: 'The body has a content-encoding. Send it plain.',
  },
  caller_timeout: { status: 408, vendorCode: 'REQUEST_TIMEOUT', help: 'The body did not arrive in time.' },
  caller_unauthenticated: {
    status: 401,
    vendorCode: 'UNAUTHENTICATED',
    help: 'No token, or a wrong, expired or revoked one.',
  },
  caller_model_not_found: {
    status: 404,
    vendorCode: 'ENDPOINT_NOT_FOUND',
    help: 'No model service of that name that the caller may use.',
  },
  caller_not_found: { status: 404, vendorCode: 'NOT_FOUND', help: 'The named object does not exist.' },
  caller_unknown_path: { status: 400, vendorCode: 'BAD_REQUEST', help: 'The path is not a known API.' },
  caller_method_not_allowed: {
    status: 405,
    vendorCode: 'BAD_REQUEST',
    help: 'The path exists, but not for this method.',
  },
  caller_upgrade_refused: {
    status: 426,
    vendorCode: 'BAD_REQUEST',
    help: 'WebSocket is not offered on this path; use HTTP.',
  },
  caller_invalid_parameter: {
    status: 400,
    vendorCode: 'INVALID_PARAMETER_VALUE',
    help: 'A parameter or header has a wrong value.',
  },
  caller_disconnected: {
    status: 499,
    vendorCode: 'CANCELLED',
    help: 'The caller closed the connection first. Only recorded.',
  },
  caller_catalog_not_found: {
    status: 404,
    vendorCode: 'CATALOG_DOES_NOT_EXIST',
    help: 'There is no catalog of that name that the caller may see.',
  },
  caller_schema_not_found: {
    status: 404,
    vendorCode: 'SCHEMA_DOES_NOT_EXIST',
    help: 'There is no schema of that name that the caller may see.',
  },
  caller_table_not_found: {
    status: 404,
    vendorCode: 'TABLE_DOES_NOT_EXIST',
    help: 'There is no table or view of that name that the caller may see.',
  },
  caller_already_exists: {
    status: 409,
    vendorCode: 'ALREADY_EXISTS',
    help: 'An object of that name exists already.',
  },
  caller_etag_mismatch: {
    status: 409,
    vendorCode: 'ABORTED',
    help: 'The object was changed since its etag was read. Read it again and try again.',
  },
  caller_invalid_state: {
    status: 400,
    vendorCode: 'INVALID_STATE',
    help: 'The object is not in a state that allows this, such as a schema that still has tables.',
  },
  caller_table_unfit: {
    status: 400,
    vendorCode: 'INVALID_PARAMETER_VALUE',
    help: 'The table does not have the columns that this writer needs. The message names the difference.',
  },
  caller_otlp_invalid: {
    status: 400,
    vendorCode: 'BAD_REQUEST',
    help: 'The body is not an OTLP export request in the encoding that its content-type names.',
  },
  caller_sql_syntax: {
    status: 400,
    vendorCode: 'BAD_REQUEST',
    help: 'The statement cannot be parsed. The message names line, column and what was not expected.',
  },
  caller_sql_refused: {
    status: 400,
    vendorCode: 'BAD_REQUEST',
    help: 'The statement uses something that is not offered here, such as reading a file or writing with SELECT privileges.',
  },
  caller_sql_failed: {
    status: 400,
    vendorCode: 'BAD_REQUEST',
    help: 'The statement was understood but failed while it ran. The message says why.',
  },
  caller_sql_limit: {
    status: 400,
    vendorCode: 'RESOURCE_EXHAUSTED',
    help: 'The statement needed more time, memory or result than sql.* in the configuration allows, and was ended.',
  },
  caller_sql_cancelled: { status: 400, vendorCode: 'CANCELLED', help: 'The statement was cancelled.' },
  policy_dialect_unsupported: {
    status: 400,
    vendorCode: 'INVALID_PARAMETER_VALUE',
    help: 'No destination of the model service speaks the dialect of the request.',
  },
  policy_address_refused: {
    status: 502,
    vendorCode: 'BAD_REQUEST',
    help: 'The provider address is private and not allowed by configuration.',
  },
  policy_throttled: {
    status: 429,
    vendorCode: 'RESOURCE_EXHAUSTED',
    help: 'Too many failed sign-ins of this user or from this address, or too many at once. Wait as long as retry-after says.',
  },
  policy_forbidden: { status: 403, vendorCode: 'PERMISSION_DENIED', help: 'The caller may not do this.' },
  policy_scope_missing: {
    status: 403,
    vendorCode: 'PERMISSION_DENIED',
    help: 'The OAuth scopes of the token do not cover this API. Sign in again with the scope that the message names.',
  },
  policy_rate_limited: {
    status: 429,
    vendorCode: 'REQUEST_LIMIT_EXCEEDED',
    help: 'A rate limit of the service is reached. Wait as long as retry-after says.',
  },
  policy_rate_denied: {
    status: 429,
    vendorCode: 'REQUEST_LIMIT_EXCEEDED',
    help: 'A rate limit of 0 denies the service to the caller. Waiting does not help; ask whoever manages the service.',
  },
  provider_unreachable: { status: 502, vendorCode: 'BAD_GATEWAY', help: 'The connection to the provider failed.' },
  provider_timeout: { status: 504, vendorCode: 'DEADLINE_EXCEEDED', help: 'The provider sent nothing in time.' },
  provider_redirect: {
    status: 502,
    vendorCode: 'BAD_GATEWAY',
    help: 'The provider answered with a redirect, which is never followed.',
  },
  provider_bad_response: {
    status: 502,
    vendorCode: 'BAD_GATEWAY',
    help: 'The provider answered with something that is not its API.',
  },
  provider_stream_cut: {
    status: 502,
    vendorCode: 'BAD_GATEWAY',
    help: 'The provider closed the stream before its end.',
  },
  provider_stream_idle: {
    status: 504,
    vendorCode: 'DEADLINE_EXCEEDED',
    help: 'The provider stopped sending in the middle of the stream.',
  },
  provider_error: {
    status: 502,
    vendorCode: 'BAD_GATEWAY',
    help: 'The provider answered with an error. Only recorded; the answer passes unchanged.',
  },
  gateway_internal: {
    status: 500,
    vendorCode: 'INTERNAL_ERROR',
    help: 'A fault of the gateway. The log has the details under the request id.',
  },
  gateway_shutting_down: {
    status: 503,
    vendorCode: 'TEMPORARILY_UNAVAILABLE',
    help: 'The gateway is stopping. Retry; another instance answers.',
  },
  gateway_spool_full: {
    status: 503,
    vendorCode: 'RESOURCE_EXHAUSTED',
    help: 'The usage spool cannot be written; metering is required before serving.',
  },
  gateway_lake_unavailable: {
    status: 503,
    vendorCode: 'TEMPORARILY_UNAVAILABLE',
    help: 'The tables cannot be reached at the moment: their storage fails, or the process that keeps them is starting.',
  },
  gateway_lake_conflict: {
    status: 409,
    vendorCode: 'ABORTED',
    help: 'Another writer changed the table in a way that this change cannot be combined with. Try again.',
  },
  gateway_lake_unsupported: {
    status: 400,
    vendorCode: 'UNSUPPORTED_FEATURE',
    help: 'The Delta table needs protocol features that this gateway does not have. The message names them.',
  },
  gateway_sql_busy: {
    status: 429,
    vendorCode: 'RESOURCE_EXHAUSTED',
    help: 'Too many statements wait already. Try again later.',
  },
  gateway_state_unavailable: {
    status: 503,
    vendorCode: 'TEMPORARILY_UNAVAILABLE',
    help: 'The database of the state cannot be reached, is too slow or is full. Changes may have been made or not. Try again later.',
  },
  gateway_counters_unavailable: {
    status: 503,
    vendorCode: 'TEMPORARILY_UNAVAILABLE',
    help: 'Limits and budgets cannot be checked: Redis cannot be reached, and limits.when_unavailable is closed.',
  },
  gateway_audit_unavailable: {
    status: 503,
    vendorCode: 'TEMPORARILY_UNAVAILABLE',
    help: 'Changes are refused, since the audit log cannot be written: its disk fails or its spool is full.',
  },
  caller_sign_in_expired: {
    status: 400,
    vendorCode: 'BAD_REQUEST',
    help: 'A sign-in through an identity provider was used already, took longer than ten minutes, or began in another browser. Start again.',
  },
  caller_sign_in_cancelled: {
    status: 400,
    vendorCode: 'CANCELLED',
    help: 'The sign-in was cancelled or refused at the identity provider.',
  },
  policy_sign_in_refused: {
    status: 403,
    vendorCode: 'PERMISSION_DENIED',
    help: 'The identity provider signed somebody in whom identity.sso does not let in. The message says why.',
  },
  provider_sign_in_failed: {
    status: 502,
    vendorCode: 'BAD_GATEWAY',
    help: 'The identity provider gave an answer that cannot be trusted or understood. The log has the reason.',
  },
  provider_sign_in_unavailable: {
    status: 503,
    vendorCode: 'TEMPORARILY_UNAVAILABLE',
    help: 'The identity provider cannot be reached, so nobody can sign in through it. Tokens go on working.',
  },
  policy_budget_exhausted: {
    status: 400,
    vendorCode: 'PERMISSION_DENIED',
    help: 'A budget that covers the request is used up. The message names it, and when it begins anew. Claude Code and Gemini CLI get 429, which they show at once.',
  },
  policy_price_unknown: {
    status: 400,
    vendorCode: 'INVALID_PARAMETER_VALUE',
    help: 'The model has no price, and prices.unknown_model is refuse.',
  },
  caller_conflict: {
    status: 409,
    vendorCode: 'ABORTED',
    help: 'The object was changed since the etag that was sent. Read it again, then change it.',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;
