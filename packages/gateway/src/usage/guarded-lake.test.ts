import { expect, test } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { guardedLake } from './guarded-lake.ts';
import type { LoaderLake } from './loader-options.ts';

const witness = { id: 'w', location: 'system/usage' };
const other = { id: 'o', location: 'main/other' };

function lakeOf(...present: string[]): LoaderLake {
  const check = (id: string): void => {
    if (!present.includes(id)) throw new GatewayError('caller_table_not_found', 'gone');
  };
  return {
    async append({ table }) {
      check(table.id);
      return { version: 1, skipped: false, rows: 1 };
    },
    async lastTransaction({ id }) {
      check(id);
      return 7;
    },
  };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> => work.then(String, (error: GatewayError) => error.code);

test('a table is gone only while the lake is there', async () => {
  const append = { table: other, rows: [] };
  expect(await guardedLake(lakeOf('w', 'o'), witness).lastTransaction(other, 'a')).toBe(7);
  expect(await codeOf(guardedLake(lakeOf('w'), witness).append(append))).toBe('caller_table_not_found');
  expect(await codeOf(guardedLake(lakeOf('w'), witness).lastTransaction(other, 'a'))).toBe('caller_table_not_found');
  expect(await codeOf(guardedLake(lakeOf(), witness).append(append))).toBe('gateway_lake_unavailable');
  expect(await codeOf(guardedLake(lakeOf('o'), witness).lastTransaction(witness, 'a'))).toBe(
    'gateway_lake_unavailable',
  );
});
