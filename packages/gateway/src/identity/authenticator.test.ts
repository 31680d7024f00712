import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { UserConfig } from '../config/gateway-config.ts';
import { openStore, type Store } from '../state/store.ts';
import { Authenticator } from './authenticator.ts';
import { createToken, hashToken, listTokens, revokeToken } from './tokens.ts';

let directory: string;
let store: Store;
let users: UserConfig[];
let now: number;
let authenticator: Authenticator;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-identity-'));
  store = openStore(directory);
  users = [
    { name: 'ada', groups: ['admins'], active: true },
    { name: 'bob', groups: [], active: false },
  ];
  now = Date.now();
  authenticator = new Authenticator(store, () => users, { now: () => now });
});
afterEach(() => {
  vi.useRealTimers();
  authenticator.close();
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

function authenticate(token: string) {
  return authenticator.authenticate({ authorization: `Bearer ${token}` });
}

test('tokens look like tokens, are all different and are stored as hashes only', () => {
  const { id, token } = createToken(store, { user: 'ada', comment: 'laptop' });
  expect(token).toMatch(/^ucg_[\w-]{43}$/);
  expect(createToken(store, { user: 'ada' }).token).not.toBe(token);
  expect(listTokens(store).find((info) => info.id === id)).toMatchObject({ userName: 'ada', comment: 'laptop' });
  expect(JSON.stringify(listTokens(store))).not.toContain(token.slice(4));
  const hashes = store.prepare('SELECT token_hash FROM personal_access_tokens WHERE id = ?').all(id);
  expect(hashes).toMatchObject([{ token_hash: new Uint8Array(hashToken(token)) }]);
});

test('a valid token gives its user, in each of the three headers', () => {
  const { id, token } = createToken(store, { user: 'ada' });
  const principal = authenticate(token);
  expect(principal).toMatchObject({
    userName: 'ada',
    type: 'USER',
    groups: ['admins'],
    active: true,
    authMode: 'PAT',
    tokenId: id,
  });
  expect(principal.id).toMatch(/^\d+$/);
  expect(authenticator.authenticate({ 'x-api-key': token })).toEqual(principal);
  expect(authenticator.authenticate({ 'x-goog-api-key': token })).toEqual(principal);
});

test('Authorization wins where the headers differ', () => {
  const { token } = createToken(store, { user: 'ada' });
  expect(authenticator.authenticate({ authorization: `Bearer ${token}`, 'x-api-key': 'wrong' }).userName).toBe('ada');
  expect(() => authenticator.authenticate({ authorization: 'Bearer wrong', 'x-api-key': token })).toThrow(/token/);
});

test.each(['ucg_wrong', 'sk-ant-0123456789', ''])('an unknown token %j is refused without showing it', (token) => {
  let message = '';
  try {
    authenticator.authenticate({ authorization: `Bearer ${token}` });
  } catch (error) {
    expect(error).toMatchObject({ code: 'caller_unauthenticated', status: 401 });
    message = String(error);
  }
  expect(message).not.toBe('');
  if (token !== '') expect(message).not.toContain(token);
});

test('a token with one character changed, cut or added is refused', () => {
  const { token } = createToken(store, { user: 'ada' });
  authenticate(token);
  const last = token.at(-1) === 'A' ? 'B' : 'A';
  for (const wrong of [token.slice(0, -1) + last, token.slice(0, -1), `${token}A`, token.toUpperCase()]) {
    expect(() => authenticate(wrong)).toThrow('not');
  }
});

test('an expired token is refused, also when it was cached', () => {
  const { token } = createToken(store, { user: 'ada', lifetimeSeconds: 60 });
  authenticate(token);
  now += 61_000;
  expect(() => authenticate(token)).toThrow(/expired/);
});

test('inactive and unconfigured users are refused, and a reload of the users is in force at once', () => {
  const bob = createToken(store, { user: 'bob' }).token;
  const eve = createToken(store, { user: 'eve' }).token;
  expect(() => authenticate(bob)).toThrow(/deactivated/);
  expect(() => authenticate(eve)).toThrow(/not configured/);
  users = [
    { name: 'bob', groups: [], active: true },
    { name: 'eve', groups: ['team'], active: true },
  ];
  expect(authenticate(bob).userName).toBe('bob');
  expect(authenticate(eve).groups).toEqual(['team']);
});

test('a revocation is in force within half a second, by this process and by another', () => {
  const other = openStore(directory);
  const [first, second] = [createToken(store, { user: 'ada' }), createToken(store, { user: 'ada' })];
  authenticate(first.token);
  authenticate(second.token);
  expect(revokeToken(store, first.id)).toBe(true);
  expect(revokeToken(store, first.id)).toBe(false);
  expect(revokeToken(store, 'none')).toBe(false);
  now += 500;
  expect(() => authenticate(first.token)).toThrow(/revoked/);
  authenticate(second.token);
  revokeToken(other, second.id);
  now += 500;
  expect(() => authenticate(second.token)).toThrow(/revoked/);
  other.close();
});

test('the hot path does not ask the store', () => {
  const { token } = createToken(store, { user: 'ada' });
  authenticate(token);
  const prepare = vi.spyOn(store, 'prepare');
  for (let i = 0; i < 100; i++) authenticate(token);
  expect(prepare).not.toHaveBeenCalled();
});

test('the last use is written later, at most once a minute', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { token } = createToken(store, { user: 'ada' });
  const lastUse = () => listTokens(store)[0]?.lastUsedAt;
  const start = now;
  authenticate(token);
  expect(lastUse()).toBeNull();
  vi.advanceTimersByTime(5_000);
  expect(lastUse()).toBe(start);
  now = start + 59_000;
  authenticate(token);
  authenticator.close();
  expect(lastUse()).toBe(start);
  now = start + 60_000;
  authenticate(token);
  authenticator.close();
  expect(lastUse()).toBe(start + 60_000);
});

test('a failure to write the last use is reported and does not refuse anyone', () => {
  const errors: unknown[] = [];
  const watched = new Authenticator(store, () => users, { onError: (error) => errors.push(error) });
  const { token } = createToken(store, { user: 'ada' });
  watched.authenticate({ 'x-api-key': token });
  vi.spyOn(store, 'transaction').mockImplementation(() => {
    throw new Error('disk I/O error');
  });
  watched.close();
  expect(errors).toHaveLength(1);
});
