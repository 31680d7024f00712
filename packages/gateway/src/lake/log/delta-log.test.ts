import { afterAll, beforeAll, expect, test } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Action } from './actions.ts';
import type { CommitRequest } from './delta-log.ts';
import { commitName } from './log-file-name.ts';
import { append, creation, file, LOCATION, LogFixture, metadata, paths, remove } from './testing/table-fixture.ts';

let fixture: LogFixture;
beforeAll(async () => {
  fixture = await LogFixture.open();
});
afterAll(() => fixture.close());

const commitKey = (version: number): string => `${LOCATION}/_delta_log/${commitName(version)}`;

test('a place without a log has no table', async () => {
  const log = fixture.log(fixture.store());
  await expect(log.snapshot()).rejects.toMatchObject({ code: 'caller_table_not_found' });
  await expect(log.history()).rejects.toMatchObject({ code: 'caller_table_not_found' });
  await expect(log.checkpoint()).rejects.toMatchObject({ code: 'caller_table_not_found' });
});

test('a table is made once', async () => {
  const store = fixture.store();
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => fixture.log(store).commit(creation())));
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'caller_already_exists' });
  }
  const log = await fixture.log(store).snapshot();
  expect(log).toMatchObject({ version: 0, files: [], schema: { fields: [{ name: 'x', type: 'long' }] } });
});

test('two writers of 4 x 50 commits lose none, and versions have no gap', async () => {
  const store = fixture.store();
  await fixture.table(store);
  const logs = [fixture.log(store), fixture.log(store)];
  const versions: number[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let i = 0; i < 50; i++) {
      const log = logs[writer % 2]!;
      const { version } = await log.commit(append(await log.snapshot(), `${writer}-${i}`));
      versions.push(version);
    }
  };
  await Promise.all([0, 1, 2, 3].map(write));
  expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  const snapshot = await fixture.log(store).snapshot();
  expect(snapshot.files).toHaveLength(200);
  expect(await logs[0]!.snapshot()).toEqual(snapshot);
});

test('a snapshot never changes, and a fresh one sees what others committed before', async () => {
  const store = fixture.store();
  const mine = await fixture.table(store);
  const other = fixture.log(store);
  const before = await mine.snapshot();
  await other.commit(append(await other.snapshot(), 'a'));
  const [one, two] = await Promise.all([mine.snapshot(), mine.snapshot()]);
  expect([paths(before), paths(one), paths(two)]).toEqual([[], ['a'], ['a']]);
});

/** What two writers do that have read the same version, the first one first. */
interface Race {
  readonly name: string;
  readonly winner: Action[];
  readonly loser: Partial<CommitRequest> & { actions: Action[] };
  readonly outcome: 'committed' | 'conflict';
}

const removal = (path: string, dataChange = true): Action => ({ remove: { path, dataChange, deletionTimestamp: 1 } });
const append1: Action[] = [{ add: file('new') }];
const rearranged: Action[] = [{ add: file('merged', { dataChange: false }) }, removal('a', false)];
const newMetadata: Action = { metaData: metadata({ changed: 'yes' }) };
const newProtocol: Action = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };
const domain = (name: string): Action => ({ domainMetadata: { domain: name, configuration: '{}', removed: false } });

test.each<Race>([
  {
    name: 'append after append',
    winner: append1,
    loser: { actions: append1, isBlindAppend: true },
    outcome: 'committed',
  },
  {
    name: 'append after delete',
    winner: [removal('a')],
    loser: { actions: append1, isBlindAppend: true },
    outcome: 'committed',
  },
  {
    name: 'append after compaction',
    winner: rearranged,
    loser: { actions: append1, isBlindAppend: true },
    outcome: 'committed',
  },
  {
    name: 'append after a change of metadata',
    winner: [newMetadata],
    loser: { actions: append1, isBlindAppend: true },
    outcome: 'conflict',
  },
  {
    name: 'append after a change of protocol',
    winner: [newProtocol],
    loser: { actions: append1, isBlindAppend: true },
    outcome: 'conflict',
  },
  { name: 'compaction after append', winner: append1, loser: { actions: rearranged }, outcome: 'committed' },
  {
    name: 'compaction after a delete of other files',
    winner: [removal('b')],
    loser: { actions: rearranged },
    outcome: 'committed',
  },
  {
    name: 'compaction after a delete of the same file',
    winner: [removal('a')],
    loser: { actions: rearranged },
    outcome: 'conflict',
  },
  {
    name: 'compaction after compaction of the same file',
    winner: rearranged,
    loser: { actions: rearranged },
    outcome: 'conflict',
  },
  {
    name: 'delete after compaction of the same file',
    winner: rearranged,
    loser: { actions: [removal('a')] },
    outcome: 'conflict',
  },
  {
    name: 'delete over the whole table after append',
    winner: append1,
    loser: { actions: [removal('a')], readsWholeTable: true },
    outcome: 'conflict',
  },
  {
    name: 'delete over the whole table after compaction of other files',
    winner: [{ add: file('merged', { dataChange: false }) }, removal('b', false)],
    loser: { actions: [removal('a')], readsWholeTable: true },
    outcome: 'committed',
  },
  { name: 'delete of a file after append', winner: append1, loser: { actions: [removal('a')] }, outcome: 'committed' },
  {
    name: 'a change of metadata after append',
    winner: append1,
    loser: { actions: [newMetadata] },
    outcome: 'committed',
  },
  {
    name: 'a change of metadata after another',
    winner: [newMetadata],
    loser: { actions: [newMetadata] },
    outcome: 'conflict',
  },
  {
    name: 'a domain after the same domain',
    winner: [domain('d')],
    loser: { actions: [domain('d')] },
    outcome: 'conflict',
  },
  {
    name: 'a domain after another domain',
    winner: [domain('d')],
    loser: { actions: [domain('e')] },
    outcome: 'committed',
  },
])('$name: $outcome', async ({ winner, loser, outcome }) => {
  const store = fixture.store();
  const log = await fixture.table(store);
  await log.commit(append(await log.snapshot(), 'a', 'b'));
  const read = await log.snapshot();
  const other = fixture.log(store);
  const rest = { read, operation: 'TEST', isBlindAppend: false };
  await other.commit({ ...rest, actions: winner });
  await other.commit(append(await other.snapshot())); // nothing in it: the loser has to go on past it
  const committing = log.commit({ ...rest, ...loser });
  if (outcome === 'committed') await expect(committing).resolves.toEqual({ version: 4, skipped: false });
  else
    await expect(committing).rejects.toMatchObject({
      code: 'gateway_lake_conflict',
      message: expect.stringContaining('version 2'),
    });
});

test('a transaction is committed once, whether the writer has read it or loses to it', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  const read = await log.snapshot();
  const transaction = { appId: 'shard 1', version: 7 };
  const other = fixture.log(store);
  expect(await other.commit({ ...append(read, 'a'), transaction })).toEqual({ version: 1, skipped: false });
  expect(await log.commit({ ...append(read, 'a again'), transaction })).toEqual({ version: 1, skipped: true });
  const later = await log.snapshot();
  expect(later.transactions.get('shard 1')).toMatchObject(transaction);
  expect(await log.commit({ ...append(later, 'older'), transaction: { ...transaction, version: 6 } })).toMatchObject({
    skipped: true,
  });
  expect(await log.commit({ ...append(read, 'next'), transaction: { ...transaction, version: 8 } })).toMatchObject({
    version: 2,
  });
  expect(await log.commit({ ...append(read, 'other'), transaction: { appId: 'shard 2', version: 1 } })).toMatchObject({
    version: 3,
  });
  expect(paths(await log.snapshot())).toEqual(['a', 'next', 'other']);
});

/** A store that does something else for writes of commits. */
function faulty(store: ObjectStore, putIfAbsent: ObjectStore['putIfAbsent']): ObjectStore {
  return {
    description: store.description,
    uri: (key) => store.uri(key),
    get: (key) => store.get(key),
    put: (key, bytes) => store.put(key, bytes),
    putFile: (key, local) => store.putFile(key, local),
    localPath: (key) => store.localPath(key),
    list: (prefix, options) => store.list(prefix, options),
    delete: (keys) => store.delete(keys),
    putIfAbsent,
  };
}

const timeout = new GatewayError('gateway_lake_unavailable', 'timeout');

test('a write that arrived although it failed is found again', async () => {
  const store = fixture.store();
  await fixture.table(store);
  const log = fixture.log(
    faulty(store, async (key, bytes) => {
      await store.putIfAbsent(key, bytes);
      throw timeout;
    }),
  );
  expect(await log.commit(append(await log.snapshot(), 'a'))).toEqual({ version: 1, skipped: false });
  expect(paths(await log.snapshot())).toEqual(['a']);
});

test('a write that lost to itself, sent twice by the client of the store, has won', async () => {
  const store = fixture.store();
  await fixture.table(store);
  const twice = faulty(store, async (key, bytes) => {
    await store.putIfAbsent(key, bytes);
    return store.putIfAbsent(key, bytes);
  });
  const log = fixture.log(twice);
  expect(await log.commit(append(await log.snapshot(), 'a'))).toEqual({ version: 1, skipped: false });
  expect((await log.snapshot()).version).toBe(1);
});

test('a write that failed because another won goes on behind it', async () => {
  const store = fixture.store();
  const winner = await fixture.table(store);
  let failed = false;
  const log = fixture.log(
    faulty(store, async (key, bytes) => {
      if (failed) return store.putIfAbsent(key, bytes);
      failed = true;
      await winner.commit(append(await winner.snapshot(), 'theirs'));
      throw timeout;
    }),
  );
  expect(await log.commit(append(await log.snapshot(), 'ours'))).toEqual({ version: 2, skipped: false });
  expect(paths(await log.snapshot())).toEqual(['ours', 'theirs']);
});

test('a write that fails and leaves nothing is tried again, and then given up', async () => {
  const store = fixture.store();
  await fixture.table(store);
  let failures = 2;
  const log = fixture.log(
    faulty(store, async (key, bytes) => {
      if (failures-- > 0) throw timeout;
      return store.putIfAbsent(key, bytes);
    }),
  );
  expect(await log.commit(append(await log.snapshot(), 'a'))).toEqual({ version: 1, skipped: false });
  failures = 100;
  await expect(log.commit(append(await log.snapshot(), 'b'))).rejects.toBe(timeout);
});

test('times rise with the versions although clocks jump back', async () => {
  const store = fixture.store();
  let clock = 1_800_000_000_000;
  const log = await fixture.table(store, {}, () => clock);
  const timestamps = [(await log.snapshot()).timestamp];
  for (const jump of [1000, -86_400_000, 0, 50, 200_000_000]) {
    clock += jump;
    await log.commit(append(await log.snapshot(), crypto.randomUUID()));
    timestamps.push((await log.snapshot()).timestamp);
  }
  const start = 1_800_000_000_000;
  expect(timestamps.slice(0, 5)).toEqual([start, start + 1000, start + 1001, start + 1002, start + 1003]);
  expect(timestamps[5]).toBe(clock);
  expect((await log.history()).map((one) => one.timestamp).toReversed()).toEqual(timestamps);
});

test('times of other writers are put in order too', async () => {
  const store = fixture.store();
  const log = await fixture.table(store, {}, () => 5000);
  for (const [version, timestamp] of [
    [1, 9000],
    [2, 100],
    [3, 100],
  ] as const) {
    const line = JSON.stringify({ commitInfo: { timestamp, operation: 'WRITE' } });
    await store.putIfAbsent(commitKey(version), Buffer.from(line));
  }
  expect((await log.snapshot()).timestamp).toBe(9002);
  expect((await log.history()).map((one) => one.timestamp)).toEqual([9002, 9001, 9000, 5000]);
});

test('history tells who did what, newest first', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  for (let i = 1; i <= 70; i++) await log.commit(append(await log.snapshot(), `f${i}`));
  const request = { ...append(await log.snapshot(), 'last'), userName: 'ada', operationParameters: { mode: 'Append' } };
  await log.commit({ ...request, operationMetrics: { numFiles: '1' } });
  const history = await log.history();
  expect(history.map((one) => one.version)).toEqual(Array.from({ length: 72 }, (_, i) => 71 - i));
  expect(history[0]).toMatchObject({
    operation: 'WRITE',
    operationParameters: { mode: 'Append' },
    operationMetrics: { numFiles: '1' },
    isBlindAppend: true,
    engineInfo: 'tests',
    userName: 'ada',
  });
  expect(history.at(-1)).toMatchObject({ version: 0, operation: 'CREATE TABLE' });
  expect(await log.history(3)).toEqual(history.slice(0, 3));
  expect(await log.history(0)).toEqual([]);
});

test('a table at an older version or time', async () => {
  const store = fixture.store();
  let clock = 1_000_000;
  const log = await fixture.table(store, {}, () => clock);
  for (let i = 1; i <= 9; i++) {
    clock += 1000;
    await log.commit(append(await log.snapshot(), `f${i}`));
    if (i === 5) await log.checkpoint();
  }
  const reader = fixture.log(store, () => clock);
  for (const version of [0, 3, 5, 8, 9]) {
    const snapshot = await reader.snapshot({ version });
    expect([snapshot.version, snapshot.files.length, snapshot.timestamp]).toEqual([
      version,
      version,
      1_000_000 + version * 1000,
    ]);
  }
  for (const [timestamp, version] of [
    [1_000_000, 0],
    [1_000_999, 0],
    [1_001_000, 1],
    [1_004_500, 4],
    [1_008_999, 8],
    [1_009_000, 9],
  ] as const) {
    expect([timestamp, (await reader.snapshot({ timestamp })).version]).toEqual([timestamp, version]);
  }
  clock += 60_000;
  expect((await reader.snapshot({ timestamp: clock })).version).toBe(9);
  for (const version of [-1, 10, 1.5, Number.NaN]) {
    await expect(reader.snapshot({ version })).rejects.toMatchObject({
      code: 'caller_invalid_parameter',
      message: expect.stringContaining('0 to 9'),
    });
  }
  for (const timestamp of [999_999, clock + 1, Number.NaN]) {
    await expect(reader.snapshot({ timestamp })).rejects.toMatchObject({
      code: 'caller_invalid_parameter',
      message: expect.stringContaining('1970-01-01T00:16:40.000Z to 1970-01-01T00:16:49.000Z'),
    });
  }
});

test('tables with features that we break are read and not written', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  const used = metadata({ 'delta.enableChangeDataFeed': 'true' });
  await store.putIfAbsent(commitKey(1), Buffer.from(JSON.stringify({ metaData: used })));
  const snapshot = await log.snapshot();
  const refusal = { code: 'gateway_lake_unsupported', message: expect.stringContaining('changeDataFeed') };
  for (const act of [() => log.commit(append(snapshot, 'a')), () => log.checkpoint(), () => log.cleanUp()]) {
    await expect(act()).rejects.toMatchObject(refusal);
  }
  const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['x9'], writerFeatures: ['x9'] };
  await store.putIfAbsent(commitKey(2), Buffer.from(JSON.stringify({ protocol })));
  await expect(log.snapshot()).rejects.toMatchObject({
    code: 'gateway_lake_unsupported',
    message: expect.stringContaining('x9'),
  });
});

test('a change that would make the table unwritable, or takes rows from an append-only one, is refused', async () => {
  const log = await fixture.table(fixture.store(), { 'delta.appendOnly': 'true' });
  await log.commit(append(await log.snapshot(), 'a'));
  const read = await log.snapshot();
  await expect(log.commit(remove(read, ['a']))).rejects.toMatchObject({ code: 'gateway_lake_unsupported' });
  const metaData = metadata({ 'delta.enableDeletionVectors': 'true' });
  const change = { read, actions: [{ metaData }], operation: 'SET TBLPROPERTIES', isBlindAppend: false };
  await expect(log.commit(change)).rejects.toMatchObject({ code: 'gateway_lake_unsupported' });
  await expect(log.commit(remove(read, ['a'], false))).resolves.toMatchObject({ version: 2 });
});

test('a table that was dropped, or dropped and made again, is not taken for the old one', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  for (const path of ['a', 'b', 'c']) await log.commit(append(await log.snapshot(), path));
  const read = await log.snapshot();
  const drop = async (): Promise<void> => {
    for await (const { key } of store.list('')) await store.delete([key]);
  };
  await drop();
  await expect(log.snapshot()).rejects.toMatchObject({ code: 'caller_table_not_found' });
  await expect(log.commit(append(read, 'd'))).rejects.toMatchObject({ code: 'gateway_lake_conflict' });
  const other = await fixture.table(store);
  await expect(log.commit(append(read, 'd'))).rejects.toMatchObject({ code: 'gateway_lake_conflict' });
  expect(await log.snapshot()).toEqual(await other.snapshot());
  for (let i = 0; i < 5; i++) await other.commit(append(await other.snapshot(), `new ${i}`));
  await expect(log.commit(append(read, 'd'))).rejects.toMatchObject({ code: 'gateway_lake_conflict' });
  expect((await log.snapshot()).metadata.id).toBe((await other.snapshot()).metadata.id);
});

test('a damaged commit or a gap in the log is said, not passed over', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  for (const path of ['a', 'b', 'c']) await log.commit(append(await log.snapshot(), path));
  await store.delete([commitKey(2)]);
  await expect(fixture.log(store).snapshot()).rejects.toMatchObject({
    code: 'gateway_lake_unavailable',
    message: expect.stringContaining('version 2 is missing'),
  });
  await store.putIfAbsent(commitKey(2), Buffer.from('{"add":'));
  await expect(fixture.log(store).snapshot()).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
});
