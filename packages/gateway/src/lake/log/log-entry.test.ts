import { expect, test } from 'vitest';
import type { Action } from './actions.ts';
import { parseEntry, serialiseEntry } from './log-entry.ts';

const add = {
  path: 'part%20one.parquet',
  partitionValues: { day: '2026-01-01', region: null },
  size: 10,
  modificationTime: 5,
  dataChange: true,
  stats: '{"numRecords":1,"minValues":{"nano":1763841600123456789}}',
};

const actions: Action[] = [
  { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  {
    metaData: {
      id: 'id',
      format: { provider: 'parquet', options: {} },
      schemaString: '{"type":"struct","fields":[]}',
      partitionColumns: [],
      configuration: { a: 'b' },
    },
  },
  { add },
  {
    add: {
      ...add,
      deletionVector: { storageType: 'u', pathOrInlineDv: 'x', offset: 1, sizeInBytes: 2, cardinality: 3 },
    },
  },
  { remove: { path: 'gone', dataChange: false, deletionTimestamp: 7, size: 3 } },
  { txn: { appId: 'app', version: 9 } },
  { domainMetadata: { domain: 'd', configuration: '{}', removed: true } },
];

test('an entry comes back as it was written, with its provenance first', () => {
  const info = { timestamp: 1, operation: 'WRITE', isBlindAppend: true, txnId: 't' };
  const bytes = serialiseEntry(info, actions);
  expect(bytes.toString().split('\n')[0]).toContain('commitInfo');
  expect(bytes.at(-1)).toBe(0x0a);
  expect(parseEntry(3, bytes)).toEqual({ version: 3, actions, commitInfo: info });
});

test('unknown actions and fields are skipped, nulls are missing, statistics stay text', () => {
  const text = [
    '{"neverHeardOf":{"a":1}}',
    '{"cdc":{"path":"c","size":1}}',
    `{"add":${JSON.stringify({ ...add, novelty: { x: 1 }, tags: null, deletionVector: null })}}`,
    '',
    '{"commitInfo":{"timestamp":5,"inCommitTimestamp":9,"operation":"WRITE","operationMetrics":{"n":3}}}\r',
  ].join('\n');
  expect(parseEntry(0, Buffer.from(text))).toEqual({
    version: 0,
    actions: [{ add }],
    commitInfo: { timestamp: 9, operation: 'WRITE', operationMetrics: { n: '3' } },
  });
});

test.each([
  ['half a line', '{"add":{"path":"x"'],
  ['no object', '[]'],
  ['a missing field', '{"add":{"partitionValues":{},"size":1}}'],
  ['a field of another type', '{"add":{"path":"x","size":"1"}}'],
  ['a version that JavaScript would change', '{"txn":{"appId":"a","version":9007199254740993}}'],
  ['a deletion vector of an unknown kind', '{"add":{"path":"x","size":1,"deletionVector":{"storageType":"z"}}}'],
])('%s is damage, and the message says where', (_, text) => {
  expect(() => parseEntry(12, Buffer.from(text))).toThrow(
    expect.objectContaining({
      code: 'gateway_lake_unavailable',
      message: expect.stringContaining('version 12') as string,
    }),
  );
});
