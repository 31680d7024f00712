import { GatewayError } from '../errors/gateway-error.ts';
import type { Principal } from './principal.ts';

/** The scope that stands for every other (workspace-contract 3.3). */
export const ALL_APIS = 'all-apis';

/**
 * Refuses a token that was not given for this.
 * @param scopes any of these will do, and `all-apis` always does.
 * @throws GatewayError `policy_scope_missing`
 */
export function requireScope(principal: Principal, scopes: readonly string[]): void {
  if (principal.scopes.has(ALL_APIS) || scopes.some((scope) => principal.scopes.has(scope))) return;
  throw new GatewayError(
    'policy_scope_missing',
    `The token's scopes do not allow this. It needs one of: ${[ALL_APIS, ...scopes].join(', ')}.`,
  );
}
