import { expect, it } from 'vitest';
import { modelService } from './testing-config.ts';
import { modelMetadata } from './model-metadata.ts';

it.each([
  ['a hosted model, by the name of its vendor too', 'system.ai.gpt-5-6-sol', 'demo-gpt-5-6-sol', 'gpt-5.6-sol'],
  ['a service of a team, by its full name alone', 'main.team.fast', 'gpt-5.6-sol', undefined],
  ['a hosted name in front of another model', 'system.ai.gpt-5-5', 'gpt-5.6-sol', undefined],
])('%s', (_, name, target, vendor) => {
  expect(modelMetadata(modelService(name, 'main.team.provider', target))?.vendor_name).toBe(vendor);
});

it('is nothing where nothing is known', () => {
  expect(modelMetadata(modelService('main.team.mine', 'main.team.provider', 'quasar-7b'))).toBeUndefined();
});
