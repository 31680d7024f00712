import { expect, test } from 'vitest';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { toSqlError } from './message.ts';

const translated = (message: string): GatewayError => toSqlError(new Error(message)) as GatewayError;

test.each([
  [
    'Binder Error: Referenced column "x" not found in FROM clause!\nCandidate bindings: "y"\n\nLINE 1: SELECT x FROM memory.held.relation_0_0',
    '[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column or field named "x" cannot be resolved.',
  ],
  [
    "Conversion Error: Could not convert string 'a' to INT32\n\nLINE 1: …",
    "[CAST_INVALID_INPUT] Could not convert string 'a' to INT32 Use try_cast to get NULL instead.",
  ],
  [
    'Invalid Input Error: something with "memory"."held".relation_3_14 and dbx_size in /var/lib/data/a.parquet',
    'something with table and size in …',
  ],
])('%s', (message, expected) => {
  expect(translated(message)).toMatchObject({ code: 'caller_sql_failed', message: expected });
});

test('out of memory is a limit; a file that cannot be read is not described', () => {
  expect(translated('Out of Memory Error: could not allocate')).toMatchObject({ code: 'caller_sql_limit' });
  const error = translated('IO Error: Cannot open file "/secret/place/x.parquet": No such file');
  expect(error.message).not.toContain('/secret');
});

test('what is no message of the engine stays what it is', () => {
  const own = new TypeError('x is undefined');
  expect(toSqlError(own)).toBe(own);
});
