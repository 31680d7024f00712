import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccountRow } from '../state/account-repository.ts';
import type { GroupRow, MemberRow } from '../state/group-repository.ts';
import { DirectoryView } from './directory-view.ts';
import { userId } from './user-id.ts';

function account(userName: string, more: Partial<AccountRow> = {}): AccountRow {
  const nothing = { givenName: null, familyName: null, emails: [], externalId: null, createdAt: 1, updatedAt: 1 };
  const key = userName.toLowerCase();
  return {
    id: `a-${key}`,
    type: 'USER',
    nameKey: key,
    userName,
    displayName: userName,
    active: true,
    ...nothing,
    ...more,
  };
}

const group = (name: string): GroupRow => ({
  id: `g-${name}`,
  nameKey: name,
  displayName: name,
  externalId: null,
  createdAt: 1,
  updatedAt: 1,
});

const member = (groupId: string, memberId: string): MemberRow => ({
  groupId,
  memberId,
  memberKind: memberId.startsWith('g-') ? 'group' : 'account',
  origin: 'api',
});

test('nested groups, circles included, are what a plain walk finds', () => {
  const names = Array.from({ length: 12 }, (_, at) => `t${at}`);
  const edge = fc.tuple(fc.nat(11), fc.nat(11));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 40 }), fc.array(fc.nat(11), { maxLength: 4 }), (edges, direct) => {
      const nested = edges.filter(([outer, inner]) => outer !== inner);
      const members = [
        ...nested.map(([outer, inner]) => member(`g-t${outer}`, `g-t${inner}`)),
        ...direct.map((at) => member(`g-t${at}`, 'a-ada')),
      ];
      const view = new DirectoryView({ accounts: [account('ada')], groups: names.map(group), members }, { users: [] });
      const met = new Set(direct);
      for (const inner of met) for (const [outer, one] of nested) if (one === inner) met.add(outer);
      expect(new Set(view.byName('ada')?.groups)).toEqual(new Set([...met].map((at) => `t${at}`)));
    }),
  );
});

test('the configuration wins for a name, and memberships of the store count for it, too', () => {
  const view = new DirectoryView(
    {
      accounts: [account('Ada@Example.com', { active: false, externalId: 'x1' }), account('eve')],
      groups: [group('team'), group('ops')],
      members: [
        member('g-team', 'a-ada@example.com'),
        member('g-ops', userId('ada@example.com')),
        member('g-none', 'a-eve'),
      ],
    },
    {
      users: [{ name: 'ada@example.com', groups: ['admins', 'declared'], active: true }],
      groups: [{ name: 'outer', members: ['EVE', 'unknown'], groups: ['team'] }],
      servicePrincipals: [{ applicationId: 'ci', displayName: 'CI', groups: ['team'], active: true }],
    },
  );
  const ada = view.byName('ADA@example.com');
  expect(ada).toMatchObject({ id: userId('ada@example.com'), active: true, source: 'configuration', externalId: 'x1' });
  expect(ada?.groups).toEqual(['admins', 'declared', 'ops', 'outer', 'team']);
  expect(view.byId('a-ada@example.com')).toBe(ada);
  expect(view.byName('eve')).toMatchObject({ source: 'directory', groups: ['outer'] });
  expect(view.byName('ci')).toMatchObject({ type: 'SERVICE_PRINCIPAL', groups: ['outer', 'team'] });
  expect(view.accounts.map(({ userName }) => userName)).toEqual(['ada@example.com', 'ci', 'eve']);
  expect(view.groups.map(({ displayName }) => displayName)).toEqual([
    'account users',
    'admins',
    'declared',
    'ops',
    'outer',
    'team',
  ]);
});

test('group names differ by more than case, and admins is always written so', () => {
  const view = new DirectoryView(
    { accounts: [], groups: [], members: [] },
    {
      users: [
        { name: 'ada', groups: ['Admins', 'Team'], active: true },
        { name: 'bob', groups: ['team'], active: true },
      ],
    },
  );
  expect(view.byName('ada')?.groups).toEqual(['admins', 'Team']);
  expect(view.byName('bob')?.groups).toEqual(['Team']);
});

// A quarter of a second; a walk for each user would run into the test's own timeout.
test('10,000 users in 1,000 nested groups', () => {
  const accounts = Array.from({ length: 10_000 }, (_, at) => account(`user${at}`));
  const groups = Array.from({ length: 1_000 }, (_, at) => group(`t${String(at).padStart(4, '0')}`));
  const members = accounts.flatMap(({ id }, at) =>
    [at % 1_000, (at * 7) % 1_000, (at * 13) % 1_000].map((number) => member(groups[number]?.id ?? '', id)),
  );
  for (let at = 0; at < 1_000; at++) {
    members.push(member(groups[(at * 31 + 1) % 1_000]?.id ?? '', groups[at]?.id ?? ''));
    if (at % 10 !== 0) members.push(member(groups[at - 1]?.id ?? '', groups[at]?.id ?? ''));
  }
  const view = new DirectoryView({ accounts, groups, members }, { users: [] });
  expect(view.byName('user9999')?.groups.length).toBeGreaterThan(10);
});
