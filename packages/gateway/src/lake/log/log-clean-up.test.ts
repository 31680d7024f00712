import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { DeltaLog } from './delta-log.ts';
import { checkpointName } from './log-file-name.ts';
import { append, LOCATION, LogFixture, paths } from './testing/table-fixture.ts';

const DAY = 86_400_000;
const START = 1_800_000_000_000;

let fixture: LogFixture;
beforeAll(async () => {
  fixture = await LogFixture.open();
});
afterAll(() => fixture.close());

/** One commit a day, versions 0 to 9, checkpoints at 3 and 6. */
async function tableOfDays(
  configuration: Record<string, string>,
  clock: { now: number },
): Promise<{ store: ObjectStore; log: DeltaLog }> {
  const store = fixture.store();
  const log = await fixture.table(store, configuration, () => clock.now);
  for (let i = 1; i <= 9; i++) {
    clock.now += DAY;
    await log.commit(append(await log.snapshot(), `f${i}`));
    if (i === 3 || i === 6) await log.checkpoint();
    await store.putIfAbsent(`${LOCATION}/_delta_log/${String(i).padStart(20, '0')}.crc`, Buffer.from('{}'));
  }
  return { store, log };
}

async function names(store: ObjectStore): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(`${LOCATION}/_delta_log/`)) {
    found.push(key.slice(key.lastIndexOf('/') + 1).replace(/^0+(?=\d)/, ''));
  }
  return found;
}

test('deletes what lies before the newest checkpoint that is older than the retention, and no more', async () => {
  const clock = { now: START };
  const { store, log } = await tableOfDays({ 'delta.logRetentionDuration': 'interval 2 days' }, clock);
  clock.now = START + 7.5 * DAY; // the commit of version 6 is a day and a half old: not yet; that of 3 is
  expect(await log.cleanUp()).toBe(5);
  expect((await names(store)).slice(0, 4)).toEqual(['3.checkpoint.parquet', '3.crc', '3.json', '4.crc']);
  clock.now = START + 8.5 * DAY;
  expect(await log.cleanUp()).toBe(7);
  expect(await names(store)).toEqual([
    '6.checkpoint.parquet',
    '6.crc',
    '6.json',
    '7.crc',
    '7.json',
    '8.crc',
    '8.json',
    '9.crc',
    '9.json',
    '_last_checkpoint',
  ]);
  expect(await log.cleanUp()).toBe(0);
  const reader = fixture.log(store, () => clock.now);
  expect(paths(await reader.snapshot())).toHaveLength(9);
  expect(paths(await reader.snapshot({ version: 6 }))).toHaveLength(6);
  await expect(reader.snapshot({ version: 5 })).rejects.toMatchObject({ message: expect.stringContaining('6 to 9') });
  expect((await log.commit(append(await log.snapshot(), 'f10'))).version).toBe(10);
});

test('keeps everything for 30 days, and where the table says so', async () => {
  const clock = { now: START };
  const { log } = await tableOfDays({}, clock);
  clock.now = START + 29 * DAY;
  expect(await log.cleanUp()).toBe(0);
  clock.now = START + 34 * DAY;
  expect(await log.cleanUp()).toBe(5);
  const kept = await tableOfDays({ 'delta.enableExpiredLogCleanup': 'false' }, clock);
  clock.now += 100 * DAY;
  expect(await kept.log.cleanUp()).toBe(0);
});

test('keeps an hour however short the retention is', async () => {
  const clock = { now: START };
  const { log } = await tableOfDays({ 'delta.logRetentionDuration': 'interval 0 seconds' }, clock);
  clock.now = START + 6 * DAY + 3_600_000;
  expect(await log.cleanUp()).toBe(5);
  clock.now += 1;
  expect(await log.cleanUp()).toBe(7);
});

test('gives nothing up for a checkpoint that cannot be read', async () => {
  const clock = { now: START };
  const { store, log } = await tableOfDays({ 'delta.logRetentionDuration': 'interval 1 day' }, clock);
  clock.now += 30 * DAY;
  await store.put(`${LOCATION}/_delta_log/${checkpointName(6)}`, Buffer.from('damaged'));
  expect(await log.cleanUp()).toBe(5);
  await store.put(`${LOCATION}/_delta_log/${checkpointName(3)}`, Buffer.from('damaged'));
  expect(await log.cleanUp()).toBe(0);
});

test('a log that was asleep while it was cleaned up catches up', async () => {
  const clock = { now: START };
  const { store, log } = await tableOfDays({ 'delta.logRetentionDuration': 'interval 1 day' }, clock);
  const asleep = fixture.log(store, () => clock.now);
  const read = await asleep.snapshot({ version: 2 });
  await asleep.snapshot();
  for (let i = 10; i <= 12; i++) {
    clock.now += DAY;
    await log.commit(append(await log.snapshot(), `f${i}`));
  }
  await log.checkpoint();
  clock.now += 30 * DAY;
  await log.cleanUp();
  await expect(asleep.commit(append(read, 'late'))).rejects.toMatchObject({ code: 'gateway_lake_conflict' });
  expect((await asleep.snapshot()).version).toBe(12);
});
