import type { GatewayConfig } from '../../config/gateway-config.ts';
import { canonicalModelName } from '../../models/canonical-name.ts';
import { findModelFacts } from '../../models/index.ts';
import type { Price } from '../../models/model-facts.ts';
import { PriceBook } from '../../models/price-book.ts';
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
 * Prices of every model that the configuration can reach, sorted by name: those in force, with the discounts of the
 * provider service that has it; of several, the first one's. Each stands there twice, as
 * `claude-opus-4-8` and as `system.ai.claude-opus-4-8`: clients match the name they find in the usage
 * table after stripping prefixes, but not this one (workspace-contract 7.5).
 */
export function externalModelPrices(config: GatewayConfig): ExternalModelPrice[] {
  const book = new PriceBook(config.prices);
  const reachable = new Map<string, Price>();
  for (const service of config.modelServices) {
    const destinations = [...service.destinations, ...service.fallbacks];
    const own = destinations.map(({ model, providerService }) => ({ name: model, model, providerService }));
    const [first] = own;
    const leaf = leafOf(service.name);
    // A service named after a model is found under that name too, at the price of what it calls.
    const named = first !== undefined && findModelFacts(leaf) !== undefined ? [{ ...first, name: leaf }] : [];
    for (const { name, ...place } of [...own, ...named]) {
      const id = findModelFacts(name)?.id ?? canonicalModelName(name);
      const price = book.priceOf(place);
      if (price !== undefined && !reachable.has(id)) reachable.set(id, price);
    }
  }
  return [...reachable]
    .flatMap(([id, price]) => [priced(id, price), priced(`system.ai.${id}`, price)])
    .toSorted(byKey((model) => model.model_name));
}

function priced(name: string, price: Price): ExternalModelPrice {
  return {
    model_name: name,
    base_pricing: {
      input_per_million_tokens: Number(price.input),
      output_per_million_tokens: Number(price.output),
      ...(price.cacheRead === undefined ? {} : { cache_read_per_million_tokens: Number(price.cacheRead) }),
    },
  };
}
