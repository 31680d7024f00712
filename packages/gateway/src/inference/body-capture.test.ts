import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_PAYLOAD_BODY_BYTES } from '../usage/payload-record.ts';
import { BodyCapture } from './body-capture.ts';

test('what passed is what is kept, however it was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 20 }), (pieces) => {
      const capture = new BodyCapture(true);
      for (const piece of pieces) {
        const passing = Buffer.from(piece);
        capture.add(passing);
        passing.fill(0);
      }
      expect(Buffer.concat(pieces).equals(capture.body() as Buffer)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('up to 10 MiB are kept, a byte more is too much for good', () => {
  const capture = new BodyCapture(true);
  capture.add(Buffer.alloc(MAX_PAYLOAD_BODY_BYTES - 3));
  capture.add('äx');
  expect((capture.body() as Buffer).length).toBe(MAX_PAYLOAD_BODY_BYTES);
  capture.add('y');
  expect(capture.body()).toBe('too-large');
  capture.add('');
  expect(capture.body()).toBe('too-large');
});

test('compressed bytes are not kept', () => {
  const capture = new BodyCapture(false);
  capture.add(Buffer.from('x'));
  expect(capture.body()).toBe('not-text');
});
