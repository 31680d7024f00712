import { expect, test } from 'vitest';
import { changedLines } from './changed-lines.ts';

test.each([
  ['a\nb\nc', 'a\nx\nc', ['b'], ['x']],
  ['a\nb', 'b\na', [], []],
  ['a\na', 'a', ['a'], []],
  ['', 'a\n\nb', [], ['a', 'b']],
  ['same', 'same', [], []],
])('%j to %j', (before, after, gone, come) => {
  expect(changedLines(before, after)).toEqual({ gone, come });
});
