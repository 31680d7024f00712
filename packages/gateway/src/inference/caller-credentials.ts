import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { gatewayTokenHeader, hasGatewayToken } from '../identity/bearer.ts';
import { tokenPrefix } from '../identity/tokens.ts';

/**
 * The caller's own credentials for a provider that has none of ours: the headers of `names`, as they came. They are
 * the provider's only where the caller's identity came in `X-Databricks-AI-Gateway-Token`; else `Authorization` is the
 * gateway's own token, which never leaves it.
 * @param names `Provider.callerCredentials`; empty gives nothing.
 * @throws GatewayError `caller_unauthenticated`, `caller_invalid_parameter`; never with a value.
 */
export function callerCredentials(
  headers: IncomingHttpHeaders,
  names: readonly string[],
): Readonly<Record<string, string>> {
  if (names.length === 0) return {};
  if (!hasGatewayToken(headers)) {
    throw new GatewayError(
      'caller_invalid_parameter',
      "This provider is called with your own credential. Send the gateway's token in X-Databricks-AI-Gateway-Token, and your own for the provider in Authorization.",
    );
  }
  const found = names.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
  });
  if (found.length === 0) {
    throw new GatewayError(
      'caller_unauthenticated',
      'This provider is called with your own credential, and none was sent in Authorization.',
    );
  }
  const own = tokenOf(headers[gatewayTokenHeader]);
  if (found.some(([, value]) => isOurs(tokenOf(value), own))) {
    throw new GatewayError(
      'caller_invalid_parameter',
      "Authorization holds a token of this gateway, which is not sent to the provider. Put the provider's own credential there.",
    );
  }
  return Object.fromEntries(found);
}

function isOurs(token: string, own: string): boolean {
  return token === own || token.startsWith(tokenPrefix);
}

/** The value without its scheme. */
function tokenOf(value: string | string[] | undefined): string {
  return String(value ?? '')
    .trim()
    .replace(/^bearer\s+/i, '');
}
