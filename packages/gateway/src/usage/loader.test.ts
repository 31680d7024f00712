import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { Loading } from './testing/loading.ts';

let loading: Loading;
beforeEach(async () => {
  loading = new Loading();
  for (const id of ['a', 'b']) loading.lake.create(id);
  await loading.open();
});
afterEach(() => loading.close());

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const outcomes = () => loading.progress.map(({ outcome, rows }) => [outcome, rows]);
const parkedFiles = (table: string) => {
  const directory = path.join(loading.parked, table);
  return existsSync(directory) ? readdirSync(directory) : [];
};
async function restart(): Promise<void> {
  await loading.loader.stop();
  loading.start();
  await loading.loader.drain();
}

test('rows land in their tables in order, and the spool is told', async () => {
  for (const n of upTo(20)) await loading.append(n % 2 === 0 ? 'a' : 'b', n);
  loading.start();
  await loading.loader.drain();
  expect(loading.numbers('a')).toEqual(upTo(20).filter((n) => n % 2 === 0));
  expect(loading.numbers('b')).toEqual(upTo(20).filter((n) => n % 2 === 1));
  expect(loading.loaded.at(-1)).toEqual(loading.spool.committed);
});

test('only what is committed is read', async () => {
  await loading.append('a', 1);
  const { committed } = loading.spool;
  await loading.append('a', 2);
  vi.spyOn(loading.spool, 'committed', 'get').mockReturnValue(committed);
  loading.start();
  await loading.loader.drain();
  expect(loading.numbers('a')).toEqual([1]);
  expect(loading.loaded).toEqual([committed]);
});

test('rows that come together are one append, a large backlog is several, none longer than allowed', async () => {
  for (const n of upTo(50)) await loading.append('a', n);
  loading.start({ commitIntervalMs: 60_000 });
  await loading.loader.drain();
  expect(loading.lake.appends).toBe(1);
  await loading.loader.stop();
  for (const n of upTo(50)) await loading.append('b', n);
  loading.start({ commitIntervalMs: 60_000, maxBatchBytes: 1000 });
  await loading.loader.drain();
  expect(loading.numbers('b')).toEqual(upTo(50));
  const batches = loading.progress.filter(({ table, outcome }) => table === 'b' && outcome === 'loaded');
  expect(batches.length).toBeGreaterThan(2);
  for (const { rows } of batches) expect(rows).toBeLessThan(20);
});

test('a waiting record is loaded without a drain once it has waited long enough', async () => {
  loading.start({ commitIntervalMs: 20 });
  await loading.append('a', 1);
  await vi.waitFor(() => expect(loading.numbers('a')).toEqual([1]));
});

test('what was loaded is not loaded again after a restart, nor after a lost answer', async () => {
  loading.lake.fail('a', 'unavailable', 'conflict', 'lost', 'lost');
  await loading.append('a', 1, 2);
  loading.start();
  await loading.loader.drain();
  await loading.append('a', 3);
  await restart();
  await restart();
  expect(loading.numbers('a')).toEqual([1, 2, 3]);
});

test('another spool has other transactions', async () => {
  await loading.append('a', 1);
  loading.start();
  await loading.loader.drain();
  const other = new Loading();
  await other.open();
  await other.append('a', 2);
  other.start({ lake: loading.lake });
  await other.loader.drain();
  await other.close();
  expect(other.spool.spoolId).not.toBe(loading.spool.spoolId);
  expect(loading.numbers('a')).toEqual([1, 2]);
});

test('storage that fails does not keep a stop waiting, and loses nothing', async () => {
  loading.lake.fail('a', ...Array.from({ length: 100 }, () => 'unavailable' as const));
  await loading.append('a', 1);
  await loading.append('b', 2);
  loading.start();
  const drained = loading.loader.drain();
  await vi.waitFor(() => expect(loading.numbers('b')).toEqual([2]));
  await loading.loader.stop();
  await drained;
  expect(loading.loaded).toEqual([]);
  loading.lake.create('a');
  await restart();
  expect(loading.numbers('a')).toEqual([1]);
  expect(loading.numbers('b')).toEqual([2]);
});

test.each(['unfit', 'unsupported', 'unforeseen'] as const)(
  'rows that a table refuses (%s) are parked, hold nobody up, and land once it takes them',
  async (fault) => {
    loading.lake.break('a', fault);
    await loading.append('a', 1, 2);
    await loading.append('b', 3);
    loading.start();
    await loading.loader.drain();
    expect(loading.numbers('b')).toEqual([3]);
    expect(loading.loaded.at(-1)).toEqual(loading.spool.committed);
    expect(parkedFiles('a')).toHaveLength(1);
    const [head = ''] = readFileSync(path.join(loading.parked, 'a', parkedFiles('a')[0]!), 'utf8').split('\n');
    expect(JSON.parse(head)).toMatchObject({ table: { id: 'a' }, checked: fault !== 'unsupported' });
    await restart();
    expect(parkedFiles('a')).toHaveLength(1);
    loading.lake.break('a', undefined);
    await loading.append('a', 4);
    await restart();
    await restart();
    expect(loading.numbers('a').toSorted()).toEqual([1, 2, 4]);
    expect(outcomes()).toContainEqual(['landed', 2]);
    expect(parkedFiles('a').every((name) => name.endsWith('.landed'))).toBe(true);
  },
);

const odd = (row: unknown) => (row as { n: number }).n % 2 === 1;
const partsOf = (table: string) => parkedFiles(table).map((name) => /-(?:u|r)\d/.exec(name)?.[0] ?? '');

test('a row that does not fit is parked alone, and its values stay out of the log', async () => {
  loading.lake.fit('a', odd);
  await loading.append('a', 1, 2, 3);
  await loading.append('a', 5);
  const said: string[] = [];
  const log = (fields: object) => void said.push(JSON.stringify(fields));
  loading.start({ log: { info: log, warn: log, error: log } });
  await loading.loader.drain();
  expect(loading.numbers('a')).toEqual([1, 3, 5]);
  expect(outcomes()).toEqual([
    ['parked', 1],
    ['loaded', 3],
  ]);
  expect(partsOf('a')).toEqual(['-u0']);
  const [head = '', ...rows] = readFileSync(path.join(loading.parked, 'a', parkedFiles('a')[0]!), 'utf8').split('\n');
  expect(rows).toEqual(['{"n":2}', '']);
  expect(JSON.parse(head).reason).toContain('{"n":2}');
  expect(said.join()).toContain('1 of 4 rows do not fit');
  expect(said.join()).not.toContain('n\\":');
});

test('a table changed between parking a row and appending the others gets every row once', async () => {
  loading.lake.fit('a', odd);
  const append = loading.lake.append.bind(loading.lake);
  vi.spyOn(loading.lake, 'append')
    .mockImplementationOnce(append)
    .mockImplementationOnce(async () => {
      loading.lake.fit('a', () => true);
      throw new GatewayError('gateway_lake_unavailable', 'A fault of the test.');
    });
  await loading.append('a', 1, 2, 3);
  loading.start();
  await loading.loader.drain();
  await restart();
  expect(loading.numbers('a')).toEqual([1, 2, 3]);
  expect(parkedFiles('a')).toEqual([]);
});

test('of parked rows, those that fit now land, and the others stay', async () => {
  loading.lake.break('a', 'unfit');
  await loading.append('a', 1, 2, 3, 4);
  loading.start();
  await loading.loader.drain();
  loading.lake.break('a', undefined);
  loading.lake.fit('a', odd);
  await restart();
  expect(loading.numbers('a')).toEqual([1, 3]);
  await restart();
  expect(partsOf('a')).toEqual(['-r1', '']);
  loading.lake.fit('a', (row) => (row as { n: number }).n !== 4);
  await restart();
  await restart();
  expect(loading.numbers('a')).toEqual([1, 3, 2]);
  loading.lake.fit('a', () => true);
  await restart();
  expect(loading.numbers('a')).toEqual([1, 3, 2, 4]);
  expect(partsOf('a')).toEqual(['']);
});

test.each(['rows', 'tables'] as const)('%s that never fit do not become ever more files', async (what) => {
  if (what === 'rows') loading.lake.fit('a', odd);
  else loading.lake.break('a', 'unsupported');
  loading.start();
  for (const n of upTo(8)) {
    await loading.append('a', n);
    await loading.loader.drain();
  }
  expect(parkedFiles('a')).toHaveLength(1);
  loading.lake.fit('a', () => true);
  loading.lake.break('a', undefined);
  await restart();
  expect(loading.numbers('a').toSorted()).toEqual(upTo(8));
});

test('a restart does not read again what is loaded', async () => {
  loading.lake.drop('a');
  await loading.append('a', 1);
  await loading.append('b', 2);
  loading.start();
  await loading.loader.drain();
  await restart();
  await loading.append('b', 3);
  await loading.loader.drain();
  expect(outcomes().filter(([outcome]) => outcome === 'dropped')).toEqual([['dropped', 1]]);
  expect(loading.numbers('b')).toEqual([2, 3]);
  expect(loading.loaded.at(-1)).toEqual(loading.spool.committed);
});

test.each([
  ['{}', 'damaged'],
  ['{"spoolId":"another","segment":1,"offset":60}', 'of another spool'],
  ['ahead', 'ahead of what is committed'],
])('a hint that cannot be right (%#) is not followed', async (text) => {
  await loading.append('a', 1);
  const ahead = JSON.stringify({ spoolId: loading.spool.spoolId, segment: 9, offset: 8 });
  writeFileSync(path.join(loading.directory, 'loaded'), text === 'ahead' ? ahead : text);
  loading.start();
  await loading.loader.drain();
  expect(loading.numbers('a')).toEqual([1]);
});

test('rows that were in the table already do not land a second time from a parked file', async () => {
  await loading.append('a', 1);
  loading.start();
  await loading.loader.drain();
  loading.lake.break('a', 'unsupported');
  await loading.append('a', 2);
  await restart();
  loading.lake.break('a', undefined);
  await restart();
  expect(loading.numbers('a')).toEqual([1, 2]);
});

test('marks of landed files go with the segments they stand for', async () => {
  loading.lake.break('a', 'unfit');
  await loading.append('a', 1);
  loading.start();
  await loading.loader.drain();
  loading.lake.break('a', undefined);
  await restart();
  expect(parkedFiles('a')).toEqual([expect.stringMatching(/\.landed$/)]);
  for (const n of upTo(300)) await loading.append('b', n);
  await loading.loader.drain();
  await vi.waitFor(() => expect(readdirSync(loading.directory)).not.toContain('000000001.log'));
  await restart();
  expect(parkedFiles('a')).toEqual([]);
});

test('rows of a dropped table are dropped and counted, parked ones too', async () => {
  loading.lake.break('a', 'unfit');
  await loading.append('a', 1);
  loading.start();
  await loading.loader.drain();
  loading.lake.drop('a');
  await loading.append('a', 2, 3);
  await loading.append('b', 4);
  await loading.loader.drain();
  expect(outcomes()).toContainEqual(['dropped', 2]);
  expect(loading.numbers('b')).toEqual([4]);
  await restart();
  expect(outcomes()).toContainEqual(['dropped', 1]);
  expect(parkedFiles('a').every((name) => name.endsWith('.landed'))).toBe(true);
});

test('a record that cannot be read is put aside, once', async () => {
  await loading.spool.append({ no: 'head' });
  await loading.append('a', 1);
  const toRows = (payload: Buffer) => {
    if (payload.includes('"no"')) throw new Error('not mine');
    return loading.feed.toRows(payload);
  };
  loading.start({ feeds: [{ ...loading.feed, toRows }] });
  await loading.loader.drain();
  expect(loading.numbers('a')).toEqual([1]);
  const [name = ''] = parkedFiles('unreadable');
  expect(readFileSync(path.join(loading.parked, 'unreadable', name), 'utf8')).toBe('{"no":"head"}\n');
  await loading.loader.stop();
  loading.start({ feeds: [{ ...loading.feed, toRows }] });
  await loading.loader.drain();
  expect(parkedFiles('unreadable')).toEqual([name]);
  expect(outcomes().filter(([outcome]) => outcome === 'unreadable')).toHaveLength(1);
});
