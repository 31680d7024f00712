import type { TokenSource } from '../auth/token.ts';

/** What a gateway answered when it said no, or that it could not be asked. Its message is fit for people. */
export class WorkspaceError extends Error {
  readonly kind:
    | 'unreachable'
    | 'tls'
    | 'timeout'
    | 'not-a-gateway'
    | 'unauthenticated'
    | 'forbidden'
    | 'not-found'
    | 'refused'
    | 'failed';
  readonly status: number | undefined;
  /** `error_code` of the answer. */
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** What to do about it, a command where there is one. */
  readonly cure: string | undefined;

  constructor(
    kind: WorkspaceError['kind'],
    message: string,
    details: { status?: number; code?: string; requestId?: string; cure?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'WorkspaceError';
    this.kind = kind;
    this.status = details.status;
    this.code = details.code;
    this.requestId = details.requestId;
    this.cure = details.cure;
  }
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Beside those that every request has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds; default 30 s. */
  readonly timeoutMs?: number;
  /** `false`: without a token. */
  readonly authenticated?: boolean;
}

/**
 * The gateway's REST API (workspace-contract). Honours scheme and port of the workspace URL, proxy variables,
 * `NODE_EXTRA_CA_CERTS` and `SSL_CERT_FILE`. A token that is refused with 401 is renewed once. Text from the
 * server is stripped of control characters before it is shown.
 */
export interface WorkspaceClient {
  readonly url: string;
  readonly tokens: TokenSource;
  /** By how much the gateway's clock was ahead of ours at its last answer, milliseconds; `undefined` before the first. */
  readonly clockSkewMs: number | undefined;
  /** The JSON object of a 2xx answer. @throws WorkspaceError, SignInNeeded */
  json(path: string, options?: RequestOptions): Promise<Readonly<Record<string, unknown>>>;
}
