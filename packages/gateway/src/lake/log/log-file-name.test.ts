import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpointName, commitName, parseLogFileName, versionPrefix } from './log-file-name.ts';

const uuid = '80a083e8-7026-4e79-81be-64bd76c43a11';

test.each([
  ['00000000000000000042.json', { kind: 'commit', version: 42 }],
  ['00000000000000000042.crc', { kind: 'checksum', version: 42 }],
  ['00000000000000000004.00000000000000000006.compacted.json', { kind: 'compacted', version: 4, endVersion: 6 }],
  [
    '00000000000000000042.checkpoint.parquet',
    { kind: 'checkpoint', version: 42, format: 'parquet', part: 1, parts: 1 },
  ],
  [
    '00000000000000000010.checkpoint.0000000002.0000000003.parquet',
    { kind: 'checkpoint', version: 10, format: 'parquet', part: 2, parts: 3 },
  ],
  [`00000000000000000010.checkpoint.${uuid}.json`, { kind: 'checkpoint', version: 10, format: 'json' }],
  [`00000000000000000010.checkpoint.${uuid}.parquet`, { kind: 'checkpoint', version: 10, format: 'parquet' }],
])('%s', (name, file) => {
  expect(parseLogFileName(name)).toMatchObject(file);
});

test.each([
  '_last_checkpoint',
  '42.json',
  '0000000000000000004x.json',
  '00000000000000000042.json.tmp',
  '.00000000000000000042.json.crc',
  '00000000000000000042.checkpoint.parquet.crc',
  '00000000000000000042.checkpoint.nonsense.parquet',
  '99999999999999999999.json',
  `.tmp-${uuid}`,
  '',
])('%s is none of the log', (name) => {
  expect(parseLogFileName(name)).toBeUndefined();
});

test('names give their version back and sort by it', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      expect(parseLogFileName(commitName(a))).toEqual({ kind: 'commit', version: a });
      expect(parseLogFileName(checkpointName(a))).toMatchObject({ kind: 'checkpoint', version: a });
      expect(versionPrefix(a) < checkpointName(a)).toBe(true);
      if (a < b) expect(commitName(a) < versionPrefix(b)).toBe(true);
    }),
  );
});
