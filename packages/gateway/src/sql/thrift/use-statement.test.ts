import { expect, test } from 'vitest';
import { parseUse } from './use-statement.ts';

test.each([
  ['USE team', undefined, 'team'],
  ['use schema Main.Team ;', 'Main', 'Team'],
  ['USE DATABASE `my team`', undefined, 'my team'],
  ['USE `a``b`.`c.d`', 'a`b', 'c.d'],
  ['/* first */ USE CATALOG main -- then\n', 'main', undefined],
  ["SET CATALOG 'main'", 'main', undefined],
])('%s', (sql, catalog, schema) => {
  expect(parseUse(sql)).toEqual({ catalog, schema });
});

test.each(['SELECT 1', 'USE', 'USE a.b.c', 'USE a b', 'USERS', 'SET x = 1', 'USE a; DROP TABLE t'])(
  '%s is another statement',
  (sql) => {
    expect(parseUse(sql)).toBeUndefined();
  },
);
