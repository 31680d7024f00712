import { z } from 'zod';

/** An amount as decimal text, or as a number as YAML has it. Exact: `0.1` is a tenth. Gives the text. */
export function amountKey() {
  return z
    .union([z.string(), z.number()])
    .transform((amount) => (typeof amount === 'number' ? plain(amount) : amount.trim()))
    .refine((text) => /^\d{1,12}(\.\d{1,15})?$/.test(text), {
      error: 'expected an amount such as "5" or "0.075", not negative',
    });
}

/** The shortest text that is the number, without an exponent. */
function plain(amount: number): string {
  const text = String(amount);
  return text.includes('e-') && amount > 0 ? amount.toFixed(15).replace(/0+$/, '') : text;
}

const perMillion = (what: string) => amountKey().describe(`US dollars per million ${what}.`);

const rates = {
  input: perMillion('input tokens that no cache has'),
  output: perMillion('output tokens'),
  cache_read: perMillion('tokens read from the cache. Default: as `input`').optional(),
  cache_write_5m: perMillion('tokens written to the 5-minute cache. Default: as `input`').optional(),
  cache_write_1h: perMillion('tokens written to the 1-hour cache. Default: as `cache_write_5m`').optional(),
  reasoning: perMillion('reasoning tokens. Default: as `output`').optional(),
};

const tierSchema = z.strictObject({
  ...rates,
  input: rates.input.optional(),
  output: rates.output.optional(),
  above_input_tokens: z.int().min(0).describe('Applies to requests with more input tokens than this.'),
});

const priceSchema = z.strictObject({
  ...rates,
  tiers: z.array(tierSchema).max(10).optional().describe('Prices of long requests; each replaces the keys it has.'),
});

const adjustmentSchema = z
  .strictObject({
    multiplier: amountKey().optional().describe('Every price is multiplied by this, such as "0.85".'),
    discount_percent: amountKey().optional().describe('Taken off every price, such as "15".'),
    markup_percent: amountKey().optional().describe('Added to every price, such as "5".'),
  })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    error: 'expected one of multiplier, discount_percent, markup_percent',
  })
  .refine((given) => given.discount_percent === undefined || Number(given.discount_percent) <= 100, {
    error: 'a discount is at most 100 percent',
  });

/** The key `prices`: what differs from the list prices that the gateway knows. */
export const pricesSchema = z.strictObject({
  models: z
    .record(z.string().min(1).max(256), priceSchema)
    .default({})
    .describe("Prices by the provider's model id, or by a pattern with `*`; the longest pattern wins."),
  providers: z
    .record(z.string().min(1).max(1024), adjustmentSchema)
    .default({})
    .describe('Discount or markup by full name of the provider service.'),
  unknown_model: z
    .union([z.enum(['free', 'refuse']), priceSchema])
    .default('free')
    .describe('What models without a price cost: `free` counts nothing, `refuse` does not serve them.'),
});

export type PricesSection = z.output<typeof pricesSchema>;
export type PriceEntry = PricesSection['models'][string];
