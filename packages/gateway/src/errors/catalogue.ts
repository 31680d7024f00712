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
  policy_forbidden: { status: 403, vendorCode: 'PERMISSION_DENIED', help: 'The caller may not do this.' },
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
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;
