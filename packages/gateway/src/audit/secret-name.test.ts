import { expect, test } from 'vitest';
import { isSecretName } from './secret-name.ts';

test.each([
  'token',
  'access_token',
  'refreshToken',
  'token_value',
  'password',
  'userPassword',
  'client_secret',
  'clientSecret',
  'api_key',
  'apiKey',
  'X-Api-Key',
  'APIKEY',
  'plaintext',
  'Authorization',
  'private_key',
  'secret_access_key',
  'code_verifier',
  'credentials',
  'Cookie',
])('%s is a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  'name',
  'token_id',
  'tokenId',
  'secret_id',
  'first_token_timeout',
  'tokens',
  'key',
  'access_key_id',
  'token_lifetime',
  'budget_policy',
  '',
])('%s is none', (name) => {
  expect(isSecretName(name)).toBe(false);
});
