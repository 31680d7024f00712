import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonString, scanObject, scanObjectIn, type JsonObjectScan } from './json-scan.ts';

const WANTED = new Set(['model', 'stream']);

function scan(text: string): JsonObjectScan {
  const result = scanObject(Buffer.from(text), WANTED);
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`);
  return result;
}

function failure(text: string): string {
  const result = scanObject(Buffer.from(text), WANTED);
  return result.ok ? 'ok' : result.reason;
}

test('finds every occurrence of a wanted top-level key, however it is written', () => {
  const text = '{"a":{"model":"inner"},"mod\\u0065l":"x","stream" : true , "model":[1,"]"]}';
  const found = scan(text).fields.get('model') ?? [];
  expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(['"x"', '[1,"]"]']);
  expect(scan(text).fields.get('stream')).toHaveLength(1);
});

test('accepts a byte order mark and white space around the object', () => {
  expect(scan('\ufeff \r\n{ } \t').isEmpty).toBe(true);
});

test('names what is wrong', () => {
  for (const text of [
    '',
    '  ',
    '{',
    '{"model"',
    '{"model":"x',
    '{"model":"x"',
    '{"a":[1,2',
    '{"a":"\\"}',
    '{"a":tru',
  ]) {
    expect([text, failure(text)]).toEqual([text, 'truncated']);
  }
  for (const text of ['[]', '"x"', 'null', 'x{}']) expect(failure(text)).toBe('not an object');
  expect(failure('{} {}')).toBe('trailing bytes');
  expect(failure('{"a":[1}]}')).toBe('mismatched brackets');
  for (const text of ['{,}', '{"a"}', '{"a":}', '{"a":1,}', '{a:1}', '{"a":01}', '{"a":truefalse}', '{"a":1 2}']) {
    expect([text, failure(text)]).toEqual([text, 'bad syntax']);
  }
});

test('nesting a hundred thousand deep needs no stack', () => {
  const deep = `{"a":${'[{"b":'.repeat(50_000)}1${'}]'.repeat(50_000)},"model":"m"}`;
  expect(scan(deep).fields.get('model')).toHaveLength(1);
  expect(failure(`{"a":${'['.repeat(100_000)}`)).toBe('truncated');
});

test('scans inside a range and never beyond it', () => {
  const body = Buffer.from('{"o":{"model":"x"},"model":"y"}');
  const outer = scanObject(body, new Set(['o']));
  const range = outer.ok ? outer.fields.get('o')?.[0] : undefined;
  expect(range).toEqual({ start: 5, end: 18 });
  const inner = scanObjectIn(body, range!, WANTED);
  expect(inner.ok && inner.fields.get('model')).toEqual([{ start: 14, end: 17 }]);
  expect(scanObjectIn(body, { start: 5, end: 16 }, WANTED)).toMatchObject({ ok: false, reason: 'truncated' });
});

const key = fc.oneof(fc.constantFrom('model', 'stream', 'a', 'm"odel', 'stream\\'), fc.string({ unit: 'binary' }));
const object = fc.dictionary(key, fc.jsonValue({ stringUnit: 'binary' }), { noNullPrototype: true });

test('agrees with a parser on every object, compact or spaced out', () => {
  fc.assert(
    fc.property(object, fc.constantFrom(0, 1, '\t'), (value, space) => {
      const body = Buffer.from(JSON.stringify(value, null, space));
      const result = scanObject(body, WANTED);
      expect(result.ok).toBe(true);
      if (!result.ok) return;
      const parsed = JSON.parse(body.toString()) as Record<string, unknown>;
      expect(result.isEmpty).toBe(Object.keys(parsed).length === 0);
      expect(body[result.end]).toBe(0x7d);
      for (const name of WANTED) {
        const ranges = result.fields.get(name) ?? [];
        expect(ranges.map(({ start, end }) => JSON.parse(body.toString('utf8', start, end)) as unknown)).toEqual(
          Object.hasOwn(parsed, name) ? [parsed[name]] : [],
        );
      }
    }),
  );
});

test('never accepts a prefix of an object, never throws on bytes', () => {
  fc.assert(
    fc.property(object, fc.nat(), (value, cut) => {
      const body = Buffer.from(JSON.stringify(value));
      expect(scanObject(body.subarray(0, cut % body.length), WANTED).ok).toBe(false);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void scanObject(Buffer.from(bytes), WANTED)));
});

test('long strings with runs of backslashes end where they end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('\\', '"', 'x'.repeat(40), '\u00e9', '\n'), { maxLength: 60 }), (pieces) => {
      const text = JSON.stringify({ a: pieces.join(''), model: pieces.join('') });
      const body = Buffer.from(text);
      const result = scanObject(body, WANTED);
      const range = result.ok ? result.fields.get('model')?.[0] : undefined;
      expect(range && readJsonString(body, range)).toBe(pieces.join(''));
    }),
  );
});
