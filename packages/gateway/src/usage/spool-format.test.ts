import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord, segmentFileName, segmentNumbers } from './spool-format.ts';

test('what is encoded is decoded, wherever it stands', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.uint8Array(), (record, before) => {
      const bytes = Buffer.concat([before, encodeRecord(record)]);
      const decoded = decodeRecord(bytes, before.length);
      expect(decoded).toMatchObject({ kind: 'record', end: bytes.length });
      if (decoded.kind === 'record') expect(JSON.stringify(record) + '\n').toBe(decoded.payload.toString());
    }),
  );
});

test('a record cut anywhere is incomplete, one with a flipped bit is never a record', () => {
  const bytes = encodeRecord({ id: 1, text: 'grüße' });
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeRecord(bytes.subarray(0, length), 0).kind).toBe('incomplete');
  }
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeRecord(flipped, 0).kind).not.toBe('record');
  }
});

test('zeros, as file systems leave them after a power cut, are garbage', () => {
  expect(decodeRecord(Buffer.alloc(64), 0)).toEqual({ kind: 'garbage' });
});

test('segment names sort by number and other files are left out', () => {
  expect(segmentFileName(1)).toBe('000000001.log');
  expect(segmentNumbers(['000000010.log', 'lock.db', '000000009.log', 'probe', '1.log'])).toEqual([9, 10]);
});
