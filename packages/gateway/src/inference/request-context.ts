import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodySummary, Dialect } from '../dialects/dialect.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { Admission, Settlement } from '../governance/admission.ts';
import type { ResolvedService } from '../governance/resolve-service.ts';
import type { InferencePath } from './inference-path.ts';
import type { Principal } from '../identity/principal.ts';
import type { Attempt, SessionMetadata } from '../usage/usage-record.ts';
import type { Runtime, Snapshot } from './runtime.ts';

/** Everything known of one inference request while it is served. Fields fill up step by step. */
export interface RequestContext {
  readonly runtime: Runtime;
  /** The configuration this request began with; a reload does not change it. */
  readonly snapshot: Snapshot;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: InferencePath;
  readonly dialect: Dialect;
  readonly requestId: string;
  /** The caller's address, behind trusted proxies too. */
  readonly sourceIp: string | undefined;
  /** Query string without `?`. */
  readonly query: string;
  /** When the request was received, milliseconds since the epoch. */
  readonly receivedAt: number;
  /** `performance.now()` when the request was received. */
  readonly startedAt: number;
  principal: Principal | undefined;
  body: Buffer | undefined;
  summary: BodySummary | undefined;
  /** What the caller named, from the body or the path. */
  model: string | undefined;
  stream: boolean;
  resolved: ResolvedService | undefined;
  /** What limits and budgets hold for this request, once it is admitted. */
  admission: Admission | undefined;
  /** What each invocation used, for the settlement. */
  readonly settlements: Settlement[];
  session: SessionMetadata | undefined;
  tags: Record<string, string>;
  readonly attempts: Attempt[];
  /** `performance.now()` of the first byte of the answer, once sent. */
  firstByteAt: number | undefined;
  /** The caller closed its connection before the answer was whole. */
  callerLeft: boolean;
  /** What must stop when the caller leaves. */
  onCallerLeft: (() => void) | undefined;
  /** Ends the answer with this error, in the stream where it has begun: the gateway stops. */
  onShutdown: ((error: GatewayError) => void) | undefined;
  /** The final usage record has been written. */
  settled: boolean;
}
