import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenize } from './tokens.ts';

const texts = (sql: string): string[] => tokenize(sql).map(({ kind, text }) => `${kind} ${text}`);

describe('tokens', () => {
  test.each([
    [
      "SELECT 'it''s' -- no\n, r'\\' /* a /* b */ c */ , `a``b`",
      ['word SELECT', "string 'it''s'", 'symbol ,', "string r'\\'", 'symbol ,', 'quoted a`b'],
    ],
    [
      ':a = x:b AND f(x):c[0]:d',
      [
        'marker a',
        'symbol =',
        'word x',
        'symbol :',
        'word b',
        'word AND',
        'word f',
        'symbol (',
        'word x',
        'symbol )',
        'symbol :',
        'word c',
        'symbol [',
        'number 0',
        'symbol ]',
        'symbol :',
        'word d',
      ],
    ],
    [
      '1.5e3 1L 2.5BD .5 x::int a<=>b',
      [
        'number 1.5e3',
        'number 1L',
        'number 2.5BD',
        'number .5',
        'word x',
        'symbol ::',
        'word int',
        'word a',
        'symbol <=>',
        'word b',
      ],
    ],
    ['größe 名前', ['word größe', 'word 名前']],
  ])('%s', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  test.each([
    ["SELECT 'a", 'a quoted text is not closed (line 1, column 8)'],
    ['SELECT 1\n  /* x', 'a comment is not closed (line 2, column 3)'],
    ['SELECT ‘a’', "unexpected '‘' (line 1, column 8)"],
    ['SELECT `a\u0001b`', 'a name must not have control characters'],
    ['SELECT \u0001', 'a control character is not allowed here'],
  ])('%j is a syntax error', (sql, message) => {
    expect(() => tokenize(sql)).toThrow(message);
  });

  test('tokens lie in order within the text and leave out nothing but spaces and comments', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '\n',
      "'x'",
      '"y"',
      '`z`',
      ' 1.5 ',
      '--c\n',
      '/*d*/',
      ':p',
      '(',
      ')',
      '::',
      '<=>',
      '.',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const sql = pieces.join('');
        let at = 0;
        let gaps = '';
        for (const token of tokenize(sql)) {
          expect(token.start).toBeGreaterThanOrEqual(at);
          gaps += sql.slice(at, token.start);
          at = token.end;
        }
        gaps += sql.slice(at);
        expect(gaps.replaceAll(/--c\n?|\/\*d\*\/|\s/g, '')).toBe('');
      }),
    );
  });

  test('a long text without an end is found out quickly', () => {
    expect(() => tokenize(`SELECT '${'a\\'.repeat(200_000)}`)).toThrow('not closed');
  });
});
