import { expect, test } from 'vitest';
import { pricesSchema } from '../../config/prices-schema.ts';
import { readPrices } from '../../config/prices-settings.ts';
import { externalModelPrices } from './external-model-prices.ts';
import { modelService, testingConfig } from './testing-config.ts';

function pricesOf(section: object, services = [modelService('main.team.fast', 'main.default.one', 'my-own-model')]) {
  const config = testingConfig({ modelServices: services, prices: readPrices(pricesSchema.parse(section)) });
  return Object.fromEntries(externalModelPrices(config).map((one) => [one.model_name, one.base_pricing]));
}

test('shows what is billed: prices of the configuration, discounts included', () => {
  const section = {
    models: { 'my-own-model': { input: '0.1', output: 3, cache_read: '0.01' } },
    providers: { 'main.default.one': { discount_percent: 50 } },
  };
  const price = {
    input_per_million_tokens: 0.05,
    output_per_million_tokens: 1.5,
    cache_read_per_million_tokens: 0.005,
  };
  expect(pricesOf(section)).toEqual({ 'my-own-model': price, 'system.ai.my-own-model': price });
});

test('a model without a price is not there', () => {
  expect(pricesOf({})).toEqual({});
  expect(pricesOf({ unknown_model: { input: 5, output: 25 } })).toMatchObject({
    'my-own-model': { input_per_million_tokens: 5, output_per_million_tokens: 25 },
  });
});
