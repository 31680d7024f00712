import { expect, test } from 'vitest';
import type { DeltaType } from '../../lake/schema/delta-type.ts';
import { readMessage } from './read-message.ts';
import { rowSet } from './row-set.ts';
import type { ThriftStruct } from './thrift-struct.ts';
import { MessageKind } from './thrift-type.ts';
import { struct, writeMessage } from './write-message.ts';

/** The TColumn of one column with these values. */
function columnOf(type: DeltaType, values: readonly (string | null)[]): ThriftStruct {
  const table = { columns: [{ name: 'c', type }], rows: values.map((value) => [value]), truncated: false };
  const head = { name: 'rows', kind: MessageKind.REPLY, sequenceId: 0, strict: true };
  const message = writeMessage(head, struct({ 0: rowSet(table, 0, values.length) }));
  return readMessage(message).args.struct(0)!.structs(3)[0]!;
}

test.each<[DeltaType, number, string[], unknown[]]>([
  ['boolean', 1, ['true', 'false'], [true, false]],
  ['byte', 2, ['-128', '127'], [-128, 127]],
  ['short', 3, ['-32768', '32767'], [-32_768, 32_767]],
  ['integer', 4, ['-2147483648', '2147483647'], [-2_147_483_648, 2_147_483_647]],
  ['long', 5, ['-9223372036854775808', '9007199254740993'], [-(2n ** 63n), 9_007_199_254_740_993n]],
  ['double', 6, ['1.5', 'NaN', 'inf', '-Infinity'], [1.5, Number.NaN, Infinity, -Infinity]],
  ['float', 6, ['0.25'], [0.25]],
  ['decimal(38,2)', 7, ['123456789012345678901234567890.10'], ['123456789012345678901234567890.10']],
  [
    'timestamp',
    7,
    ['2026-11-22T10:00:00.123Z', '0001-01-01T00:00:00Z'],
    ['2026-11-22 10:00:00.123000', '0001-01-01 00:00:00.000000'],
  ],
  ['date', 7, ['2026-11-22'], ['2026-11-22']],
  ['binary', 8, ['AAH/'], [Buffer.from([0, 1, 255])]],
  ['variant', 7, ['{"a":1}'], ['{"a":1}']],
])('%s travels in field %d', (type, field, texts, expected) => {
  const column = columnOf(type, texts).struct(field)!;
  expect(field === 7 ? column.texts(1) : column.value(1)).toEqual(expected);
  expect(column.bytes(2)).toEqual(Buffer.from([0]));
});

test('nulls are bits, the lowest first', () => {
  const values = Array.from({ length: 11 }, (_, at) => ([0, 3, 9].includes(at) ? null : String(at)));
  for (const type of ['long', 'string', 'boolean', 'timestamp', 'binary', 'double'] as const) {
    const column = columnOf(type, values);
    const nulls = [1, 5, 6, 7, 8]
      .map((field) => column.struct(field))
      .find(Boolean)!
      .bytes(2);
    expect(nulls).toEqual(Buffer.from([0b0000_1001, 0b10]));
  }
  expect(columnOf('long', []).struct(5)!.bytes(2)).toEqual(Buffer.alloc(0));
});
