import { expect, it } from 'vitest';
import { providerById, providers } from './index.ts';
import { secretOptions } from './secret-options.ts';

it.each(providers.map((provider) => [provider.id, provider] as const))(
  'finds the credentials of %s',
  (_id, provider) => {
    const names = Object.keys((provider.options as unknown as { shape: object }).shape);
    const expected = names.filter((name) => /key|token|secret|organization/.test(name));
    expect(secretOptions(provider)).toEqual(expected);
  },
);

it('finds optional ones, and none where there are none', () => {
  expect(secretOptions(providerById('openai'))).toEqual(['api_key', 'organization']);
  expect(secretOptions(providerById('anthropic-relayed'))).toEqual([]);
});
