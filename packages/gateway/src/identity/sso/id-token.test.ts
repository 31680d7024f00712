import { createHmac, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encode, type ProviderDouble } from './testing/provider-double.ts';
import { SignInWorld } from './testing/sign-in-world.ts';

let world: SignInWorld;
beforeEach(async () => {
  world = await SignInWorld.start();
});
afterEach(() => world.stop());

type Claims = Readonly<Record<string, unknown>>;
const seconds = (): number => Math.floor(Date.now() / 1000);

function hs256(claims: Claims, key: string, header: Claims = {}): string {
  const input = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

const forgeries: Record<string, (double: ProviderDouble, claims: Claims) => string> = {
  'alg none': (_double, claims) => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`,
  'alg none with a signature': (_double, claims) => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.AAAA`,
  'alg None': (_double, claims) => `${encode({ alg: 'None', typ: 'JWT' })}.${encode(claims)}.`,
  'HS256 with the public key (confusion)': (double, claims) => hs256(claims, double.publicPem),
  'HS256 with the client secret': (double, claims) => hs256(claims, double.clientSecret),
  'a key that is not listed, under a listed name': (double, claims) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return double.sign(claims, {}, privateKey);
  },
  'a key id that is not listed': (double, claims) => double.sign(claims, { kid: 'other' }),
  'a key of its own in the header': (double, claims) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return double.sign(claims, { kid: 'mine', jwk: publicKey.export({ format: 'jwk' }) }, privateKey);
  },
  'claims changed after signing': (double, claims) => {
    const [header, , signature] = double.sign(claims).split('.');
    return `${header}.${encode({ ...claims, email: 'admin@example.com' })}.${signature}`;
  },
  'another issuer': (double, claims) => double.sign({ ...claims, iss: 'https://other.example' }),
  'no issuer': (double, claims) => double.sign({ ...claims, iss: undefined }),
  'another audience': (double, claims) => double.sign({ ...claims, aud: 'other-client' }),
  'two audiences, made for the other': (double, claims) =>
    double.sign({ ...claims, aud: ['gateway', 'other'], azp: 'other' }),
  'another nonce': (double, claims) => double.sign({ ...claims, nonce: 'other' }),
  'no nonce': (double, claims) => double.sign({ ...claims, nonce: undefined }),
  'an end two minutes ago': (double, claims) => double.sign({ ...claims, exp: seconds() - 120 }),
  'no end': (double, claims) => double.sign({ ...claims, exp: undefined }),
  'a beginning in two minutes': (double, claims) => double.sign({ ...claims, nbf: seconds() + 120 }),
  'no subject': (double, claims) => double.sign({ ...claims, sub: undefined }),
  'an empty subject': (double, claims) => double.sign({ ...claims, sub: '' }),
  'a subject that is a number': (double, claims) => double.sign({ ...claims, sub: 1 }),
  'five parts (encrypted)': (double, claims) => `${double.sign(claims)}.a.b`,
  'no token at all': () => '',
};

test.each(Object.keys(forgeries))('an ID token with %s signs nobody in', async (name) => {
  const forge = forgeries[name];
  world.double.idToken = (claims) => forge?.(world.double, claims) ?? '';
  await expect(world.signIn()).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:provider_sign_in_failed|policy_sign_in_refused)$/) as string,
  });
  expect(world.directory.signIns).toEqual([]);
});

test('an ID token signs nobody in while its key is not listed', async () => {
  world.double.hideKeys();
  await expect(world.signIn()).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
});

test.each<[string, (now: number) => Claims]>([
  ['ended 50 s ago', (now) => ({ exp: now - 50 })],
  ['begins in 50 s', (now) => ({ nbf: now + 50, iat: now + 50 })],
])('an ID token that %s is taken: clocks may differ by a minute', async (_name, change) => {
  world.double.idToken = (claims) => world.double.sign({ ...claims, ...change(seconds()) });
  await expect(world.signIn()).resolves.toBeDefined();
});

test('an ID token without signature in place of the nonce of another sign-in is refused', async () => {
  let first: Claims = {};
  world.double.idToken = (claims) => world.double.sign((first = claims));
  await world.signIn();
  world.double.idToken = () => world.double.sign(first);
  await expect(world.signIn()).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
});
