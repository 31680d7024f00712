import { expect, test } from 'vitest';
import { groupSchema, userSchema, type ScimObject } from './attributes.ts';
import { patched, type PatchOperation } from './patch.ts';

const user: ScimObject = {
  id: '1',
  userName: 'ada@example.com',
  active: true,
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
};
const group: ScimObject = { id: '2', displayName: 'team', members: [{ value: '1' }, { value: '3' }] };

const patchUser = (...operations: PatchOperation[]) => patched(user, operations, userSchema);
const membersAfter = (...operations: PatchOperation[]) =>
  (patched(group, operations, groupSchema)['members'] as { value: string }[]).map(({ value }) => value);

test('Okta: deactivates without a path, Entra: with one and as text', () => {
  expect(patchUser({ op: 'replace', value: { active: false } })).toMatchObject({ active: false });
  expect(patchUser({ op: 'replace', path: 'active', value: 'False' })).toMatchObject({ active: false });
  expect(patchUser({ op: 'add', value: { active: 'False', 'name.givenName': 'A.' } })).toMatchObject({
    active: false,
    name: { givenName: 'A.', familyName: 'Byron' },
  });
});

test('Entra: changes and makes an email by a filter', () => {
  const path = 'emails[type eq "work"].value';
  expect(patchUser({ op: 'replace', path, value: 'new@example.com' })['emails']).toEqual([
    { value: 'new@example.com', type: 'work', primary: true },
  ]);
  const other = patchUser({ op: 'add', path: 'emails[type eq "other"].value', value: 'o@example.com' });
  expect(other['emails']).toEqual([
    { value: 'ada@example.com', type: 'work', primary: true },
    { type: 'other', value: 'o@example.com' },
  ]);
  expect(patchUser({ op: 'remove', path })['emails']).toEqual([]);
});

test('members: added, removed by filter, removed by value (Entra), replaced, all removed', () => {
  expect(membersAfter({ op: 'add', path: 'members', value: [{ value: '4' }, { value: '1' }] })).toEqual([
    '1',
    '3',
    '4',
  ]);
  expect(membersAfter({ op: 'add', value: { members: [{ value: '4' }] } })).toEqual(['1', '3', '4']);
  expect(membersAfter({ op: 'remove', path: 'members[value eq "1"]' })).toEqual(['3']);
  expect(membersAfter({ op: 'remove', path: 'members[value eq "nobody"]' })).toEqual(['1', '3']);
  expect(membersAfter({ op: 'remove', path: 'members', value: [{ value: '1' }] })).toEqual(['3']);
  expect(membersAfter({ op: 'replace', path: 'members', value: [{ value: '9' }] })).toEqual(['9']);
  expect(membersAfter({ op: 'remove', path: 'members' })).toEqual([]);
});

test('names in any case and with the URN; what we do not keep is passed over', () => {
  expect(
    patchUser({ op: 'replace', path: 'URN:ietf:params:scim:schemas:core:2.0:User:DISPLAYNAME', value: 'A' }),
  ).toEqual({
    ...user,
    displayName: 'A',
  });
  expect(
    patchUser(
      { op: 'add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', value: 'x' },
      { op: 'add', path: 'addresses[type eq "work"].formatted', value: 'x' },
      { op: 'add', path: 'title', value: 'x' },
      { op: 'replace', value: { id: '666', __proto__: { active: false }, constructor: 1 } },
    ),
  ).toEqual(user);
});

test.each([
  [{ op: 'replace', path: 'id', value: '2' }, 'mutability'],
  [{ op: 'add', path: 'groups', value: [{ value: '7' }] }, 'mutability'],
  [{ op: 'remove' }, 'noTarget'],
  [{ op: 'add', value: 'x' }, 'invalidValue'],
  [{ op: 'replace', path: 'emails[type ne "work"].value', value: 'x' }, 'noTarget'],
  [{ op: 'replace', path: 'emails.value', value: 'x' }, 'invalidPath'],
  [{ op: 'replace', path: 'emails[', value: 'x' }, 'invalidPath'],
  [{ op: 'replace', path: 'emails]type eq "work"[', value: 'x' }, 'invalidPath'],
  [{ op: 'replace', path: 'emails[type eq]', value: 'x' }, 'invalidFilter'],
  [{ op: 'replace', path: 'userName[value eq "x"]', value: 'x' }, 'invalidPath'],
  [{ op: 'replace', path: 'a.b.c', value: 'x' }, 'invalidPath'],
  [{ op: 'replace', path: '__proto__.active', value: true }, 'invalidPath'],
  [{ op: 'replace', path: 'x'.repeat(2_000), value: 'x' }, 'invalidPath'],
  [{ op: 'replace', path: `emails[${'('.repeat(60)}type pr${')'.repeat(60)}]`, value: 'x' }, 'invalidFilter'],
] as const)('%j is refused as %s', (operation, scimType) => {
  expect(() => patchUser(operation)).toThrow(expect.objectContaining({ scimType }));
});

test('a thousand operations on a group of 10,000', () => {
  const members = Array.from({ length: 10_000 }, (_, at) => ({ value: String(at) }));
  const operations = Array.from({ length: 500 }, (_, at): PatchOperation[] => [
    { op: 'remove', path: `members[value eq "${at}"]` },
    { op: 'add', path: 'members', value: [{ value: `new${at}` }] },
  ]).flat();
  const after = patched({ ...group, members }, operations, groupSchema)['members'] as { value: string }[];
  expect(after).toHaveLength(10_000);
  expect(after[0]).toEqual({ value: '500' });
});
