import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';

/** The header that says who calls where `Authorization` holds the caller's own vendor credential (unity-ai-gateway 2.2). */
export const gatewayTokenHeader = 'x-databricks-ai-gateway-token';

/** Where a token may also stand; agents send their vendor's header (agents.md 1). */
const keyHeaders = ['x-api-key', 'x-goog-api-key'] as const;

/** Query parameters that clients put tokens into. */
const tokenParameters = new Set(['access_token', 'key', 'api_key', 'token']);

/**
 * The token a caller presents: `X-Databricks-AI-Gateway-Token: Bearer`, else `Authorization: Bearer`, else `x-api-key`,
 * else `x-goog-api-key`. Several agents send two of them; where they differ, the first of these wins. A header that is
 * there but malformed is refused, not passed over.
 * @throws GatewayError `caller_unauthenticated`, which says what was expected and never what was sent.
 */
export function readBearer(headers: IncomingHttpHeaders): string {
  const own = headers[gatewayTokenHeader];
  if (own !== undefined) {
    return bearer(own) ?? refuse("The X-Databricks-AI-Gateway-Token header is not of the form 'Bearer <token>'.");
  }
  const { authorization } = headers;
  if (authorization !== undefined) {
    return bearer(authorization) ?? refuse("The Authorization header is not of the form 'Bearer <token>'.");
  }
  for (const name of keyHeaders) {
    const value = headers[name];
    if (value === undefined) continue;
    // The same header twice arrives as one value, joined by a comma.
    if (typeof value !== 'string' || !/^[^\s,]+$/.test(value)) refuse(`The ${name} header does not hold one token.`);
    return value;
  }
  return refuse("No token was sent. Expected 'Authorization: Bearer <token>', 'x-api-key' or 'x-goog-api-key'.");
}

/**
 * Whether the caller says who they are in the gateway's own header, so that `Authorization` is for the provider.
 * Only then may it be passed on.
 */
export function hasGatewayToken(headers: IncomingHttpHeaders): boolean {
  return headers[gatewayTokenHeader] !== undefined;
}

/**
 * Refuses a token in the URL, where logs and histories keep it; such a token ought to be revoked.
 * @param query what follows the question mark. @throws GatewayError `caller_unauthenticated`
 */
export function refuseTokenInQuery(query: string): void {
  if (query === '') return;
  for (const name of new URLSearchParams(query).keys()) {
    if (!tokenParameters.has(name.toLowerCase())) continue;
    refuse(`A token in the URL (${name.toLowerCase()}=) is never accepted. Send it in a header, and revoke this one.`);
  }
}

/** The 401, with what to do about it. */
export function unauthenticated(message: string): GatewayError {
  return new GatewayError('caller_unauthenticated', message);
}

function bearer(value: string | readonly string[]): string | undefined {
  return typeof value === 'string' ? /^bearer[ \t]+([^\s,]+)[ \t]*$/i.exec(value)?.[1] : undefined;
}

function refuse(message: string): never {
  throw unauthenticated(message);
}
