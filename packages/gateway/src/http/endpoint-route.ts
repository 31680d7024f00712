import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { Principal } from '../identity/principal.ts';

/** A request whose body is not JSON for us to read: OTLP, Thrift. */
export interface EndpointRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly principal: Principal;
  readonly requestId: string;
  /** The caller's address, behind trusted proxies too. */
  readonly sourceIp: string | undefined;
}

/** One path that reads its own body and writes its own answer. */
export interface EndpointRoute {
  readonly method: 'POST';
  /** As in `RestRoute`. */
  readonly path: string;
  /** API family and operation, as the OpenAPI document and the audit log name them. */
  readonly audit: { readonly service: string; readonly action: string };
  /** A token with any of these scopes will do, beside `all-apis`. */
  readonly scopes?: readonly string[];
  /** Answers. May throw GatewayError before it has written anything; `answerError` then answers. */
  serve(exchange: EndpointRequest): Promise<void>;
  /** Answers an error in the shape callers of this path expect; also for a missing or wrong token. */
  answerError(error: GatewayError, exchange: Omit<EndpointRequest, 'principal'>): void;
}
