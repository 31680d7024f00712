import { expect, test } from 'vitest';
import { nameMarkers } from './positional-markers.ts';

const name = (sql: string) => nameMarkers(sql, (number) => `p${number}`);

test.each([
  ['SELECT ?, ?', 'SELECT :p1, :p2', 2],
  ['SELECT \'?\', "?", `?` -- ?\n, ? /* ? */', 'SELECT \'?\', "?", `?` -- ?\n, :p1 /* ? */', 1],
  [String.raw`SELECT 'it\'s ?', ?`, String.raw`SELECT 'it\'s ?', :p1`, 1],
  ["SELECT 'a''?', ?", "SELECT 'a''?', :p1", 1],
  [String.raw`SELECT r'\', ?`, String.raw`SELECT r'\', :p1`, 1],
  [String.raw`SELECT bar'\', ?'`, String.raw`SELECT bar'\', ?'`, 0],
  ["SELECT ? 'not closed ?", "SELECT :p1 'not closed ?", 1],
  ['SELECT 1 - ? / ?', 'SELECT 1 - :p1 / :p2', 2],
])('%s', (sql, named, count) => {
  expect(name(sql)).toEqual({ sql: named, count });
});

test('a statement of a million comment beginnings takes no long time', () => {
  expect(name('/*'.repeat(500_000)).count).toBe(0);
  expect(name(`${"'".repeat(999_999)}?`).count).toBe(0);
});
