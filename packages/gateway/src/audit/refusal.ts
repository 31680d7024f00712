import type { GatewayError } from '../errors/gateway-error.ts';

/** Errors that say no to somebody, as against those that say that something is wrong. */
export function isRefusal(error: GatewayError): boolean {
  return error.fault === 'policy' || error.code === 'caller_unauthenticated' || error.code === 'caller_model_not_found';
}
