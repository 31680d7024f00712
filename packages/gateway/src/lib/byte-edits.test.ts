import { expect, test } from 'vitest';
import { applyEdits } from './byte-edits.ts';

const body = Buffer.from('{"model":"old","x":1}');

test('replaces and inserts, in any order, without copying the rest', () => {
  const chunks = applyEdits(body, [
    { range: { start: 20, end: 20 }, bytes: ',"y":2' },
    { range: { start: 9, end: 14 }, bytes: '"né"' },
  ]);
  expect(Buffer.concat(chunks).toString()).toBe('{"model":"né","x":1,"y":2}');
  expect(chunks[0]?.buffer).toBe(body.buffer);
});

test('without edits the body is one view of itself', () => {
  expect(applyEdits(body, [])).toEqual([body]);
  expect(applyEdits(Buffer.alloc(0), [])).toEqual([]);
});

test('two inserts at one place keep their order', () => {
  const at = { start: 1, end: 1 };
  expect(
    Buffer.concat(
      applyEdits(Buffer.from('{}'), [
        { range: at, bytes: 'a' },
        { range: at, bytes: 'b' },
      ]),
    ).toString(),
  ).toBe('{ab}');
});

test('refuses edits that overlap or leave the body', () => {
  const edit = (start: number, end: number) => ({ range: { start, end }, bytes: '' });
  expect(() => applyEdits(body, [edit(0, 5), edit(4, 6)])).toThrow(RangeError);
  expect(() => applyEdits(body, [edit(0, 99)])).toThrow(RangeError);
  expect(() => applyEdits(body, [edit(5, 4)])).toThrow(RangeError);
});
