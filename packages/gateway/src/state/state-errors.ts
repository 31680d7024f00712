import { GatewayError } from '../errors/gateway-error.ts';

/** The store cannot be asked at the moment. What was being changed may have been changed or not. */
export function stateUnavailable(cause: unknown): GatewayError {
  return new GatewayError(
    'gateway_state_unavailable',
    'The database that the gateway keeps its state in cannot be used at the moment. Try again.',
    { retryAfterSeconds: 5, cause },
  );
}
