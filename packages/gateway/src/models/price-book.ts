import { Big } from 'big.js';
import type { TokenUsage } from '../ir/usage.ts';
import { canonicalModelName } from './canonical-name.ts';
import { findModelFacts } from './index.ts';
import type { Price } from './model-facts.ts';
import { costOf } from './price.ts';

/** What the configuration says of prices. Amounts are exact decimal text, US dollars per million tokens. */
export interface PriceSettings {
  /** By model id or pattern with `*`; replaces what is known of the model. */
  readonly models: ReadonlyMap<string, Price>;
  /** By full name of the provider service: what every price there is multiplied by. */
  readonly multipliers: ReadonlyMap<string, string>;
  /** Price of models that nothing is known of; `free`: they have no price and count nothing; `refuse`: not served. */
  readonly unknownModel: Price | 'free' | 'refuse';
}

/** Where a price is looked up. */
export interface PricedModel {
  /** The provider's model. */
  readonly model: string;
  /** Full name of the provider service; without it, no discount or markup applies. */
  readonly providerService?: string | undefined;
}

/** Names that are remembered with their price; callers of a provider service choose model names freely. */
const MOST_REMEMBERED = 10_000;

interface Pattern {
  readonly matches: RegExp;
  readonly literalLength: number;
  readonly price: Price;
}

/** The prices in force: the list prices of `models/data`, the configuration's own, and its discounts and markups. */
export class PriceBook {
  readonly #settings: PriceSettings;
  readonly #exact = new Map<string, Price>();
  readonly #patterns: readonly Pattern[];
  readonly #remembered = new Map<string, Price | undefined>();

  constructor(settings: PriceSettings = LIST_PRICES) {
    this.#settings = settings;
    const patterns: Pattern[] = [];
    for (const [name, price] of settings.models) {
      if (name.includes('*')) patterns.push(patternOf(name, price));
      else this.#exact.set(canonicalModelName(name), price);
    }
    this.#patterns = patterns.toSorted((a, b) => b.literalLength - a.literalLength);
  }

  /** Whether requests to models without a price are refused. */
  get refusesUnknown(): boolean {
    return this.#settings.unknownModel === 'refuse';
  }

  /** The price of a model, discounts included; `undefined` where it has none. */
  priceOf({ model, providerService }: PricedModel): Price | undefined {
    const key = `${providerService ?? ''}\n${model}`;
    if (this.#remembered.has(key)) return this.#remembered.get(key);
    const price = this.#lookUp(model);
    const multiplier = providerService === undefined ? undefined : this.#settings.multipliers.get(providerService);
    const final = price === undefined || multiplier === undefined ? price : multiplied(price, multiplier);
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, final);
    return final;
  }

  /** Exact dollars as decimal text; `null` where the model has no price. */
  costOf(usage: TokenUsage, model: PricedModel): string | null {
    const price = this.priceOf(model);
    return price === undefined ? null : costOf(usage, price);
  }

  #lookUp(model: string): Price | undefined {
    const name = canonicalModelName(model);
    const { unknownModel } = this.#settings;
    return (
      this.#exact.get(name) ??
      this.#patterns.find(({ matches }) => matches.test(name) || matches.test(model.toLowerCase()))?.price ??
      findModelFacts(model)?.price ??
      (typeof unknownModel === 'object' ? unknownModel : undefined)
    );
  }
}

/** Nothing configured: list prices, and what has none is free. */
const LIST_PRICES: PriceSettings = { models: new Map(), multipliers: new Map(), unknownModel: 'free' };

function patternOf(pattern: string, price: Price): Pattern {
  const parts = pattern.toLowerCase().split('*');
  const source = parts.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return { matches: new RegExp(`^${source}$`, 's'), literalLength: parts.join('').length, price };
}

function multiplied(price: Price, multiplier: string): Price {
  const by = (amount: string): string => new Big(amount).times(multiplier).toFixed();
  const { tiers, ...base } = price;
  const rates = <T extends object>(given: T): T =>
    Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, typeof value === 'string' ? by(value) : value]),
    ) as T;
  return { ...rates(base), ...(tiers === undefined ? {} : { tiers: tiers.map(rates) }) };
}
