import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Authenticator } from './authenticator.ts';
import { testingIdentity, type TestingIdentity } from './testing-identity.ts';
import type { TokenSource } from './token-source.ts';
import { createToken, hashToken, listTokens, revokeToken } from './tokens.ts';

const users = [
  { name: 'ada', groups: ['admins'], active: true },
  { name: 'bob', groups: [], active: false },
];

let now: number;
let identity: TestingIdentity;

beforeEach(async () => {
  now = Date.now();
  identity = await testingIdentity({ users }, { now: () => now });
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await identity.close();
});

const authenticate = async (token: string) => identity.authenticator.authenticate({ authorization: `Bearer ${token}` });
const make = (user: string, more = {}) => createToken(identity.store, { user, ...more });

test('tokens look like tokens, are all different and are stored as hashes only', async () => {
  const { id, token } = await make('ada', { comment: 'laptop' });
  expect(token).toMatch(/^ucg_[\w-]{43}$/);
  expect((await make('ada')).token).not.toBe(token);
  const listed = await listTokens(identity.store);
  expect(listed.find((info) => info.id === id)).toMatchObject({ userName: 'ada', comment: 'laptop' });
  expect(JSON.stringify(listed)).not.toContain(token.slice(4));
  const hashes = await identity.store.all('SELECT token_hash FROM personal_access_tokens WHERE id = ?', id);
  expect(hashes).toMatchObject([{ token_hash: new Uint8Array(hashToken(token)) }]);
});

test('a valid token gives its user, in each of the four headers', async () => {
  const { id, token } = await make('ada');
  const principal = await authenticate(token);
  expect(principal).toMatchObject({
    userName: 'ada',
    type: 'USER',
    groups: ['admins'],
    active: true,
    authMode: 'PAT',
    tokenId: id,
    scopes: new Set(['all-apis']),
  });
  expect(principal.id).toMatch(/^\d+$/);
  for (const headers of [
    { 'x-api-key': token },
    { 'x-goog-api-key': token },
    { 'x-databricks-ai-gateway-token': `Bearer ${token}`, authorization: 'Bearer sk-ant-of-the-vendor' },
  ]) {
    expect(await identity.authenticator.authenticate(headers)).toEqual(principal);
  }
});

test('a token with scopes has only those', async () => {
  const { token } = await make('ada', { scopes: ['sql'] });
  expect((await authenticate(token)).scopes).toEqual(new Set(['sql']));
});

test('the first header wins where they differ, also where it is wrong', async () => {
  const { token } = await make('ada');
  const ask = async (headers: IncomingHttpHeaders) => identity.authenticator.authenticate(headers);
  expect(await ask({ authorization: `Bearer ${token}`, 'x-api-key': 'wrong' })).toMatchObject({ userName: 'ada' });
  await expect(ask({ authorization: 'Bearer wrong', 'x-api-key': token })).rejects.toThrow(/token/);
  const both = { authorization: `Bearer ${token}`, 'x-databricks-ai-gateway-token': 'Bearer wrong' };
  await expect(ask(both)).rejects.toMatchObject({ status: 401 });
  await expect(ask({ ...both, 'x-databricks-ai-gateway-token': '' })).rejects.toMatchObject({ status: 401 });
});

test.each(['ucg_wrong', 'sk-ant-0123456789', '', 'x'.repeat(100_000)])('an unknown token is refused', async (token) => {
  const error: unknown = await authenticate(token).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'caller_unauthenticated', status: 401 });
  if (token !== '') expect(String(error)).not.toContain(token);
});

test('a token with one character changed, cut or added is refused, before and after the right one was seen', async () => {
  const { token } = await make('ada');
  const last = token.at(-1) === 'A' ? 'B' : 'A';
  const wrong = [token.slice(0, -1) + last, token.slice(0, -1), `${token}A`, token.toUpperCase(), token.slice(0, 20)];
  for (const one of wrong) await expect(authenticate(one)).rejects.toThrow('not');
  await authenticate(token);
  for (const one of [...wrong, ...wrong]) await expect(authenticate(one)).rejects.toThrow('not');
  // Hashes that share all but their end must not meet in the cache.
  const find = vi.fn(async (hash: Buffer) => ({ ...found, tokenId: hash.toString('hex') }));
  const accountId = identity.directory.byName('ada')?.id ?? '';
  const found = { accountId, authMode: 'OAUTH', scopes: new Set(['sql']), expiresAt: null, revokedAt: null };
  identity.authenticator.addSource({ find } as unknown as TokenSource);
  expect(await authenticate('a'.repeat(64))).toMatchObject({ tokenId: hashToken('a'.repeat(64)).toString('hex') });
  expect(await authenticate('a'.repeat(65))).toMatchObject({ tokenId: hashToken('a'.repeat(65)).toString('hex') });
});

test('an expired token is refused, also when it was cached', async () => {
  const { token } = await make('ada', { lifetimeSeconds: 60 });
  await authenticate(token);
  now += 61_000;
  await expect(authenticate(token)).rejects.toThrow(/expired/);
  await expect(authenticate(token)).rejects.toThrow(/expired/);
});

test('inactive and unconfigured users are refused, and a reload of the users is in force at once', async () => {
  const bob = (await make('bob')).token;
  const eve = (await make('eve')).token;
  const ada = (await make('ada')).token;
  await authenticate(ada);
  await expect(authenticate(bob)).rejects.toThrow(/deactivated/);
  await expect(authenticate(eve)).rejects.toThrow(/not configured/);
  identity.declared = {
    users: [
      { name: 'bob', groups: [], active: true },
      { name: 'eve', groups: ['team'], active: true },
    ],
  };
  expect((await authenticate(bob)).userName).toBe('bob');
  expect((await authenticate(eve)).groups).toEqual(['team']);
  await expect(authenticate(ada)).rejects.toThrow(/not configured/);
});

test('a revocation is in force at once here, and after the next look at another gateway', async () => {
  const other = await identity.another();
  const [first, second] = [await make('ada'), await make('ada')];
  await authenticate(first.token);
  await authenticate(second.token);
  expect(await identity.tokens.revoke(first.id)).toBe(true);
  expect(await identity.tokens.revoke(first.id)).toBe(false);
  expect(await revokeToken(identity.store, 'none')).toBe(false);
  await expect(authenticate(first.token)).rejects.toThrow(/revoked/);
  await authenticate(second.token);
  expect(await revokeToken(other.store, second.id)).toBe(true);
  await identity.watcher.check();
  await expect(authenticate(second.token)).rejects.toThrow(/revoked/);
});

test('a token that is revoked while it is looked for is not kept', async () => {
  const { id, token } = await make('ada');
  const find = identity.tokens.find.bind(identity.tokens);
  const held = Promise.withResolvers<void>();
  vi.spyOn(identity.tokens, 'find').mockImplementationOnce(async (hash) => {
    const found = await find(hash);
    await held.promise;
    return found;
  });
  const first = authenticate(token);
  await identity.tokens.revoke(id);
  held.resolve();
  await first;
  await expect(authenticate(token)).rejects.toThrow(/revoked/);
});

test('the hot path does not ask the store and does not wait', async () => {
  const { token } = await make('ada');
  await authenticate(token);
  const find = vi.spyOn(identity.tokens, 'find');
  for (let i = 0; i < 100; i++) {
    expect(identity.authenticator.authenticate({ 'x-api-key': token })).toMatchObject({ userName: 'ada' });
  }
  expect(find).not.toHaveBeenCalled();
});

test('the same unknown token at once is looked for once, and too many different ones are turned away', async () => {
  const find = vi.fn(() => new Promise<undefined>(() => {}));
  const authenticator = new Authenticator({ ...identity, sources: [{ find }] });
  void authenticator.authenticate({ 'x-api-key': 'one' });
  void authenticator.authenticate({ 'x-api-key': 'one' });
  expect(find).toHaveBeenCalledTimes(1);
  const flood = () => {
    for (let one = 0; one < 2_000; one++) void authenticator.authenticate({ 'x-api-key': `t${one}` });
  };
  expect(flood).toThrow(expect.objectContaining({ code: 'policy_throttled', retryAfterSeconds: 1 }));
  expect(find.mock.calls.length).toBeLessThan(100);
});

test('a source with a prefix is asked for its own tokens only', async () => {
  const find = vi.spyOn(identity.tokens, 'find');
  await expect(authenticate('eyJhbGciOi')).rejects.toThrow(/not one of this gateway's/);
  expect(find).not.toHaveBeenCalled();
});

test('where the store cannot be asked nobody is let in, and one look is enough when it is back', async () => {
  const { token } = await make('ada');
  await authenticate(token);
  const strict = new Authenticator({ ...identity, sources: [identity.tokens], staleLimitMs: -1 });
  await expect(async () => strict.authenticate({ 'x-api-key': token })).rejects.toMatchObject({
    code: 'gateway_state_unavailable',
    status: 503,
  });
  const fresh = vi.spyOn(identity.watcher, 'freshAt', 'get').mockReturnValueOnce(0);
  expect(await authenticate(token)).toMatchObject({ userName: 'ada' });
  expect(fresh).toHaveBeenCalled();
});

test('the last use is written later, at most once a minute', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { token } = await make('ada');
  const lastUse = async () => (await listTokens(identity.store))[0]?.lastUsedAt;
  const start = now;
  await authenticate(token);
  expect(await lastUse()).toBeNull();
  vi.advanceTimersByTime(5_000);
  await identity.authenticator.close();
  expect(await lastUse()).toBe(start);
  now = start + 59_000;
  await authenticate(token);
  await identity.authenticator.close();
  expect(await lastUse()).toBe(start);
  now = start + 60_000;
  await authenticate(token);
  await identity.authenticator.close();
  expect(await lastUse()).toBe(start + 60_000);
});

test('a failure to write the last use is reported and does not refuse anyone', async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const watched = new Authenticator({ ...identity, sources: [identity.tokens], onError });
  const { token } = await make('ada');
  await watched.authenticate({ 'x-api-key': token });
  vi.spyOn(identity.store, 'transaction').mockRejectedValueOnce(new Error('disk I/O error'));
  await watched.close();
  expect(errors).toHaveLength(1);
});
