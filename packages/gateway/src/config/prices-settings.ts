import { Big } from 'big.js';
import type { Price } from '../models/model-facts.ts';
import type { PriceSettings } from '../models/price-book.ts';
import type { PriceEntry, PricesSection } from './prices-schema.ts';

type TierEntry = NonNullable<PriceEntry['tiers']>[number];

/** The section `prices`. */
export function readPrices(section: PricesSection): PriceSettings {
  return {
    models: new Map(Object.entries(section.models).map(([name, entry]) => [name, readPrice(entry)])),
    multipliers: new Map(Object.entries(section.providers).map(([name, given]) => [name, multiplierOf(given)])),
    unknownModel: typeof section.unknown_model === 'string' ? section.unknown_model : readPrice(section.unknown_model),
  };
}

function readPrice({ tiers, input, output, ...rest }: PriceEntry): Price {
  return {
    input,
    output,
    ...cacheRates(rest),
    ...(tiers === undefined ? {} : { tiers: tiers.map(readTier) }),
  };
}

/** What a tier leaves out is the base price's, so its keys are absent, not undefined. */
function readTier(tier: TierEntry): NonNullable<Price['tiers']>[number] {
  const { above_input_tokens: aboveInputTokens, input, output, ...rest } = tier;
  const rates = {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...cacheRates(rest),
  };
  return { ...rates, aboveInputTokens } as NonNullable<Price['tiers']>[number];
}

function cacheRates(rest: Pick<PriceEntry, 'cache_read' | 'cache_write_5m' | 'cache_write_1h' | 'reasoning'>) {
  return {
    ...(rest.cache_read === undefined ? {} : { cacheRead: rest.cache_read }),
    ...(rest.cache_write_5m === undefined ? {} : { cacheWrite5m: rest.cache_write_5m }),
    ...(rest.cache_write_1h === undefined ? {} : { cacheWrite1h: rest.cache_write_1h }),
    ...(rest.reasoning === undefined ? {} : { reasoning: rest.reasoning }),
  };
}

function multiplierOf(given: PricesSection['providers'][string]): string {
  if (given.multiplier !== undefined) return given.multiplier;
  const percent =
    given.discount_percent === undefined
      ? new Big(100).plus(given.markup_percent ?? '0')
      : new Big(100).minus(given.discount_percent);
  return percent.times('0.01').toFixed();
}
