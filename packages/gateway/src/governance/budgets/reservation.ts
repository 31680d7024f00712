import type { Destination } from '../../config/gateway-config.ts';
import type { Price } from '../../models/model-facts.ts';
import type { PriceBook } from '../../models/price-book.ts';
import type { ResolvedService } from '../resolve-service.ts';

/** Nano-dollars per token of $1 per million. */
const NANO_PER_TOKEN = 1_000;

/** Prices as numbers. An estimate needs no more; what is settled is exact. */
interface Rates {
  readonly input: number;
  readonly output: number;
  readonly tiers: readonly { readonly above: number; readonly input: number; readonly output: number }[];
}

const rates = new WeakMap<Price, Rates>();

/**
 * Nano-dollars that a request is expected to cost at the dearest of its destinations: at least one where any has a
 * price, 0 where none has. Input counts in full, as nothing is known of caches before.
 */
export function expectedCost(
  resolved: ResolvedService,
  estimate: { readonly input: number; readonly output: number },
  prices: PriceBook,
): number {
  let most = 0;
  for (const price of pricesOf(resolved, prices)) {
    if (price !== undefined) most = Math.max(most, 1, Math.ceil(costAt(price, estimate)));
  }
  return Number.isSafeInteger(most) ? most : Number.MAX_SAFE_INTEGER;
}

/** The first model of a request without a price; `undefined` where every destination has one. */
export function unpricedModel(resolved: ResolvedService, prices: PriceBook): string | undefined {
  if (resolved.kind === 'provider-service') {
    const { model, service } = resolved;
    return prices.priceOf({ model, providerService: service.name }) === undefined ? model : undefined;
  }
  return destinationsOf(resolved.service).find((one) => prices.priceOf(one) === undefined)?.model;
}

function pricesOf(resolved: ResolvedService, prices: PriceBook): (Price | undefined)[] {
  return resolved.kind === 'provider-service'
    ? [prices.priceOf({ model: resolved.model, providerService: resolved.service.name })]
    : destinationsOf(resolved.service).map((destination) => prices.priceOf(destination));
}

function destinationsOf(service: {
  readonly destinations: readonly Destination[];
  readonly fallbacks: readonly Destination[];
}): readonly Destination[] {
  return service.fallbacks.length === 0 ? service.destinations : [...service.destinations, ...service.fallbacks];
}

function costAt(price: Price, { input, output }: { readonly input: number; readonly output: number }): number {
  const known = ratesOf(price);
  let rate: { readonly input: number; readonly output: number } = known;
  for (const tier of known.tiers) if (input > tier.above) rate = tier;
  return Math.max(0, input) * rate.input + Math.max(0, output) * rate.output;
}

function ratesOf(price: Price): Rates {
  let known = rates.get(price);
  if (known === undefined) {
    const input = Number(price.input) * NANO_PER_TOKEN;
    const output = Number(price.output) * NANO_PER_TOKEN;
    const tiers = (price.tiers ?? [])
      .map((tier) => ({
        above: tier.aboveInputTokens,
        input: Number(tier.input ?? price.input) * NANO_PER_TOKEN,
        output: Number(tier.output ?? price.output) * NANO_PER_TOKEN,
      }))
      .toSorted((a, b) => a.above - b.above);
    known = { input, output, tiers };
    rates.set(price, known);
  }
  return known;
}
