import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectStore } from '../object-store/object-store.ts';
import { sqlString } from '../parquet/sql-text.ts';
import type { Action, AddFile, DeletionVector, DomainMetadata, Metadata, Transaction } from './actions.ts';
import { checkpointDue, DeltaLog } from './delta-log.ts';
import { checkpointName, commitName } from './log-file-name.ts';
import { fileKey, type Snapshot } from './snapshot.ts';
import { append, creation, file, LOCATION, LogFixture, metadata, paths, remove } from './testing/table-fixture.ts';

let fixture: LogFixture;
beforeAll(async () => {
  fixture = await LogFixture.open();
});
afterAll(() => fixture.close());

const logKey = (name: string): string => `${LOCATION}/_delta_log/${name}`;

async function deleteCommits(store: ObjectStore, first: number, last: number): Promise<void> {
  await store.delete(Array.from({ length: last - first + 1 }, (_, i) => logKey(commitName(first + i))));
}

/** A snapshot in a form that does not depend on the order in which files were found. */
function state(snapshot: Snapshot): unknown {
  const byKey = (a: { path: string }, b: { path: string }): number => (fileKey(a) < fileKey(b) ? -1 : 1);
  return {
    version: snapshot.version,
    timestamp: snapshot.timestamp,
    metadata: snapshot.metadata,
    protocol: snapshot.protocol,
    files: snapshot.files.toSorted(byKey),
    // Statistics and tags of tombstones are not kept in checkpoints, and those that have expired are not kept at all.
    tombstones: snapshot.tombstones.map(({ stats, tags, ...rest }) => rest).toSorted(byKey),
    transactions: sortedMap(snapshot.transactions),
    domains: sortedMap(snapshot.domains),
  };
}

function sortedMap<V>(map: ReadonlyMap<string, V>): Map<string, V> {
  return new Map([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const CLOCK = 1_800_000_000_000;
const odd = fc.constantFrom('a', 'b%20b', "c'c", 'ü"\\', 'd=1/e');
const vector: fc.Arbitrary<DeletionVector | undefined> = fc.option(
  fc.record({
    storageType: fc.constantFrom('u' as const, 'i' as const),
    pathOrInlineDv: fc.constantFrom('ab^-aqEH.-t@S}K{vb[*k^', 'wi5b='),
    offset: fc.option(fc.constantFrom(1, 40), { nil: undefined }),
    sizeInBytes: fc.constant(36),
    cardinality: fc.constant(2),
  }),
  { nil: undefined, freq: 2 },
);
const statistics = fc.constantFrom(
  '{"numRecords":3,"minValues":{"n":1763841600123456789}}',
  '{"x":"\\u0000 \\n ü"}',
  undefined,
);
const add: fc.Arbitrary<AddFile> = fc.record({
  path: odd,
  partitionValues: fc.constantFrom({}, { day: '2026-01-01', region: null }, { 'o"dd': "k'ey" }),
  size: fc.maxSafeNat(),
  modificationTime: fc.maxSafeNat(),
  dataChange: fc.boolean(),
  stats: statistics,
  tags: fc.constantFrom(undefined, {}, { a: 'b' }),
  deletionVector: vector,
  baseRowId: fc.constantFrom(undefined, 7),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: add.map((one) => ({ add: one })) },
  {
    weight: 3,
    arbitrary: fc.record({
      remove: fc.record({
        path: odd,
        dataChange: fc.boolean(),
        deletionTimestamp: fc.constantFrom(CLOCK, CLOCK - 5000),
        extendedFileMetadata: fc.constantFrom(true, undefined),
        partitionValues: fc.constantFrom(undefined, { day: null }),
        size: fc.constantFrom(undefined, 5),
        stats: statistics,
        deletionVector: vector,
      }),
    }),
  },
  fc.record({
    txn: fc.record({
      appId: fc.constantFrom('one', 'two'),
      version: fc.nat(),
      lastUpdated: fc.constantFrom(undefined, CLOCK),
    }),
  }),
  fc.record({
    domainMetadata: fc.record({
      domain: fc.constantFrom('delta.x', 'mine'),
      configuration: fc.constantFrom('{}', '{"a":"ü"}'),
      removed: fc.boolean(),
    }),
  }),
  fc.record({
    metaData: fc.constantFrom(metadata(), {
      ...metadata({ 'a.b': 'c"d' }),
      name: 'n',
      description: "d'",
      partitionColumns: ['day'],
    }),
  }),
);

/** The state of a table as simply as it can be told. */
class Model {
  readonly files = new Map<string, AddFile>();
  readonly tombstones = new Map<string, object>();
  readonly transactions = new Map<string, Transaction>();
  readonly domains = new Map<string, DomainMetadata>();
  metadata: Metadata | undefined;

  apply(actions: readonly Action[]): void {
    for (const one of actions) {
      if ('add' in one) {
        this.files.set(fileKey(one.add), one.add);
        this.tombstones.delete(fileKey(one.add));
      } else if ('remove' in one) {
        const { stats, ...rest } = one.remove;
        this.files.delete(fileKey(one.remove));
        this.tombstones.set(fileKey(one.remove), rest);
      } else if ('txn' in one) this.transactions.set(one.txn.appId, one.txn);
      else if ('metaData' in one) this.metadata = one.metaData;
      else if ('domainMetadata' in one) {
        this.domains.delete(one.domainMetadata.domain);
        if (!one.domainMetadata.removed) this.domains.set(one.domainMetadata.domain, one.domainMetadata);
      }
    }
  }
}

test('replay over a checkpoint, with or without the commits below it, agrees with a plain model', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(action, { maxLength: 4 }), { minLength: 1, maxLength: 7 }),
      fc.nat(),
      fc.boolean(),
      async (commits, checkpointAt, deleteBelow) => {
        const store = fixture.store();
        const log = await fixture.table(store, {}, () => CLOCK);
        const model = new Model();
        model.metadata = (await log.snapshot()).metadata;
        const at = checkpointAt % (commits.length + 1);
        if (at === 0) expect(await log.checkpoint()).toBe(true);
        for (const [i, actions] of commits.entries()) {
          await log.commit({ read: await log.snapshot(), actions, operation: 'TEST', isBlindAppend: false });
          model.apply(actions);
          if (at === i + 1) expect(await log.checkpoint()).toBe(true);
        }
        if (deleteBelow && at > 0) await deleteCommits(store, 0, at - 1);
        const fresh = await fixture.log(store, () => CLOCK).snapshot();
        expect(fresh.checkpointVersion).toBe(at);
        expect(state(fresh)).toEqual(state(await log.snapshot()));
        expect(state(fresh)).toEqual(
          state({
            ...fresh,
            version: commits.length,
            timestamp: CLOCK + commits.length,
            metadata: model.metadata,
            files: [...model.files.values()],
            tombstones: [...model.tombstones.values()] as Snapshot['tombstones'],
            transactions: model.transactions,
            domains: model.domains,
          }),
        );
      },
    ),
    { numRuns: 30 },
  );
}, 30_000);

test('is due after its interval, and is written once', async () => {
  const log = await fixture.table(fixture.store(), { 'delta.checkpointInterval': '3' });
  const due: boolean[] = [];
  for (let i = 1; i <= 6; i++) {
    await log.commit(append(await log.snapshot(), `f${i}`));
    due.push(checkpointDue(await log.snapshot()));
    if (i === 4) expect([await log.checkpoint(), await log.checkpoint()]).toEqual([true, false]);
  }
  expect(due).toEqual([false, false, true, true, false, false]);
});

test('only one of two logs writes the checkpoint of a version', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  const other = fixture.log(store);
  await other.snapshot();
  expect(await log.checkpoint()).toBe(true);
  expect(await other.checkpoint()).toBe(false);
});

test('keeps tombstones until vacuum may have deleted their files', async () => {
  const store = fixture.store();
  let clock = CLOCK;
  const log = await fixture.table(store, { 'delta.deletedFileRetentionDuration': 'interval 1 hour' }, () => clock);
  await log.commit(append(await log.snapshot(), 'a', 'b', 'c'));
  const read = await log.snapshot();
  const removal = (path: string, deletionTimestamp: number): Action => ({
    remove: { path, dataChange: true, deletionTimestamp },
  });
  await log.commit({ ...remove(read, []), actions: [removal('a', clock - 1000), removal('b', clock - 3_600_001)] });
  await log.checkpoint();
  expect((await fixture.log(store).snapshot()).tombstones.map((one) => one.path)).toEqual(['a']);
  clock += 3_600_000;
  await log.commit(append(await log.snapshot(), 'd'));
  await log.checkpoint();
  expect((await fixture.log(store).snapshot()).tombstones).toEqual([]);
});

/** A table of six versions with checkpoints at 2 and 4, read by a new log after something happened to it. */
async function readAfter(change: (store: ObjectStore) => Promise<void>): Promise<Snapshot> {
  const store = fixture.store();
  const log = await fixture.table(store);
  for (let i = 1; i <= 6; i++) {
    await log.commit(append(await log.snapshot(), `f${i}`));
    if (i === 2 || i === 4) await log.checkpoint();
  }
  await change(store);
  return fixture.log(store).snapshot();
}

const whole = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6'];

test.each<[string, Uint8Array | string | undefined]>([
  ['missing', undefined],
  ['empty', ''],
  ['half written', '{"version":4,"si'],
  ['no object', '[4]'],
  ['without a version', '{"size":3}'],
  ['stale', '{"version":2,"size":3}'],
  ['of a version that never was', '{"version":400,"size":3}'],
  ['of a version without a checkpoint', '{"version":5,"size":3}'],
  ['negative', '{"version":-1}'],
])('a hint that is %s does no harm', async (_, bytes) => {
  const snapshot = await readAfter(async (store) => {
    if (bytes === undefined) await store.delete([logKey('_last_checkpoint')]);
    else await store.put(logKey('_last_checkpoint'), Buffer.from(bytes));
  });
  expect([snapshot.version, snapshot.checkpointVersion, paths(snapshot)]).toEqual([6, 4, whole]);
});

test.each<[string, (bytes: Buffer) => Uint8Array]>([
  ['cut off', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['empty', () => new Uint8Array()],
  ['of other bytes', (bytes) => Buffer.alloc(bytes.length, 'x')],
])('a checkpoint that is %s is passed over for an older one, and for the commits', async (_, damage) => {
  const damageVersion = async (store: ObjectStore, version: number): Promise<void> => {
    const key = logKey(checkpointName(version));
    await store.put(key, damage((await store.get(key))!));
  };
  const older = await readAfter((store) => damageVersion(store, 4));
  expect([older.checkpointVersion, paths(older)]).toEqual([2, whole]);
  const none = await readAfter(async (store) => {
    await damageVersion(store, 2);
    await damageVersion(store, 4);
  });
  expect([none.checkpointVersion, paths(none)]).toEqual([undefined, whole]);
  const lost = readAfter(async (store) => {
    await damageVersion(store, 2);
    await damageVersion(store, 4);
    await deleteCommits(store, 0, 1);
  });
  await expect(lost).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
});

test('a checkpoint that the hint names and that is gone is passed over', async () => {
  const snapshot = await readAfter((store) => store.delete([logKey(checkpointName(4))]));
  expect([snapshot.checkpointVersion, paths(snapshot)]).toEqual([2, whole]);
});

test('the range of versions is what checkpoints and commits still give', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  for (let i = 1; i <= 6; i++) {
    await log.commit(append(await log.snapshot(), `f${i}`));
    if (i === 3 || i === 5) await log.checkpoint();
  }
  await deleteCommits(store, 0, 2);
  const reader = fixture.log(store);
  expect(paths(await reader.snapshot({ version: 4 }))).toEqual(['f1', 'f2', 'f3', 'f4']);
  await expect(reader.snapshot({ version: 2 })).rejects.toMatchObject({ message: expect.stringContaining('3 to 6') });
  await expect(reader.snapshot({ timestamp: 1 })).rejects.toMatchObject({ code: 'caller_invalid_parameter' });
  expect((await reader.history()).map((one) => one.version)).toEqual([6, 5, 4, 3]);
});

/** Writes a Parquet file of a query into the log. */
async function writeParquet(store: ObjectStore, name: string, query: string): Promise<void> {
  const local = path.join(fixture.directory, crypto.randomUUID());
  await fixture.engine.execute(`COPY (${query}) TO ${sqlString(local)} (FORMAT parquet)`);
  await store.putFile(logKey(name), local);
}

/** A table of two versions whose checkpoint at version 1 others write; gives the path of ours to start from. */
async function foreignTable(): Promise<{ store: ObjectStore; ours: string; own: Snapshot }> {
  const store = fixture.store();
  const log = await fixture.table(store);
  const transaction = { appId: 'app', version: 3 };
  await log.commit({ ...append(await log.snapshot(), 'a', 'b'), transaction });
  const own = await log.snapshot();
  await log.checkpoint();
  const ours = path.join(fixture.directory, crypto.randomUUID());
  await writeFile(ours, (await store.get(logKey(checkpointName(1))))!);
  await store.delete([logKey(checkpointName(1)), logKey('_last_checkpoint')]);
  await deleteCommits(store, 0, 0);
  return { store, ours: `read_parquet(${sqlString(ours)})`, own };
}

const UUID = '80a083e8-7026-4e79-81be-64bd76c43a11';

test('reads a checkpoint in several parts once all are there', async () => {
  const { store, ours, own } = await foreignTable();
  const part = (n: number): string => checkpointName(1).replace('.parquet', `.000000000${n}.0000000002.parquet`);
  await writeParquet(
    store,
    part(1),
    `SELECT protocol, "add" FROM ${ours} WHERE "add" IS NOT NULL OR protocol IS NOT NULL`,
  );
  await expect(fixture.log(store).snapshot()).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
  await writeParquet(store, part(2), `SELECT metaData, txn FROM ${ours} WHERE metaData IS NOT NULL OR txn IS NOT NULL`);
  expect(state(await fixture.log(store).snapshot())).toEqual(state(own));
});

test.each(['json', 'parquet'])('reads a V2 checkpoint in %s with sidecars', async (format) => {
  const { store, ours, own } = await foreignTable();
  const sidecars = ['a', 'b'].map((name) => `side ${name}.parquet`);
  for (const [i, name] of ['a', 'b'].entries()) {
    await writeParquet(store, `_sidecars/${sidecars[i]}`, `SELECT "add" FROM ${ours} WHERE "add"."path" = '${name}'`);
  }
  const name = `${commitName(1).slice(0, 20)}.checkpoint.${UUID}.${format}`;
  if (format === 'json') {
    const lines: unknown[] = [
      { checkpointMetadata: { version: 1 } },
      { protocol: own.protocol },
      { metaData: own.metadata },
      { txn: own.transactions.get('app') },
      ...sidecars.map((one) => ({ sidecar: { path: encodeURIComponent(one), sizeInBytes: 1, modificationTime: 1 } })),
    ];
    await store.putIfAbsent(logKey(name), Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')));
  } else {
    const rest = `SELECT protocol, metaData, txn, NULL AS sidecar FROM ${ours} WHERE "add" IS NULL`;
    const references = sidecars.map(
      (one) =>
        `SELECT NULL, NULL, NULL, {'path': ${sqlString(`file:///elsewhere/${encodeURIComponent(one)}`)}, 'sizeInBytes': 1}`,
    );
    await writeParquet(store, name, [rest, ...references].join(' UNION ALL '));
  }
  expect(state(await fixture.log(store).snapshot())).toEqual(state(own));
  await store.delete([logKey(`_sidecars/${sidecars[0]!}`)]);
  await expect(fixture.log(store).snapshot()).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
});

test('reads structs of nulls for missing actions, unknown columns, and statistics kept as a struct', async () => {
  const { store, ours, own } = await foreignTable();
  await writeParquet(
    store,
    checkpointName(1),
    `SELECT {'minReaderVersion': protocol.minReaderVersion, 'minWriterVersion': protocol.minWriterVersion} AS protocol,
       {'id': metaData.id, 'schemaString': metaData.schemaString, 'format': metaData.format, 'configuration': metaData.configuration, 'createdTime': metaData.createdTime, 'partitionColumns': metaData.partitionColumns} AS metaData,
       {'appId': txn.appId, 'version': txn.version, 'lastUpdated': txn.lastUpdated} AS txn,
       {'path': "add"."path", 'size': "add".size, 'modificationTime': "add".modificationTime, 'partitionValues': "add".partitionValues, 'dataChange': "add".dataChange, 'stats_parsed': {'numRecords': 41}} AS "add",
       {'path': remove.path} AS remove, 1 AS novelty
     FROM ${ours}`,
  );
  const files = own.files.map((one) => ({ ...one, stats: '{"numRecords":41}' }));
  expect(state(await fixture.log(store).snapshot())).toEqual(state({ ...own, files }));
});

test('keeps the lists of features for protocol 3/7 alone', async () => {
  const store = fixture.store();
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['timestampNtz'],
    writerFeatures: ['timestampNtz', 'appendOnly'],
  };
  const log = fixture.log(store);
  const actions = [{ protocol }, { metaData: metadata() }, { add: file('a') }];
  await log.commit({ read: undefined, actions, operation: 'CREATE TABLE', isBlindAppend: true });
  await log.checkpoint();
  expect((await fixture.log(store).snapshot()).protocol).toEqual(protocol);
});

test('a table that wants statistics as a struct gets no checkpoint without them', async () => {
  const log = await fixture.table(fixture.store(), { 'delta.checkpoint.writeStatsAsStruct': 'true' });
  expect(await log.checkpoint()).toBe(false);
});

test('a neighbour whose name the place of the table matches as a pattern is not read', async () => {
  const store = fixture.store();
  const log = await fixture.table(store);
  await log.commit(append(await log.snapshot(), 'a'));
  await log.checkpoint();
  const neighbour = new DeltaLog({ store, location: LOCATION.replace('[1]*?', '1xy'), engine: fixture.engine });
  await neighbour.commit(creation());
  await neighbour.commit(append(await neighbour.snapshot(), 'b'));
  await neighbour.checkpoint();
  expect(paths(await fixture.log(store).snapshot())).toEqual(['a']);
});

test('the temporary files of a checkpoint are gone afterwards', async () => {
  const log = await fixture.table(fixture.store());
  await log.checkpoint();
  expect(await readdir(fixture.engine.temporaryDirectory)).toEqual([]);
});
