import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada } from './testing/provider-double.ts';
import { providerConfig, SignInWorld } from './testing/sign-in-world.ts';
import { groupsOf } from './group-claims.ts';
import { personOf } from './person.ts';

const issuer = 'https://login.example.com';
const refusal = expect.objectContaining({ code: 'policy_sign_in_refused' }) as Error;

describe('groups', () => {
  const mapped = providerConfig({
    issuer,
    groupMapping: new Map([
      ['/engineering/platform', 'platform'],
      ['a1b2-id', 'admins'],
    ]),
  });
  const all = { ...mapped, groups: 'all' } as const;

  test.each<[string, unknown, readonly string[]]>([
    ['a list', ['/engineering/platform', '/finance'], ['platform']],
    ['one name', 'a1b2-id', ['admins']],
    ['an empty list', [], []],
    ['nothing', undefined, []],
    ['null', null, []],
    ['twice the same', ['a1b2-id', 'a1b2-id'], ['admins']],
    ['names that differ in case', ['A1B2-ID'], []],
    ['the name of the group of administrators', ['admins', 'account users'], []],
    ['names of object members', ['__proto__', 'constructor'], []],
  ])('by mapping alone: %s', (_name, groups, expected) => {
    expect(groupsOf(mapped, { groups })).toEqual(expected);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['mapped and unmapped', ['/finance', 'a1b2-id'], ['/finance', 'admins']],
    ['administrators by their own name', ['admins', 'Admins', 'ADMINS', 'account users'], []],
    ['control characters, blanks, too long', ['a\u0000b', 'a\nb', ' a', '', 'x'.repeat(257), 'a\u202eb'], []],
  ])('under their own names: %s', (_name, groups, expected) => {
    expect(groupsOf(all, { groups })).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ['an object', { a: true }],
    ['a number', 7],
    ['a list with something else', ['a', { b: 1 }]],
    ['a list of lists', [['a']]],
  ])('that are %s are refused', (_name, groups) => {
    expect(() => groupsOf(mapped, { groups })).toThrow(refusal);
  });

  test('10,000 of them are looked at, and refused where they would all count', () => {
    const groups = Array.from({ length: 10_000 }, (_, index) => `group-${index}`);
    expect(groupsOf(mapped, { groups: [...groups, 'a1b2-id'] })).toEqual(['admins']);
    expect(() => groupsOf(all, { groups })).toThrow(refusal);
  });

  test('of a provider that is not asked for them stay as they are', () => {
    expect(groupsOf(providerConfig({ issuer }), { groups: ['admins'] })).toBeUndefined();
  });

  test('more than Entra sends are refused, in words that help', () => {
    for (const claims of [{ _claim_names: { groups: 'src1' }, _claim_sources: {} }, { hasgroups: true }]) {
      expect(() => groupsOf(mapped, claims)).toThrow(/more groups than Corp puts into a sign-in/);
    }
  });

  test('are found inside other claims, and under names with dots', () => {
    const inside = { ...all, groupsClaim: 'realm_access.roles' };
    expect(groupsOf(inside, { realm_access: { roles: ['dev'] } })).toEqual(['dev']);
    expect(groupsOf(inside, { realm_access: 'roles' })).toEqual([]);
    const named = { ...all, groupsClaim: 'https://example.com/groups' };
    expect(groupsOf(named, { 'https://example.com/groups': ['dev'] })).toEqual(['dev']);
    expect(groupsOf({ ...all, groupsClaim: '__proto__.constructor' }, {})).toEqual([]);
  });
});

describe('a person', () => {
  const provider = providerConfig({ issuer });
  const claims = { email: 'ada@example.com', email_verified: true };

  test('is named by the claim that the settings name', () => {
    expect(personOf(provider, 's', claims)).toMatchObject({ userName: 'ada@example.com', isVerifiedName: true });
    const byLogin = { ...provider, userClaim: 'preferred_username' };
    expect(personOf(byLogin, 's', { preferred_username: 'ada' })).toMatchObject({
      userName: 'ada',
      isVerifiedName: false,
    });
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['no name', { email: undefined }],
    ['a name that is a list', { email: ['ada@example.com'] }],
    ['an empty name', { email: '' }],
    ['a name with a zero byte', { email: 'ada@example.com\u0000' }],
    ['a name with a line break', { email: 'ada@example.com\r\nx: y' }],
    ['a name written from right to left', { email: 'ada\u202e@example.com' }],
    ['a name with blanks around', { email: ' ada@example.com' }],
    ['a name too long', { email: `${'a'.repeat(300)}@example.com` }],
    ['no verified address', { email_verified: false }],
    ['nothing said of its verification', { email_verified: undefined }],
    ['a strange word for verified', { email_verified: 'yes' }],
  ])('with %s is refused', (_name, change) => {
    expect(() => personOf(provider, 's', { ...claims, ...change })).toThrow(refusal);
  });

  test('with an address that is not verified comes in where the settings say so, but is not known by it', () => {
    const lax = { ...provider, requireVerifiedEmail: false };
    expect(personOf(lax, 's', { email: 'ada@example.com' })).toMatchObject({ isVerifiedName: false });
  });

  test('is verified by the claim that the settings name', () => {
    const entra = { ...provider, verifiedClaim: 'xms_edov' };
    expect(personOf(entra, 's', { email: 'ada@example.com', xms_edov: '1' }).isVerifiedName).toBe(true);
    expect(() => personOf(entra, 's', claims)).toThrow(refusal);
  });

  test('with an unusable display name has none', () => {
    expect(personOf(provider, 's', { ...claims, name: 'A\u0007da' }).displayName).toBeUndefined();
  });

  describe('of allowed domains', () => {
    const bounded = { ...provider, allowedDomains: ['example.com'] };
    test.each([
      ['ada@example.com', true],
      ['ada@EXAMPLE.com', true],
      ['ada@sub.example.com', false],
      ['ada@example.com.evil.example', false],
      ['"ada@example.com"@evil.example', false],
      ['example.com', false],
    ])('%s: %s', (email, isAllowed) => {
      const read = () => personOf(bounded, 's', { ...claims, email });
      if (isAllowed) expect(read().userName).toBe(email);
      else expect(read).toThrow(refusal);
    });

    test('by login name needs a verified address in them, too', () => {
      const byLogin = { ...bounded, userClaim: 'preferred_username' };
      const login = { preferred_username: 'ada' };
      expect(personOf(byLogin, 's', { ...login, ...claims }).userName).toBe('ada');
      expect(() => personOf(byLogin, 's', { ...login, ...claims, email_verified: false })).toThrow(refusal);
      expect(() => personOf(byLogin, 's', { ...login, email_verified: true })).toThrow(refusal);
      expect(() => personOf(byLogin, 's', { preferred_username: 'ada@evil.example', ...claims })).toThrow(refusal);
    });
  });
});

describe('userinfo', () => {
  let world: SignInWorld;
  beforeEach(async () => {
    world = await SignInWorld.start();
  });
  afterEach(() => world.stop());

  test('is asked where the ID token lacks something, and not otherwise', async () => {
    await world.signIn();
    expect(world.double.requests).not.toContain('/userinfo');
    world.double.person = { sub: 'ada-1' };
    await expect(world.signIn()).resolves.toMatchObject({ account: { userName: 'ada@example.com' } });
    expect(world.double.requests).toContain('/userinfo');
  });

  test('of somebody else is refused', async () => {
    world.double.person = { sub: 'ada-1' };
    world.double.userinfo = { ...ada, sub: 'bob-1' };
    await expect(world.signIn()).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
    expect(world.directory.signIns).toEqual([]);
  });

  test('does not overrule the ID token', async () => {
    world.configure({ groupMapping: new Map([['x', 'y']]) });
    world.double.userinfo = { ...ada, email: 'admin@example.com', groups: ['x'] };
    await world.signIn();
    expect(world.directory.signIns).toMatchObject([{ userName: 'ada@example.com', groups: ['y'] }]);
  });
});
