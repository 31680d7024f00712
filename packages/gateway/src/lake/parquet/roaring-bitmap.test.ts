import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRoaring, encodeZ85, type ContainerKind } from '../testing/deletion-vectors.ts';
import { readRoaringArray } from './roaring-bitmap.ts';
import { decodeZ85 } from './z85.ts';

const kind = fc.constantFrom<ContainerKind>('array', 'bits', 'runs');

test('numbers come back, whatever the containers are', () => {
  const number = fc.oneof(
    fc.nat(200),
    fc.nat(400_000),
    fc.nat(2 ** 31 - 1).map((low) => low + 2 ** 32),
  );
  const numbers = fc
    .uniqueArray(number, { minLength: 1, maxLength: 300 })
    .map((drawn) => drawn.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(numbers, kind, (rows, containers) => {
      expect(readRoaringArray(encodeRoaring(rows, containers))).toEqual(rows);
    }),
  );
});

test('full containers come back as bits and as runs', () => {
  const rows = Array.from({ length: 70_000 }, (_, index) => index + (index > 5000 ? 3 : 0));
  for (const containers of ['bits', 'runs'] as const) {
    expect(readRoaringArray(encodeRoaring(rows, containers))).toEqual(rows);
  }
});

test('no prefix of a bitmap is taken for the whole', () => {
  const bytes = encodeRoaring([1, 5, 70_000], 'array');
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readRoaringArray(bytes.subarray(0, length))).toThrow();
  }
});

test('Z85 is read as its specification says, and back', () => {
  expect(decodeZ85('HelloWorld')?.toString('hex')).toBe('864fd26fb559f75b');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (drawn) => {
      const bytes = Buffer.from(drawn.subarray(0, drawn.length - (drawn.length % 4)));
      expect(decodeZ85(encodeZ85(bytes))).toEqual(bytes);
    }),
  );
  for (const bad of ['abcd', 'ab~de', '#####', 'ab de']) expect(decodeZ85(bad)).toBeUndefined();
});
