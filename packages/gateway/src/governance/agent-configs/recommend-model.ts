import { Big } from 'big.js';
import type { CallerSpend } from '../budgets/spend.ts';
import { defaultModelOf } from './check-definition.ts';
import type { CodingAgent } from './agents.ts';
import type { Definition } from './definition.ts';

/** Agent and model that a caller should start with. */
export interface Recommendation {
  readonly agent: CodingAgent | undefined;
  readonly model: string | undefined;
}

/**
 * The highest tier that the caller's spend has reached, else the default agent with its model (workspace-contract 7.3).
 * @param spend `undefined` where it is not known; the default then holds.
 */
export function recommendModel(definition: Definition, spend: CallerSpend | undefined): Recommendation {
  const { default_agent: agent, budget_policy: policy } = definition;
  const reached = (policy?.tiers ?? [])
    .filter((tier) => spend !== undefined && hasReached(spend, tier.spending_percentage))
    .toSorted((left, right) => right.spending_percentage - left.spending_percentage)[0];
  if (reached) return { agent: reached.default_agent, model: reached.default_model };
  return { agent, model: agent === undefined ? undefined : defaultModelOf(definition, agent) };
}

/** Compared as a product, so that a threshold of 0 is one that everybody has reached. */
function hasReached({ currentSpend, effectiveThreshold }: CallerSpend, share: number): boolean {
  return effectiveThreshold !== undefined && new Big(currentSpend).gte(new Big(effectiveThreshold).times(share));
}
