import type { GatewayError } from '../errors/gateway-error.ts';

/**
 * Headers that every dialect's error answer carries.
 * @param requestIdHeader the dialect's name for it.
 */
export function errorHeaders(error: GatewayError, requestIdHeader: string, requestId: string): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json', [requestIdHeader]: requestId };
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterSeconds));
  if (error.status === 401) headers['www-authenticate'] = 'Bearer';
  return headers;
}

/** Whether the same request may succeed a little later: the fault is the provider's or ours. */
export function isTransient(error: GatewayError): boolean {
  return error.fault === 'provider' || error.fault === 'gateway';
}

/**
 * Whether waiting a moment does not help although the status is 429: a used-up budget, a limit of 0, or a wait of more
 * than a minute. Agents told so stop at once with the message.
 */
export function isLongRefusal(error: GatewayError): boolean {
  if (error.status !== 429) return false;
  return error.code === 'policy_rate_denied' || error.code.includes('budget') || (error.retryAfterSeconds ?? 0) > 60;
}

/** One server-sent event of an `event` name (or none) and JSON data. */
export function sseEvent(event: string | undefined, data: unknown): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}
