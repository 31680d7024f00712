import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { field, struct } from '../lake/schema/delta-type.ts';
import { tableLocation } from './location.ts';
import { checkName, lowerCase } from './names.ts';
import { ada, TestCatalog } from './testing/open-catalog.ts';

let test: TestCatalog;
beforeAll(async () => {
  test = await TestCatalog.open();
});
afterAll(() => test.close());

describe('names', () => {
  it.each([
    'x',
    'My Table',
    'it\'s "quoted"',
    '日本語',
    'a`b',
    'con',
    'x'.repeat(255),
    '日'.repeat(255),
    'select',
    'a;drop',
    '%2e%2e',
    '__proto__',
    'constructor',
  ])('may be %s', async (name) => {
    const info = await test.catalog.createTable({ name: [name], schema: struct(field('a', 'string')) }, ada);
    expect(info.name).toBe(name.toLowerCase());
    expect(test.catalog.find([name.toUpperCase()])).toEqual(info);
    expect(info.table?.location).toMatch(/^main\/default\/(?:[\w-]|%[\dA-F]{2})+$/);
    expect(info.table?.location.length).toBeLessThan(230);
    const quoted = `\`${name.replaceAll('`', '``')}\``;
    expect(await test.rows(`DESCRIBE ${quoted}`, ada)).toEqual([['a', 'string', null]]);
    await test.run(`DROP TABLE ${quoted}`, ada);
  });

  it.each(['', 'a/b', 'a\\b', '..', '.', 'a.b', ' x', 'x ', 'a\0b', 'a\nb', '\u007f', 'x'.repeat(256), '\ud800'])(
    'may not be %j',
    (name) => {
      expect(() => checkName(name, 'table')).toThrow(/^\[INVALID_NAME\] .* cannot name a table: it /);
    },
  );

  it('are compared by simple lower case, each character for itself', () => {
    expect(lowerCase('ΑΣ')).toBe('ας'.replace('ς', 'σ'));
    expect(lowerCase('\u0130X')).toBe('ix');
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => lowerCase(lowerCase(text)) === lowerCase(text)));
  });
});

describe('places', () => {
  it('are different for different names, and harmless', () => {
    const part = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((text) => !/[./\0]/.test(text) && text.isWellFormed())
      .map(lowerCase);
    fc.assert(
      fc.property(part, part, (one, two) => {
        const [left, right] = [tableLocation(['c', 's', one]), tableLocation(['c', 's', two])];
        expect(left === right).toBe(one === two);
        expect(left).toMatch(/^c\/s\/(?:[\w-]|%[\dA-F]{2}){1,200}$/);
      }),
    );
    expect(tableLocation(['main', 'default', 'a b'])).toBe('main/default/a%20b');
    expect(tableLocation(['c', 's', 'nul'])).toBe('c/s/%6Eul');
  });
});
