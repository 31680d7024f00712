import { expect, it } from 'vitest';
import { withoutSecrets, withoutTokens } from './without-secrets.ts';

it.each([
  ['Authorization: Bearer abcdefgh12345', 'Authorization: Bearer ***'],
  ['{"refresh_token":"abcdefgh"}', '{"refresh_token":"***"}'],
  ['the token ucg_abcdefgh is not accepted', 'the token *** is not accepted'],
  ['dapi0123456789', '***'],
])('%s', (text, expected) => {
  expect(withoutSecrets(text)).toBe(expected);
});

it('takes tokens alone out of files', () => {
  const file = 'GEMINI_API_KEY_AUTH_MECHANISM=bearer\nGEMINI_API_KEY=ucg_abcdefgh\nmax_token=8192000\n';
  expect(withoutTokens(file)).toBe(file.replace('ucg_abcdefgh', '***'));
});
