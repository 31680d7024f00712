import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkNewSchema } from './check-schema.ts';
import { addColumns, withComment } from './change-schema.ts';
import { array, field, map, struct, type DeltaType, type StructType } from './delta-type.ts';
import { duckdbType } from './duckdb-type.ts';
import { parseSchema, schemaText } from './parse-schema.ts';

const { type: anyType } = fc.letrec<{ type: DeltaType }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<DeltaType>('string', 'long', 'byte', 'timestamp', 'timestamp_ntz', 'variant', 'decimal(38,10)'),
    tie('type').map((type) => array(type)),
    fc.tuple(tie('type'), tie('type')).map(([key, value]) => map(key, value)),
    fc
      .array(fc.tuple(fc.string(), tie('type'), fc.boolean()), { maxLength: 3 })
      .map((fields) =>
        struct(...fields.map(([name, type, nullable]) => ({ ...field(name, type, 'a comment'), nullable }))),
      ),
  ),
}));

test('a schema is the same after writing and reading', () => {
  fc.assert(
    fc.property(anyType, (type) => {
      const schema = struct(field('column', type));
      expect(parseSchema(schemaText(schema))).toEqual(schema);
    }),
  );
});

test.each([
  ['not JSON', '{'],
  ['an array', '[]'],
  ['a primitive', '"long"'],
  ['no fields', '{"type":"struct"}'],
  ['a field without a name', '{"type":"struct","fields":[{"type":"long"}]}'],
  ['an unknown type', '{"type":"struct","fields":[{"name":"a","type":"interval"}]}'],
  ['a decimal of 39 digits', '{"type":"struct","fields":[{"name":"a","type":"decimal(39,0)"}]}'],
  ['no end', `${'{"type":"array","elementType":'.repeat(5000)}"long"${'}'.repeat(5000)}`],
])('%s is no schema', (_, text) => {
  expect(() => parseSchema(text)).toThrow(expect.objectContaining({ code: 'gateway_lake_unsupported' }));
});

test('types have their DuckDB types', () => {
  const type = struct(
    field('a "b"', map('string', array('decimal(5,2)'))),
    field('t', 'timestamp'),
    field('n', 'timestamp_ntz'),
  );
  expect(duckdbType(type)).toBe(
    'STRUCT("a ""b""" MAP(VARCHAR, DECIMAL(5,2)[]), "t" TIMESTAMP WITH TIME ZONE, "n" TIMESTAMP)',
  );
  expect(() => duckdbType(array('variant'))).toThrow(expect.objectContaining({ code: 'gateway_lake_unsupported' }));
});

const good = struct(field('a', 'long'), field('s', struct(field('a', 'string'))));

test('a good schema passes', () => {
  expect(() => checkNewSchema(good)).not.toThrow();
  expect(() => checkNewSchema(good, ['A'])).not.toThrow();
});

test.each<[string, StructType, string[]]>([
  ['no column', struct(), []],
  ['an empty name', struct(field('', 'long')), []],
  ['an empty nested name', struct(field('a', array(struct(field('', 'long'))))), []],
  ['names that differ by case', struct(field('a', 'long'), field('A', 'long')), []],
  [
    'nested names that differ by case',
    struct(field('m', map('string', struct(field('a', 'long'), field('A', 'long'))))),
    [],
  ],
  ['a struct without fields', struct(field('s', struct())), []],
  ['a VARIANT', struct(field('v', 'variant')), []],
  ['a decimal that is none', struct(field('n', 'decimal(5,6)')), []],
  ['an unknown partition column', good, ['b']],
  ['a nested partition column', good, ['s']],
  ['partition columns only', struct(field('a', 'long')), ['a']],
  ...[' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '='].map((character): [string, StructType, string[]] => [
    `the character ${JSON.stringify(character)}`,
    struct(field(`a${character}b`, 'long')),
    [],
  ]),
])('%s is refused', (_, schema, partitionColumns) => {
  expect(() => checkNewSchema(schema, partitionColumns)).toThrow(
    expect.objectContaining({ code: 'caller_invalid_parameter' }),
  );
});

test('added columns are nullable, comments come and go', () => {
  const wider = addColumns(good, struct({ ...field('b', 'date'), nullable: false }));
  expect(wider.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['a', true],
    ['s', true],
    ['b', true],
  ]);
  const commented = withComment(good, ['S', 'a'], 'inner');
  expect(commented.fields[1]?.type).toMatchObject({ fields: [{ metadata: { comment: 'inner' } }] });
  expect(withComment(commented, ['s', 'a'], undefined)).toEqual(good);
  expect(() => withComment(good, ['a', 'x'], 'y')).toThrow(expect.objectContaining({ code: 'caller_not_found' }));
});
