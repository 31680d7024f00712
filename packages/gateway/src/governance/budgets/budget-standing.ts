import type { GatewayError } from '../../errors/gateway-error.ts';
import type { BudgetStanding } from '../../dialects/dialect.ts';

const ofRefusals = new WeakMap<GatewayError, BudgetStanding>();

/** Remembers how the budget stands that an error speaks of. Beside it, as errors know nothing of dialects. */
export function noteStanding(error: GatewayError, standing: BudgetStanding): GatewayError {
  ofRefusals.set(error, standing);
  return error;
}

/** How the budget stands that refused a request; `undefined` for every other error. */
export function standingOfRefusal(error: GatewayError): BudgetStanding | undefined {
  return ofRefusals.get(error);
}
