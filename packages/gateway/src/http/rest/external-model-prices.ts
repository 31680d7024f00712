import type { GatewayConfig } from '../../config/gateway-config.ts';
import { findModelFacts } from '../../models/index.ts';
import type { ModelFacts } from '../../models/model-facts.ts';
import { byKey } from './pagination.ts';
import { leafOf } from './resource-names.ts';

/** One priced model. US dollars per million tokens; a price that is not known is absent. */
export interface ExternalModelPrice {
  readonly model_name: string;
  readonly base_pricing: {
    readonly input_per_million_tokens: number;
    readonly output_per_million_tokens: number;
    readonly cache_read_per_million_tokens?: number;
  };
}

/**
 * Prices of every model that the configuration can reach, sorted by name. Each stands there twice, as
 * `claude-opus-4-8` and as `system.ai.claude-opus-4-8`: clients match the name they find in the usage
 * table after stripping prefixes, but not this one (workspace-contract 7.5).
 */
export function externalModelPrices(config: GatewayConfig): ExternalModelPrice[] {
  const reachable = new Map<string, ModelFacts>();
  for (const service of config.modelServices) {
    const targets = [...service.destinations, ...service.fallbacks].map((destination) => destination.model);
    for (const name of [leafOf(service.name), ...targets]) {
      const facts = findModelFacts(name);
      if (facts) reachable.set(facts.id, facts);
    }
  }
  return [...reachable.values()]
    .flatMap((facts) => [priced(facts.id, facts), priced(`system.ai.${facts.id}`, facts)])
    .filter((model) => model !== undefined)
    .toSorted(byKey((model) => model.model_name));
}

function priced(name: string, { price }: ModelFacts): ExternalModelPrice | undefined {
  if (!price) return undefined;
  return {
    model_name: name,
    base_pricing: {
      input_per_million_tokens: Number(price.input),
      output_per_million_tokens: Number(price.output),
      ...(price.cacheRead === undefined ? {} : { cache_read_per_million_tokens: Number(price.cacheRead) }),
    },
  };
}
