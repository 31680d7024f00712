import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFilter, passes } from './filter.ts';

const ada = {
  id: '12',
  userName: 'Ada@Example.com',
  displayName: 'Ada "the" Lovelace',
  active: true,
  emails: [
    { value: 'ada@example.com', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  groups: [{ value: '7', display: 'admins' }],
  name: { givenName: 'Ada' },
  meta: { lastModified: '2026-01-02T00:00:00Z' },
};

test.each([
  ['userName eq "ada@example.com"', true],
  ['USERNAME EQ "ADA@EXAMPLE.COM"', true],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada"', true],
  ['userName ne "ada@example.com"', false],
  ['userName co "example" and active eq true', true],
  ['active eq "True"', true],
  ['active eq false or name.givenName ew "da"', true],
  ['not (active eq true)', false],
  ['externalId pr', false],
  ['emails pr and groups.display eq "admins"', true],
  ['emails eq "ada@home.example"', true],
  ['emails[type eq "work" and value co "@example.com"]', true],
  ['emails[type eq "home" and primary eq true]', false],
  ['emails.type eq "other"', false],
  ['displayName eq "Ada \\"the\\" Lovelace"', true],
  ['active eq false and active eq true or userName pr', true],
  ['active eq false and (active eq true or userName pr)', false],
  ['groups[value eq "7"]', true],
  ['meta.lastModified gt "2026-01-01T00:00:00Z"', true],
  ['meta.lastModified lt "2026-01-01T00:00:00Z"', false],
  ['id eq "12"', true],
  ['password pr', false],
  ['constructor pr', false],
  ['__proto__ pr', undefined],
  [`userName eq "x' OR '1'='1"`, false],
  ['nickName eq null', false],
])('%s', (text, expected) => {
  if (expected === undefined)
    expect(() => parseFilter(text)).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  else expect(passes(parseFilter(text), ada)).toBe(expected);
});

test.each([
  '',
  'userName',
  'userName eq',
  'userName is "x"',
  'userName eq x',
  'userName eq "x',
  'userName eq "x" and',
  '(userName pr',
  'userName pr)',
  'emails[type eq "work"',
  'a.b.c.d pr',
  'a..b pr',
  'userName eq "x"; DROP TABLE accounts',
  'userName eq {"a":1}',
  `${'('.repeat(40)}userName pr${')'.repeat(40)}`,
  `${'not ('.repeat(40)}userName pr${')'.repeat(40)}`,
  `userName eq "${'x'.repeat(5_000)}"`,
])('%s is refused', (text) => {
  expect(() => parseFilter(text)).toThrow(expect.objectContaining({ scimType: 'invalidFilter', status: 400 }));
});

test('any text is a filter or refused as one, quickly', () => {
  const words = ['userName', 'eq', 'and', 'or', 'not', '(', ')', '[', ']', '"x"', 'pr', 'true', '.', '\\', '"', ' '];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), fc.string(), (parts, tail) => {
      try {
        passes(parseFilter(parts.join(' ') + tail), ada);
      } catch (error) {
        expect(error).toMatchObject({ scimType: 'invalidFilter' });
      }
    }),
    { numRuns: 2_000 },
  );
});
