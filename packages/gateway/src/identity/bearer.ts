import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';

/** Where a token may also stand; agents send their vendor's header (agents.md 1). */
const keyHeaders = ['x-api-key', 'x-goog-api-key'] as const;

/**
 * The token a caller presents: `Authorization: Bearer`, else `x-api-key`, else `x-goog-api-key`. Several
 * agents send two of them; where they differ, `Authorization` wins.
 * @throws GatewayError `caller_unauthenticated`, which says what was expected and never what was sent.
 */
export function readBearer(headers: IncomingHttpHeaders): string {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = /^bearer[ \t]+([^\s,]+)[ \t]*$/i.exec(authorization)?.[1];
    if (token === undefined) {
      throw unauthenticated("The Authorization header is not of the form 'Bearer <token>'.");
    }
    return token;
  }
  for (const name of keyHeaders) {
    const value = headers[name];
    if (value === undefined) continue;
    // The same header twice arrives as one value, joined by a comma.
    if (typeof value !== 'string' || !/^[^\s,]+$/.test(value)) {
      throw unauthenticated(`The ${name} header does not hold one token.`);
    }
    return value;
  }
  throw unauthenticated(
    "No token was sent. Expected 'Authorization: Bearer <token>', 'x-api-key' or 'x-goog-api-key'.",
  );
}

/** The 401, with what to do about it. */
export function unauthenticated(message: string): GatewayError {
  return new GatewayError('caller_unauthenticated', message);
}
