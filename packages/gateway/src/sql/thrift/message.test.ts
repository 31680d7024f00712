import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readMessage } from './read-message.ts';
import { ThriftMap, ThriftStruct, type ThriftValue } from './thrift-struct.ts';
import { MessageKind, ThriftFormatError, ThriftType } from './thrift-type.ts';
import {
  binary,
  bool,
  i16,
  i32,
  i64,
  list,
  struct,
  text,
  textMap,
  writeMessage,
  type Written,
} from './write-message.ts';

const head = { name: 'Call', kind: MessageKind.CALL, sequenceId: 7, strict: true };

/** A value to be written, with what reading it must give. */
type Pair = { written: Written; read: unknown };

const { value: anyValue } = fc.letrec<{ value: Pair; struct: Pair }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.boolean().map((value): Pair => ({ written: bool(value), read: value })),
    fc.integer({ min: -32_768, max: 32_767 }).map((value): Pair => ({ written: i16(value), read: value })),
    fc.integer().map((value): Pair => ({ written: i32(value), read: value })),
    fc.maxSafeInteger().map((value): Pair => ({ written: i64(value), read: BigInt(value) })),
    fc.string({ unit: 'grapheme' }).map((value): Pair => ({ written: text(value), read: Buffer.from(value) })),
    fc.uint8Array().map((value): Pair => ({ written: binary(value), read: Buffer.from(value) })),
    fc.array(fc.integer()).map((values): Pair => ({ written: list(values.map(i32), ThriftType.I32), read: values })),
    fc.array(tie('struct')).map((items): Pair => ({
      written: list(items.map(({ written }) => written)),
      read: items.map(({ read }) => read),
    })),
    fc.array(fc.tuple(fc.string(), fc.integer())).map((entries): Pair => ({
      written: textMap(entries.map(([key, value]) => [key, i32(value)])),
      read: { entries: entries.map(([key, value]) => [Buffer.from(key), value]) },
    })),
    tie('struct'),
  ),
  struct: fc
    .dictionary(fc.integer({ min: 1, max: 32_767 }).map(String), tie('value'), { maxKeys: 4 })
    .map((fields) => ({
      written: struct(Object.fromEntries(Object.entries(fields).map(([id, { written }]) => [id, written]))),
      read: { fields: Object.fromEntries(Object.entries(fields).map(([id, { read }]) => [id, read])) },
    })),
}));

/** A read value in the form that `Pair` predicts. */
function plain(value: ThriftValue | undefined, shape: unknown): unknown {
  if (value instanceof ThriftMap) return { entries: value.entries };
  if (value instanceof ThriftStruct) {
    const { fields } = shape as { fields: Record<string, unknown> };
    return {
      fields: Object.fromEntries(
        Object.entries(fields).map(([id, part]) => [id, plain(value.value(Number(id)), part)]),
      ),
    };
  }
  if (!Array.isArray(value)) return value;
  return (value as ThriftValue[]).map((item, at) => plain(item, (shape as unknown[])[at]));
}

test('what is written is read again, strict and not', () => {
  fc.assert(
    fc.property(anyValue, fc.boolean(), (pair, strict) => {
      const call = readMessage(writeMessage({ ...head, strict }, struct({ 5: pair.written })));
      expect(call.head).toEqual({ ...head, strict });
      expect(plain(call.args.value(5), pair.read)).toEqual(pair.read);
    }),
  );
});

describe('what is not a message', () => {
  const refused = (bytes: Buffer): void => expect(() => readMessage(bytes)).toThrow(ThriftFormatError);

  it('is refused when cut off anywhere, or followed by more', () => {
    const fields = struct({ 1: text('statement'), 2: list([struct({ 1: i64(4) })]), 3: textMap([['a', text('b')]]) });
    const whole = writeMessage(head, fields);
    for (let length = 0; length < whole.length; length++) refused(whole.subarray(0, length));
    refused(Buffer.concat([whole, Buffer.from([0])]));
  });

  it('never throws anything else', () => {
    const whole = writeMessage(head, struct({ 1: text('statement'), 2: list([struct({ 1: i64(4) })]) }));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.uint8Array(), (at, byte, random) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        for (const bytes of [changed, Buffer.from(random)]) {
          try {
            readMessage(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ThriftFormatError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused for lengths that it does not have', () => {
    const begin = writeMessage(head, struct({})).subarray(0, -1);
    const field = (type: number, ...bytes: number[]) => Buffer.concat([begin, Buffer.from([type, 0, 1, ...bytes])]);
    refused(field(ThriftType.STRING, 0x7f, 0xff, 0xff, 0xff));
    refused(field(ThriftType.STRING, 0xff, 0xff, 0xff, 0xff));
    refused(field(ThriftType.LIST, ThriftType.STRUCT, 0x7f, 0xff, 0xff, 0xff, 0, 0));
    refused(field(ThriftType.LIST, ThriftType.I64, 0xff, 0xff, 0xff, 0xfe, 0, 0));
    refused(field(ThriftType.MAP, ThriftType.I32, ThriftType.I32, 0x10, 0, 0, 0, 0));
    refused(field(99, 0));
  });

  it('is refused when nested too deep, or with too many values', () => {
    let nested = struct({});
    for (let depth = 0; depth < 40; depth++) nested = struct({ 1: nested });
    refused(writeMessage(head, nested));
    const many = list(Array.from({ length: 200_001 }, () => struct({})));
    refused(writeMessage(head, struct({ 1: many })));
  });
});
