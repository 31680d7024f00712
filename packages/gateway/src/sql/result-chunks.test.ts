import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutIntoChunks, rowBytes } from './result-chunks.ts';

test('chunks hold every row once, in order, and none but a single row is too large', () => {
  const rows = fc.array(
    fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 40 })), { minLength: 1, maxLength: 3 }),
  );
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 100 }), (given, maxBytes) => {
      const chunks = cutIntoChunks({ columns: [], rows: given, truncated: false }, maxBytes);
      let next = 0;
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk).toMatchObject({ index, rowOffset: next });
        expect(chunk.rowCount).toBeGreaterThan(0);
        if (chunk.rowCount > 1) expect(chunk.bytes).toBeLessThanOrEqual(maxBytes);
        const part = given.slice(next, next + chunk.rowCount);
        expect(chunk.bytes).toBe(part.reduce((sum, row) => sum + rowBytes(row), 0));
        next += chunk.rowCount;
      }
      expect(next).toBe(given.length);
    }),
  );
});

test('counts bytes, not characters', () => {
  expect(rowBytes(['é', null, 'a'])).toBe(3 + 2 + 3 + 3 + 1);
});
